"""Decoding of uploaded files: UTF-16 with a byte order mark, UTF-8 where most non-ASCII letters are valid UTF-8, else Windows-1252.

An invalid byte in a UTF-8 file becomes a lone surrogate: it is an issue of its cell and does not change the encoding of the whole file.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import Literal

from chalicelib.rules.imports.refusals import NotCsv, NulCharacters, UnknownEncoding

Encoding = Literal["utf-8", "utf-16", "windows-1252"]
CODECS: dict[Encoding, str] = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
PIECE = 64 * 1024
WRONG = re.compile("[\udc80-\udcff]")
"""Bytes that are not UTF-8, as `surrogateescape` keeps them."""
LETTERS = re.compile("[^\0-\x7f\udc80-\udcff]")


def encoding_of(data: bytes) -> Encoding:
    """Return the file's encoding. Raises NotCsv for a spreadsheet's own format."""
    if data.startswith(WORKBOOKS):
        raise NotCsv
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8" if _is_utf8(data) else "windows-1252"


def lines(data: bytes, encoding: Encoding) -> Iterator[str]:
    """Return the lines of the file with their ends. Raises NulCharacters, UnknownEncoding."""
    text = io.TextIOWrapper(io.BytesIO(data), CODECS[encoding], errors="surrogateescape" if encoding == "utf-8" else "strict", newline="")
    while line := _next(text):
        if "\0" in line:
            raise NulCharacters
        yield line


def _next(text: io.TextIOWrapper) -> str:
    try:
        return text.readline()
    except UnicodeDecodeError:
        raise UnknownEncoding from None


def _is_utf8(data: bytes) -> bool:
    """Whether there are more valid non-ASCII letters of UTF-8 than invalid bytes. Decodes in pieces, so as not to hold a second copy."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    letters = wrong = 0
    for first in range(0, len(data), PIECE):
        piece = decoder.decode(data[first : first + PIECE], final=first + PIECE >= len(data))
        letters += len(LETTERS.findall(piece))
        wrong += len(WRONG.findall(piece))
    return wrong == 0 or letters > wrong
