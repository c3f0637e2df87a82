"""R11: a body that is not JSON, is ambiguous, too large or of another media type is refused clearly, and nothing is stored."""

import json

import pytest

from chalicelib.api.endpoints import MOST_BYTES
from tests.api.bodies import session_body
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office
from tests.http import Response

BODY = session_body()
TEXT = json.dumps(BODY)
NOT_JSON = {
    "cut off": TEXT[:-1],
    "nothing but spaces": "   ",
    "two documents": TEXT + TEXT,
    "a comma too many": TEXT[:-1] + ",}",
    "single quotes": TEXT.replace('"', "'"),
    "a comment": "/* hello */" + TEXT,
    "ten thousand brackets": "[" * 10_000,
    "ten thousand closed brackets": "[" * 10_000 + "]" * 10_000,
    "objects a thousand deep": '{"title":' * 1_000 + "1" + "}" * 1_000,
    "a field deep down": TEXT[:-1] + ', "more": ' + "[" * 300 + "]" * 300 + "}",
    "NaN": TEXT.replace("5", "NaN", 1),
    "Infinity": TEXT.replace('"spots_total": 5', '"spots_total": Infinity'),
    "minus Infinity": TEXT.replace('"spots_total": 5', '"spots_total": -Infinity'),
    "NaN where nothing belongs": TEXT[:-1] + ', "more": NaN}',
    "a name twice": TEXT[:-1] + ', "title": "Aikido"}',
    "a name twice, deep down": TEXT.replace('"amount": 1250', '"amount": 1250, "amount": 1'),
    "a name twice, once in escapes": TEXT[:-1] + ', "\\u0074itle": "Aikido"}',
    "half a character": TEXT.replace("Judo", "\\ud83d"),
    "the second half of a character": TEXT.replace("Judo", "\\ude00"),
    "halves in the wrong order": TEXT.replace("Judo", "\\ude00\\ud83d"),
    "a line break in a string": TEXT.replace("Judo", "Ju\ndo"),
    "NUL in a string": TEXT.replace("Judo", "Ju\0do"),
    "NUL at the end": TEXT + "\0",
    "a byte order mark": "\ufeff" + TEXT,
    "an octal number": TEXT.replace('"spots_total": 5', '"spots_total": 05'),
    "a hexadecimal number": TEXT.replace('"spots_total": 5', '"spots_total": 0x5'),
    "a number of five thousand digits": TEXT.replace('"spots_total": 5', '"spots_total": ' + "9" * 5_000),
    "UTF-16": TEXT.encode("utf-16"),
    "Latin-1": TEXT.replace("Judo", "Rémi").encode("latin-1"),
    "a cut UTF-8 character": TEXT.replace("Judo", "Rémi").encode()[: TEXT.index("Judo") + 2] + TEXT[TEXT.index("Judo") + 4 :].encode(),
    "an overlong UTF-8 character": TEXT.encode().replace(b"Judo", b"Ju\xc0\xafdo"),
    "a half character in UTF-8": TEXT.encode().replace(b"Judo", b"\xed\xa0\x80"),
}


def refused(response: Response, status: int, code: str) -> None:
    assert (response.status, response.json["code"], response.json["status"]) == (status, code, status), response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_invalid_or_ambiguous_json_answers_400(demo: Office, body: str | bytes) -> None:
    with nothing_stored():
        refused(demo.call("POST", "/sessions", body), 400, "malformed_json")


@pytest.mark.parametrize("body", ["null", "[]", '"text"', "5", "true", "[{}]"])
def test_json_other_than_an_object_answers_422(demo: Office, body: str) -> None:
    with nothing_stored():
        refused(demo.call("POST", "/sessions", body), 422, "validation_failed")


@pytest.mark.parametrize("number", ["5e400", "-5e400", "5.5", "5.0", "1" + "0" * 400, "-1", "4001"])
def test_an_invalid_or_huge_number_of_spots_answers_422(demo: Office, number: str) -> None:
    with nothing_stored():
        response = demo.call("POST", "/sessions", TEXT.replace('"spots_total": 5', f'"spots_total": {number}'))
    refused(response, 422, "validation_failed")
    assert [error["field"] for error in response.json["errors"]] == ["/spots_total"]


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 201), (MOST_BYTES + 1, 413), (2 * MOST_BYTES, 413)])
def test_a_body_may_have_256_kib_and_not_a_byte_more(demo: Office, size: int, status: int) -> None:
    response = demo.call("POST", "/sessions", TEXT + " " * (size - len(TEXT)))
    assert response.status == status
    if status == 413:
        refused(response, 413, "body_too_large")


def test_a_large_body_counts_in_bytes_not_in_characters(demo: Office) -> None:
    with nothing_stored():
        refused(demo.call("POST", "/sessions", json.dumps({"title": "é" * (MOST_BYTES // 2)}, ensure_ascii=False)), 413, "body_too_large")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "text/json",
        "*/*",
        "json",
    ],
)
def test_a_body_of_another_media_type_answers_415(demo: Office, kind: str) -> None:
    with nothing_stored():
        refused(demo.call("POST", "/sessions", BODY, headers={"Content-Type": kind}), 415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", " application/json ;charset=UTF-8"])
def test_the_media_type_may_have_parameters_and_capitals(demo: Office, kind: str) -> None:
    assert demo.call("POST", "/sessions", BODY, headers={"Content-Type": kind}).status == 201


def test_a_malformed_body_does_not_reveal_what_exists(demo: Office) -> None:
    for body in ("{", "x" * (MOST_BYTES + 1), b"\xff"):
        assert demo.call("POST", "/sessions", body, by="viewer").status == 403
        assert demo.call("POST", "/sessions/nothing-there/invitations", body).status in {400, 413}
