"""Forms as browsers send them when a file is among their fields (RFC 7578)."""

from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

MOST_PARTS = 100
BLANK_LINE = b"\r\n\r\n"


class Malformed(Exception):
    """This is no such form."""


class Part(NamedTuple):
    """One field: `filename` is None unless it is a file."""

    name: str
    filename: str | None
    content: bytes


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """Return the fields in order, their content byte for byte. Raises Malformed."""
    boundary = _headers(f"Content-Type: {content_type}").get_param("boundary")
    if not isinstance(boundary, str) or not boundary or not boundary.isascii():
        raise Malformed
    mark = f"\r\n--{boundary}".encode()
    _, *found = (b"\r\n" + body).split(mark, MOST_PARTS)
    if not found or not found[-1].startswith(b"--"):
        raise Malformed
    for part in found[:-1]:
        yield _part(part)


def _part(part: bytes) -> Part:
    head, blank, content = part.partition(BLANK_LINE)
    headers = _headers(head.decode(errors="replace").strip())
    name = headers.get_param("name", header="content-disposition")
    filename = headers.get_param("filename", header="content-disposition")
    if not blank or not isinstance(name, str):
        raise Malformed
    return Part(name, filename if isinstance(filename, str) else None, content)


def _headers(text: str) -> Message:
    message = Message()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        message[name.strip()] = value.strip()
    return message
