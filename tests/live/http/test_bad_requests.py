"""Malformed requests get a clear answer from the running application, and no user input is in its log files."""

import socket
import uuid
from urllib.parse import quote, urlsplit

import pytest

from tests.live.http.conftest import Staff, in_days
from tests.live.stack import Reply, Stack

pytestmark = pytest.mark.live
SPOTS = {"title": "Judo", "time_zone": "Europe/Paris", "spots_total": 5}


def problem(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json["code"]) == (status, code), reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(reply.json) >= {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 10_000,
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": "\0"}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_invalid_json(staff: Staff, body: bytes) -> None:
    problem(staff.call("POST", "/sessions", body), 400, "malformed_json")


def test_a_body_too_large_or_of_another_media_type(staff: Staff) -> None:
    problem(staff.call("POST", "/sessions", b"{" + b" " * 256 * 1024), 413, "body_too_large")
    assert staff.call("POST", "/sessions", b" " * 7 * 1024 * 1024).status == 413
    for kind in ("text/plain", "application/octet-stream", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        problem(staff.call("POST", "/sessions", b"{}", headers={"Content-Type": kind}), 415, "unsupported_media_type")


def test_all_faults_are_reported_at_once(staff: Staff) -> None:
    reply = staff.call("POST", "/sessions", {**SPOTS, "spots_total": -1, "meetings": [], "tiers": [{}], "colour": "red"})
    problem(reply, 422, "validation_failed")
    fields = {error["field"] for error in reply.json["errors"]}
    assert fields == {"/spots_total", "/meetings", "/tiers/0/name", "/tiers/0/price", "/colour"}


@pytest.mark.parametrize(
    "name", ["x" * 2_100, "x" * 9_000, "a%23b", "..%2F..", "%FF", "%00", quote("é" * 1_050)], ids=lambda name: name[:12]
)
def test_invalid_ids_in_paths_are_not_found(stack: Stack, staff: Staff, name: str) -> None:
    for path in (f"/sessions/{name}", f"/invitations/{name}", f"/registrations/{name}", f"/sessions/{name}/roster"):
        problem(staff.call("GET", path), 404, "not_found")
    for path in (f"/v1/invitations/{name}", f"/v1/portal/{name}/sessions", f"/v1/portal/demo/sessions/{name}", f"/v1/unsubscribe/{name}"):
        problem(stack.call("GET", path), 404, "not_found")
    problem(stack.call("GET", f"/v1/orgs/{name}", token=staff.token), 404, "not_found")


def test_names_of_all_kinds_have_room(stack: Stack, staff: Staff) -> None:
    session = staff.session(spots=20)
    address = "a" * 64 + "@" + "x." * 90 + "test"
    for name in ("ﷺ" * 200, "👶" * 200, "=1+1", "<b>Bobby</b>", "\U0001fae8"):
        body = {"email": address, "name": name, "participants": [{"name": name}]}
        reply = stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body)
        assert (reply.status, reply.json["participants"]) == (201, [{"name": name}]), reply.body
    assert staff.spots(session)["taken"] == 5


@pytest.mark.parametrize("answer", [0, -1, 2.5, 1e-7, 1e-300, 10**15, 123456789.123456])
def test_a_number_is_read_back_as_it_was_answered(stack: Stack, staff: Staff, answer: float) -> None:
    session = staff.session(questions=[{"id": "q1", "label": "How many?", "kind": "number"}])
    body = {"email": "ana@example.org", "name": "Ana", "participants": [{"name": "Kim"}], "answers": {"q1": answer}}
    assert stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body).status == 201
    (registration,) = staff.call("GET", f"/sessions/{session}/roster").json["registrations"]
    assert registration["answers"]["q1"] == pytest.approx(answer, abs=1e-9)


def test_cursors_and_limits(staff: Staff) -> None:
    for _ in range(2):
        staff.session()
    cursor = staff.call("GET", "/sessions?limit=1").json["next"]
    for bad in ("", "x", cursor[:-1], cursor.swapcase(), "%00", "x" * 8_000):
        problem(staff.call("GET", f"/sessions?cursor={bad}"), 400, "bad_cursor")
    problem(staff.call("GET", f"/sessions?state=open&cursor={cursor}"), 400, "bad_cursor")
    for limit in ("0", "201", "-1", "1e3", "abc", ""):
        problem(staff.call("GET", f"/sessions?limit={limit}"), 422, "validation_failed")


def test_moments_and_preconditions(staff: Staff) -> None:
    session = staff.session()
    for moment in ("2030-11-24T16:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "1922000000"):
        problem(staff.invite(session, "ana@example.org", expires_at=moment), 422, "validation_failed")
    problem(staff.invite(session, "ana@example.org", expires_at=in_days(-1)), 422, "expires_in_the_past")
    problem(staff.call("PATCH", f"/sessions/{session}", {"title": "X"}, headers={"If-Match": '"v99"'}), 412, "changed_meanwhile")
    problem(staff.call("PATCH", f"/sessions/{session}", {"title": "X"}, headers={"If-Match": "x"}), 400, "bad_if_match")


@pytest.mark.parametrize(
    "request_line", [b"GET /v1/health", b"GET v1/health HTTP/1.1", b"\x00\x01\x02", b"GET /" + b"x" * 70_000 + b" HTTP/1.1"]
)
def test_malformed_http_closes_the_connection(stack: Stack, request_line: bytes) -> None:
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        first = connection.recv(100)
    assert first == b"" or b" 400 " in first or b" 414 " in first
    assert stack.call("GET", "/v1/health").status == 200


def test_no_user_input_is_logged(stack: Stack, staff: Staff, tmp_path_factory: pytest.TempPathFactory) -> None:
    word = f"sentinel{uuid.uuid4().hex}"
    email, session = f"{word}@example.org", staff.session()
    invitation = staff.invite(session, email, note=word).json
    stack.mail(email)
    claim = "/v1/invitations/" + invitation["link"].rpartition("/i/")[2]
    stack.call("POST", f"{claim}/accept", {"email": "nobody", "name": word})
    accepted = stack.call("POST", f"{claim}/accept", {"email": email, "name": word, "participants": [{"name": word}]})
    assert accepted.status == 201, accepted.body
    for path in (
        f"/v1/invitations/{word}",
        f"/v1/orgs/{word.title()}/sessions",
        f"/v1/portal/{email}/sessions?cursor={word}",
        f"/i/{word}",
    ):
        stack.call("GET", path, token=word)
    stack.call("POST", "/v1/auth/sign-in", {"email": email, "password": word})
    stack.call("POST", "/v1/auth/forgot-password", {"email": email})
    stack.mail(email, count=2)
    logs = list(tmp_path_factory.getbasetemp().glob("world*/**/*.log"))
    assert logs
    secrets = (word, claim.rpartition("/")[2], staff.token)
    assert [(log.name, secret) for log in logs for secret in secrets if secret.lower().encode() in log.read_bytes().lower()] == []
