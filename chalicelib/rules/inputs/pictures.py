"""Input about a picture."""

from chalicelib.rules.inputs.input import Input
from chalicelib.rules.text import SingleLine


class PictureInput(Input):
    """What a picture shows, for those who do not see it."""

    alt: SingleLine = ""
    following: bool = False
    """Of a session: also those of its series that follow it."""


class LogoInput(Input):
    """What a logo shows, for those who do not see it."""

    alt: SingleLine = ""
