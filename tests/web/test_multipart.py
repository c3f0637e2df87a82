"""Forms with files: whatever the bytes of the file, they arrive as they were; what is no such form is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.web.multipart import Malformed, parts

KIND = "multipart/form-data; boundary=----mark"


def body(*fields: tuple[str, bytes]) -> bytes:
    return b"".join(b"------mark\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in fields) + b"------mark--\r\n"


@given(st.binary(max_size=200).filter(lambda content: b"------mark" not in content))
def test_a_file_arrives_byte_for_byte(content: bytes) -> None:
    file = 'Content-Disposition: form-data; name="file"; filename="Zoë; a.csv"\r\nContent-Type: text/csv'
    sent = body(('content-disposition: form-data; name="width"', b"10"), (file, content))
    assert [(part.name, part.filename is None, part.content) for part in parts(KIND, sent)] == [
        ("width", True, b"10"),
        ("file", False, content),
    ]


def test_a_quoted_boundary_and_what_stands_before_the_first_part_are_understood() -> None:
    sent = b"to be ignored\r\n" + body(('Content-Disposition: form-data; name="a"', b"1"))
    assert [part.content for part in parts('multipart/form-data; boundary="----mark"', sent)] == [b"1"]


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("multipart/form-data", body()),
        ("multipart/form-data; boundary=", body()),
        ("multipart/form-data; boundary=é", body()),
        (KIND, b""),
        (KIND, b"------mark\r\nContent-Disposition: form-data; name=a\r\n\r\ncut off"),
        (KIND, body(("Content-Disposition: form-data", b"nameless"))),
        (KIND, b"------mark\r\nno blank line\r\n------mark--\r\n"),
        (KIND, b"------mark\r\n" * 1000),
    ],
)
def test_what_is_no_form_is_refused(kind: str, sent: bytes) -> None:
    with pytest.raises(Malformed):
        list(parts(kind, sent))


@given(st.text(max_size=60), st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(kind: str, sent: bytes) -> None:
    try:
        found = list(parts(f"multipart/form-data; boundary={kind}", sent))
    except Malformed:
        return
    assert all(part.name is not None for part in found)
