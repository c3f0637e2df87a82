"""Names and free text as people type them: composed (NFC), without control or bidirectional-override characters, never re-cased."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

FORBIDDEN = {"Cc", "Cs", "Co", "Cn"}
BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(value: str) -> str:
    """Return one line of text, cleaned at its ends, or refuse characters that nobody types into a name."""
    composed = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(c) in FORBIDDEN or c in BIDI_CONTROLS or c in "\u2028\u2029" for c in composed):
        raise PydanticCustomError("control_characters", "Remove the invisible control characters and line breaks.")
    return composed


def paragraphs(value: str) -> str:
    """Return text of several lines with `\\n` between them, or refuse control characters."""
    composed = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if any((unicodedata.category(c) in FORBIDDEN and c not in "\n\t") or c in BIDI_CONTROLS for c in composed):
        raise PydanticCustomError("control_characters", "Remove the invisible control characters.")
    return composed


def _filled(value: str) -> str:
    if not value:
        raise PydanticCustomError("empty", "Fill this in.")
    return value


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(line)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(line), AfterValidator(_filled)]
Paragraphs = Annotated[str, StringConstraints(max_length=5000), AfterValidator(paragraphs)]
