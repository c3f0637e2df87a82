"""Names and free text as people type them: composed (NFC), without control or bidirectional-override characters, never re-cased."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

FORBIDDEN = {"Cc", "Cs", "Co"}
BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SEEN = set("LNPS")
"""The kinds of characters that leave a mark: letters, numbers, punctuation, symbols."""
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")
"""What counts among them and leaves none."""


def line(value: str) -> str:
    """Return one line of text, cleaned at its ends, or refuse characters that nobody types into a name."""
    composed = unicodedata.normalize("NFC", value).strip()
    if any(_forbidden(c) or c in "\u2028\u2029" for c in composed):
        raise PydanticCustomError("control_characters", "Remove the invisible control characters and line breaks.")
    return composed


def paragraphs(value: str) -> str:
    """Return text of several lines with `\\n` between them, or refuse control characters."""
    composed = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if any(_forbidden(c) and c not in "\n\t" for c in composed):
        raise PydanticCustomError("control_characters", "Remove the invisible control characters.")
    return composed


def _forbidden(character: str) -> bool:
    """Whether nobody types it. What Unicode has not assigned yet may be next year's emoji; what it never will is refused."""
    code = ord(character)
    never = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return never or unicodedata.category(character) in FORBIDDEN or character in BIDI_CONTROLS


def without_accents(value: str) -> str:
    """Return the text as lists are sorted and searched by: Élodie stands with elodie."""
    apart = unicodedata.normalize("NFKD", value.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def filled(value: str) -> str:
    """Return the text, or refuse one in which nothing can be seen."""
    if not any(_leaves_a_mark(c) for c in value):
        raise PydanticCustomError("empty", "Fill this in.")
    return value


def _leaves_a_mark(character: str) -> bool:
    return (unicodedata.category(character)[0] in SEEN or unicodedata.category(character) == "Cn") and character not in BLANK


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(line)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(line), AfterValidator(filled)]
Paragraphs = Annotated[str, StringConstraints(max_length=5000), AfterValidator(paragraphs)]
Text = Annotated[Paragraphs, AfterValidator(filled)]
