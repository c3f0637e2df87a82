"""The body of an HTTP/1.1 request: of a given length, or in chunks."""

from email.message import Message
from http import HTTPStatus
from io import BufferedIOBase

LARGEST_BODY = 6 * 1024 * 1024


class RefusedError(Exception):
    """A request that HTTP, or our limit, does not allow."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def read_body(stream: BufferedIOBase, headers: Message) -> bytes:
    """Return the body of a request. Raises RefusedError, and ConnectionResetError if the client goes away."""
    lengths, coding = set(headers.get_all("Content-Length", [])), headers.get("Transfer-Encoding")
    if coding is not None:
        if lengths or coding.strip().lower() != "chunked":
            raise RefusedError(HTTPStatus.BAD_REQUEST)
        return _chunks(stream)
    if not lengths:
        return b""
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()):
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    return _read(stream, _allowed(int(length)))


def _chunks(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream):
        _allowed(len(body) + size)
        body += _read(stream, size)
        _line(stream)
    while _line(stream):
        pass
    return bytes(body)


def _chunk_size(stream: BufferedIOBase) -> int:
    digits = _line(stream).partition(b";")[0].strip()
    if not digits or digits.strip(b"0123456789abcdefABCDEF"):
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    return int(digits, 16)


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(1024)
    if not line.endswith(b"\n"):
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    return line.strip()


def _read(stream: BufferedIOBase, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise ConnectionResetError
    return content


def _allowed(size: int) -> int:
    if size > LARGEST_BODY:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return size
