import base64

from chalicelib.web.path_match import Match
from infra.local.http_server import Request
from infra.local.proxy_events import proxy_event, response_from

BINARY = {"application/octet-stream", "multipart/form-data"}
MATCH = Match("/v1/orgs/{org}", {"org": "d%20e"})


def event(**parts: object) -> dict[str, object]:
    request = Request(**{"method": "POST", "path": "/v1/orgs/d%20e", **parts})  # type: ignore[arg-type]
    return proxy_event(request, MATCH, request_id="r1", binary_types=BINARY)


def test_paths_stay_encoded_and_queries_are_decoded_once() -> None:
    sent = event(query="q=a+b%2520c&q=&tag=%C3%A9")
    assert sent["path"] == "/v1/orgs/d%20e"
    assert sent["resource"] == "/v1/orgs/{org}"
    assert sent["pathParameters"] == {"org": "d%20e"}
    assert sent["queryStringParameters"] == {"q": "", "tag": "é"}
    assert sent["multiValueQueryStringParameters"] == {"q": ["a b%20c", ""], "tag": ["é"]}


def test_absent_values_are_null() -> None:
    sent = proxy_event(Request("GET", "/"), Match("/", {}), request_id="r1", binary_types=BINARY)
    absent = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body")
    assert [sent[name] for name in absent] == [None] * 5
    assert sent["isBase64Encoded"] is False


def test_headers_keep_their_case_and_all_their_values() -> None:
    sent = event(
        headers=(("Cookie", "a=1"), ("X-Two", "1"), ("X-Two", "2"), ("Content-Length", "3"), ("X-Forwarded-For", "10.0.0.9")),
        client="127.0.0.7",
    )
    assert sent["headers"]["X-Two"] == "2"  # type: ignore[index]
    assert sent["multiValueHeaders"]["X-Two"] == ["1", "2"]  # type: ignore[index]
    assert sent["headers"]["X-Forwarded-For"] == "10.0.0.9, 127.0.0.7"  # type: ignore[index]
    assert "Content-Length" not in sent["headers"]  # type: ignore[operator]
    assert sent["requestContext"]["identity"]["sourceIp"] == "127.0.0.7"  # type: ignore[index]


def test_only_declared_types_arrive_as_bytes() -> None:
    declared = event(body=b"\xff\x00", headers=(("Content-Type", "multipart/form-data; boundary=x"),))
    assert (declared["body"], declared["isBase64Encoded"]) == (base64.b64encode(b"\xff\x00").decode(), True)
    undeclared = event(body=b"\xffa", headers=(("Content-Type", "text/csv"),))
    assert (undeclared["body"], undeclared["isBase64Encoded"]) == ("\ufffda", False)


def test_a_result_with_many_values_keeps_them_all() -> None:
    result = {
        "statusCode": 201,
        "headers": {"Content-Type": "text/html", "set-cookie": "x"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": "é",
    }
    given = response_from(result, accept="*/*", binary_types=BINARY)
    assert (given.status, given.body) == (201, "é".encode())
    assert list(given.headers) == [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


def test_a_binary_result_needs_the_first_accepted_type_to_be_declared() -> None:
    result = {"statusCode": 200, "headers": {}, "body": base64.b64encode(b"\xff").decode(), "isBase64Encoded": True}
    assert response_from(result, accept="application/octet-stream, */*", binary_types=BINARY).body == b"\xff"
    assert response_from(result, accept="*/*, application/octet-stream", binary_types=BINARY).body == base64.b64encode(b"\xff")


def test_a_malformed_result_is_a_bad_gateway() -> None:
    for result in (
        None,
        {},
        {"statusCode": "x"},
        {"statusCode": 200, "body": b"bytes"},
        {"statusCode": 200, "headers": {"A": "x\r\nB: y"}},
    ):
        assert response_from(result, accept="", binary_types=BINARY).status == 502
