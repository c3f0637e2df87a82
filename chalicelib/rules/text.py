"""Names and free text as people type them: composed (NFC), without control or bidirectional-override characters, never re-cased."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

FORBIDDEN = {"Cc", "Cs", "Co"}
BIDI_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
PASTED = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
"""Invisible characters that pasted text contains: soft hyphens, zero-width spaces, byte order and direction marks."""
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point: invisible characters."""
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""The full-width forms of ASCII, which keyboards for Chinese and Japanese produce."""
WHOLE_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ı": "i", "ĸ": "k", "ŋ": "n"}
)
"""Letters that Unicode does not decompose, as people type them on other keyboards."""
SEEN = set("LNPS")
"""The visible categories of characters: letters, numbers, punctuation, symbols."""
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")
"""Characters of these categories that are invisible all the same."""


def plain(value: str) -> str:
    """Return text for an address or a code: without invisible characters and surrounding spaces, full-width letters as ASCII."""
    if value.isascii():
        return value.strip()
    return IGNORABLE.sub("", value).translate(WIDE).strip()


def single_line(value: str) -> str:
    """Return one line of text without surrounding spaces and pasted invisible characters. Refuses control characters and line breaks."""
    composed = unicodedata.normalize("NFC", PASTED.sub("", value)).strip()
    if not composed.isprintable() and any(_forbidden(c) or c in "\u2028\u2029" for c in composed):  # All of them are unprintable.
        raise PydanticCustomError("control_characters", "Remove the invisible control characters and line breaks.")
    return composed


def paragraphs(value: str) -> str:
    """Return text of several lines, separated by `\\n`. Refuses control characters."""
    composed = unicodedata.normalize("NFC", PASTED.sub("", value.replace("\r\n", "\n"))).strip()
    if any(_forbidden(c) and c not in "\n\t" for c in composed):
        raise PydanticCustomError("control_characters", "Remove the invisible control characters.")
    return composed


def _forbidden(character: str) -> bool:
    """Whether the character is refused. Unassigned code points may be next year's emoji and are allowed; noncharacters are not."""
    code = ord(character)
    never = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return never or unicodedata.category(character) in FORBIDDEN or character in BIDI_OVERRIDES


def without_accents(value: str) -> str:
    """Return the text for sorting and searching: Élodie and elodie are equal."""
    apart = unicodedata.normalize("NFKD", value.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def words(value: str) -> list[str]:
    """Return the words of a text for searching, split at everything but letters and digits: O’Brien has two, and Łukasz is lukasz."""
    folded = without_accents(value).translate(WHOLE_LETTERS)
    return "".join(c if c.isalnum() else " " for c in folded).split()


def has_words(q: str, *texts: str) -> bool:
    """Whether each word of the query begins a word of the texts."""
    there = [word for text in texts for word in words(text)]
    return all(any(word.startswith(wanted) for word in there) for wanted in words(q))


def filled(value: str) -> str:
    """Return the text. Refuses text without a visible character."""
    if not any(_is_visible(c) for c in value):
        raise PydanticCustomError("empty", "Please fill in this field.")
    return value


def _is_visible(character: str) -> bool:
    return (unicodedata.category(character)[0] in SEEN or unicodedata.category(character) == "Cn") and character not in BLANK


ENDINGS = "com|net|org|info|biz|io|ru|cn|top|xyz|online|site|shop|link|click|example"
LINK = re.compile(rf"://|\bwww\.|[^\s@]+@[^\s@]+\.[^\s@]|\w\.(?:{ENDINGS})\b", re.IGNORECASE)
"""Links and addresses, also those that mail programs find without a scheme."""
ONLY_AN_ADDRESS = re.compile(r"[^\s@/]+@[^\s@/]+")


def without_link(value: str) -> str:
    """Return the name. Refuses one with a link or an address in it, which would advertise; a name that is only an address is allowed."""
    if LINK.search(plain(value)) and not ONLY_AN_ADDRESS.fullmatch(plain(value)):
        raise PydanticCustomError("link_in_name", "Write only the name here, without links or e-mail addresses.")
    return value


SingleLine = Annotated[str, StringConstraints(max_length=200), AfterValidator(single_line)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(single_line), AfterValidator(filled)]
PublicName = Annotated[Name, AfterValidator(without_link)]
"""A name that anybody may send."""
Paragraphs = Annotated[str, StringConstraints(max_length=5000), AfterValidator(paragraphs)]
Text = Annotated[Paragraphs, AfterValidator(filled)]
