"""Files that come with a request: as they are, or in a form with fields beside them. Larger ones go into the bucket instead."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.web.call import Call
from chalicelib.web.multipart import Malformed, parts
from chalicelib.web.refusals import NoFile, NotAFile, NotUtf8, UploadTooLarge

MOST_BYTES = 4 * 1024 * 1024
ENVELOPE = 64 * 1024
"""What a form may have around its file."""
FORM = "multipart/form-data"
TEXT = "text/csv"
BYTES = "application/octet-stream"
REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and the fields beside it."""

    content: bytes
    fields: Mapping[str, str]


def received(call: Call, kind: str) -> Upload:
    """Return the file of a request. Raises UploadTooLarge, NotAFile, NotUtf8, NoFile."""
    if len(call.body) > MOST_BYTES + ENVELOPE:
        raise UploadTooLarge
    upload = _form(call) if kind == FORM else _plain(call, kind)
    if len(upload.content) > MOST_BYTES:
        raise UploadTooLarge
    if not upload.content:
        raise NoFile
    return upload


def is_form(call: Call) -> bool:
    """Whether this is a form that may have a file in it."""
    return call.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


def form(call: Call) -> Upload:
    """Return what a form of ours brought; its file is empty when none was chosen. Raises UploadTooLarge, NotAFile."""
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
    content, fields = b"", {}
    try:
        for part in parts(call.headers.get("content-type", ""), call.body):
            if part.filename is None:
                fields[part.name] = part.content.decode(errors="replace")
            else:
                content = part.content
    except Malformed:
        raise NotAFile from None
    return Upload(content, fields)
