"""A picture of a session, or the logo of an organisation: small, and named after its content."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.rules.refusals import Invalid
from chalicelib.rules.translation import N_

NAME = re.compile(r"[0-9a-f]{64}-(?P<width>[1-9]\d{0,3})x(?P<height>[1-9]\d{0,3})\.(?:jpg|png)")
LOGO = "logo"
"""The owner of a logo, where that of a picture is the id of its session."""
KINDS = {"jpg": "image/jpeg", "png": "image/png"}


class NotAPicture(Invalid):
    code = "not_a_picture"
    sentence = N_("This file is not a picture that we can show. Choose a JPEG, PNG or WebP file of at most 50 megapixels.")


class NoPicture(Invalid):
    code = "no_picture"
    sentence = N_("There is no picture to describe yet. Upload one first.")


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture."""

    name: str
    """The SHA-256 of its content, its size in pixels, and its format: `….-1200x800.jpg`."""
    alt: str = ""
    """A description of the picture, for people who cannot see it."""

    @property
    def size(self) -> Size:
        return size_of(self.name)


def size_of(name: str) -> Size:
    """Return the size that a picture's name says. Raises ValueError for a text that names no picture."""
    found = NAME.fullmatch(name)
    if not found:
        raise ValueError(name)
    return Size(int(found["width"]), int(found["height"]))


def kind_of(name: str) -> str:
    """Return the media type of a picture."""
    return KINDS[name.rpartition(".")[2]]
