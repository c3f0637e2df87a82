"""Forms with files: a file's bytes arrive unchanged, and malformed forms are refused."""

import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.web import uploads
from chalicelib.web.refusals import NotAFile
from chalicelib.web.uploads import Upload

KIND = "multipart/form-data; boundary=----mark"


def body(*fields: tuple[str, bytes]) -> bytes:
    return b"".join(b"------mark\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in fields) + b"------mark--\r\n"


def read(kind: str, body: bytes) -> Upload:
    """Return the upload in a form."""
    return uploads.form(SimpleNamespace(headers={"content-type": kind}, body=body))  # type: ignore[arg-type]


@given(st.binary(max_size=200).filter(lambda content: b"------mark" not in content))
def test_a_file_arrives_byte_for_byte(content: bytes) -> None:
    file = 'Content-Disposition: form-data; name="file"; filename="Zoë; a.csv"\r\nContent-Type: text/csv'
    sent = body(('content-disposition: form-data; name="width"', b"10"), (file, content))
    assert read(KIND, sent) == Upload(content, {"width": "10"})


def test_a_quoted_boundary_and_a_preamble_are_read() -> None:
    sent = b"to be ignored\r\n" + body(('Content-Disposition: form-data; name="a"', b"1"))
    assert read('multipart/form-data; boundary="----mark"', sent) == Upload(b"", {"a": "1"})


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("multipart/form-data", body()),
        ("multipart/form-data; boundary=", body()),
        ("multipart/form-data; boundary=\u00e9", body()),
        (KIND, b""),
        (KIND, b'------mark\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut off'),
        (KIND, body(("Content-Disposition: form-data", b"nameless"))),
        (KIND, b"------mark\r\nno blank line\r\n------mark--\r\n"),
        (KIND, b"------mark\r\n" * 1000),
        (KIND, body(*[('Content-Disposition: form-data; name="a"', b"1")] * 101)),
    ],
)
def test_a_body_that_is_no_such_form_is_refused(kind: str, sent: bytes) -> None:
    with pytest.raises(NotAFile):
        read(kind, sent)


def test_a_head_of_240_kb_is_refused_at_once() -> None:
    """R18: parameters of the head must not be read in quadratic time."""
    sent = body(('Content-Disposition: form-data; name="a"' + ";a" * 120_000, b"v"))
    began = time.process_time()
    with pytest.raises(NotAFile):
        read(KIND, sent)
    assert time.process_time() - began < 0.1


@given(st.text(max_size=60), st.binary(max_size=200))
def test_any_boundary_and_any_body_are_read_or_refused(kind: str, sent: bytes) -> None:
    try:
        read(f"multipart/form-data; boundary={kind}", sent)
    except NotAFile:
        return
