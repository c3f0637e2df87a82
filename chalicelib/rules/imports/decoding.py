"""From bytes to lines: a file is UTF-8, or UTF-16 where it says so, or else Windows-1252."""

import codecs
import io
from collections.abc import Iterator
from typing import Literal

from chalicelib.rules.imports.refusals import NotCsv, NulCharacters, UnknownEncoding

Encoding = Literal["utf-8", "utf-16", "windows-1252"]
CODECS: dict[Encoding, str] = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
PIECE = 64 * 1024


def encoding_of(data: bytes) -> Encoding:
    """Return the encoding that the file is in. Raises NotCsv for a spreadsheet's own format."""
    if data.startswith(WORKBOOKS):
        raise NotCsv
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8" if _is_utf8(data) else "windows-1252"


def lines(data: bytes, encoding: Encoding) -> Iterator[str]:
    """Return the lines of the file with their ends. Raises NulCharacters, UnknownEncoding."""
    text = io.TextIOWrapper(io.BytesIO(data), CODECS[encoding], newline="")
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
    """Whether all of it is; read in pieces, so that no second copy of the file is made."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for first in range(0, len(data), PIECE):
            decoder.decode(data[first : first + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
