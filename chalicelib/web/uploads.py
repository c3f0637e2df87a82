"""Uploaded files: the body itself, or a field of a form. Larger files are posted directly to the bucket."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.web.call import Call
from chalicelib.web.refusals import NoFile, NotAFile, NotUtf8, UploadTooLarge

MOST_BYTES = 4 * 1024 * 1024
ENVELOPE = 64 * 1024
"""The bytes that a form may have besides its file."""
MOST_PARTS = 100
FORM = "multipart/form-data"
TEXT = "text/csv"
BYTES = "application/octet-stream"
REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, byte for byte, and the other fields of its form."""

    content: bytes
    fields: Mapping[str, str]


def received(call: Call, kind: str) -> Upload:
    """Return the file of a request with this content type. Raises UploadTooLarge, NotAFile, NotUtf8, NoFile."""
    if len(call.body) > MOST_BYTES + ENVELOPE:
        raise UploadTooLarge
    upload = _form(call) if kind == FORM else _plain(call, kind)
    if len(upload.content) > MOST_BYTES:
        raise UploadTooLarge
    if not upload.content:
        raise NoFile
    return upload


def is_form(call: Call) -> bool:
    """Return whether the request is a form that may contain a file."""
    return call.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


def form(call: Call) -> Upload:
    """Return the file and fields of a page's form; the file is empty if none was chosen. Raises UploadTooLarge, NotAFile."""
    if len(call.body) > MOST_BYTES + ENVELOPE:
        raise UploadTooLarge
    return _form(call)


def _plain(call: Call, kind: str) -> Upload:
    if kind not in {TEXT, BYTES}:
        raise NotAFile
    if kind == TEXT and REPLACEMENT in call.body:
        raise NotUtf8
    return Upload(call.body, {})


def _form(call: Call) -> Upload:
    """Return the fields of a form and the file among them. Raises NotAFile for a body that is no such form."""
    from multipart import MultipartError  # only forms with a file pay for its import

    content, fields = b"", {}
    try:
        for name, filename, value in _parts(call.headers.get("content-type", ""), call.body):
            if filename is None:
                fields[name] = value.decode(errors="replace")
            else:
                content = value
    except MultipartError:
        raise NotAFile from None
    return Upload(content, fields)


def _parts(content_type: str, body: bytes) -> Iterator[tuple[str, str | None, bytes]]:
    """Yield name, file name (None unless the part is a file) and content of each part.

    Raises MultipartError for a body that is no form, for heads of more than 4 KB, and for more than MOST_PARTS parts.
    """
    from multipart import ParserError, PushMultipartParser, parse_options_header

    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if not boundary.isascii():
        raise ParserError("The boundary is not ASCII")
    name, filename, content = "", None, bytearray()
    with PushMultipartParser(boundary, content_length=len(body), max_segment_count=MOST_PARTS) as parser:
        for event in parser.parse(body):
            if event is None:
                yield name, filename, bytes(content)
            elif isinstance(event, bytes | bytearray):
                content += event
            elif not event.name:
                raise ParserError("A part without a name")
            else:
                name, filename, content = event.name, event.filename, bytearray()
