"""Authentication over HTTP."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import telemetry
from chalicelib.operations import links, organisations, staff
from chalicelib.operations.auth import password_reset
from chalicelib.operations.auth import user_pool as pool
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.tables import messages
from tests.http import Response, call

PASSWORD = "demo-Passw0rd!"
NEW_PASSWORD = "another-Passw0rd"
OWNER = "owner@demo.test"


@pytest.fixture
def owner(user_pool: str) -> StaffMember:
    now = datetime.now(UTC)
    organisations.create("demo", "Demo", now=now)
    return staff.set_owner("demo", OWNER, "Olga", password=PASSWORD, now=now)


def _sign_in(password: str = PASSWORD, email: str = OWNER) -> Response:
    return call("POST", "/v1/auth/sign-in", {"email": email, "password": password})


def _reset_token(owner: StaffMember) -> str:
    """Return the token of the link in the newest e-mail."""
    now = datetime.now(UTC)
    newest = [messages.get("demo", id) for id in messages.unsent("demo", now + timedelta(days=365))][-1]
    assert newest
    return links.password_reset_link(newest.data["user"], newest.data["nonce"]).rpartition("/")[2]


def _chosen(token: str, password: str = NEW_PASSWORD, again: str = "") -> dict[str, str]:
    return {"token": token, "password": password, "password_confirmation": again or password}


def test_signing_in_gives_tokens_and_memberships(owner: StaffMember) -> None:
    response = _sign_in()
    assert response.status == 200
    assert response.json["memberships"] == [{"org": "demo", "role": "owner"}]
    assert response.json["customer_of"] == []
    assert response.json["expires_in"] > 0
    assert response.headers["cache-control"] == "no-store"
    me = call("GET", "/v1/me", token=response.json["access_token"])
    assert (me.status, me.json["email"]) == (200, OWNER)
    renewed = call("POST", "/v1/auth/refresh", {"refresh_token": response.json["refresh_token"]})
    assert renewed.status == 200
    assert renewed.json.keys() == response.json.keys()
    assert call("GET", "/v1/orgs/demo/staff", token=renewed.json["access_token"]).status == 200


def test_a_wrong_password_and_an_unknown_address_answer_the_same(owner: StaffMember) -> None:
    wrong, unknown = _sign_in("wrong"), _sign_in(email="nobody@demo.test")
    assert (wrong.status, wrong.json["code"]) == (401, "wrong_credentials")
    assert wrong.text == unknown.text


def test_all_missing_fields_are_reported_at_once(user_pool: str) -> None:
    response = call("POST", "/v1/auth/sign-in", {"email": "no address", "passwort": "x"})
    assert response.status == 422
    assert response.faults == {("/email", "not_an_address"), ("/password", "missing"), ("/passwort", "unknown_field")}


def test_the_eleventh_failure_answers_429(owner: StaffMember) -> None:
    assert [_sign_in("wrong").status for _ in range(10)] == [401] * 10
    response = _sign_in()
    assert (response.status, response.json["code"]) == (429, "too_many_attempts")
    assert 0 < int(response.headers["retry-after"]) <= 600


def test_one_password_tried_on_many_addresses_is_stopped(owner: StaffMember) -> None:
    """150 addresses from one client: fifty are answered, and then nobody signs in from there, right password or not."""

    def tried(email: str, password: str, source: str) -> int:
        return call("POST", "/v1/auth/sign-in", {"email": email, "password": password}, source=source).status

    told = [tried(f"family{number}@demo.test", "Summer2026", "192.0.2.50") for number in range(150)]
    assert told == [401] * 50 + [429] * 100
    assert tried(OWNER, PASSWORD, "192.0.2.50") == 429
    assert tried(OWNER, PASSWORD, "192.0.2.51") == 200


def test_who_signs_in_is_not_counted_as_a_failure(owner: StaffMember) -> None:
    assert {_sign_in().status for _ in range(60)} == {200}


def test_tokens_are_not_stored_for_a_retry(owner: StaffMember) -> None:
    sent = {"email": OWNER, "password": PASSWORD}
    first, second = (call("POST", "/v1/auth/sign-in", sent, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json["refresh_token"] != second.json["refresh_token"]
    assert "idempotent-replayed" not in second.headers


def test_signing_out_with_an_access_token_ends_every_sign_in(owner: StaffMember) -> None:
    signed_in = _sign_in().json
    assert call("POST", "/v1/auth/sign-out", token=signed_in["access_token"]).status == 204
    response = call("POST", "/v1/auth/refresh", {"refresh_token": signed_in["refresh_token"]})
    assert (response.status, response.json["code"]) == (401, "signed_out")


def test_signing_out_without_a_token_answers_401(user_pool: str) -> None:
    assert call("POST", "/v1/auth/sign-out").status == 401
    assert call("POST", "/v1/auth/sign-out", {}, token="garbage").status == 401


def test_a_reset_link_sets_a_new_password_once(owner: StaffMember) -> None:
    response = call("POST", "/v1/auth/forgot-password", {"email": OWNER})
    unknown = call("POST", "/v1/auth/forgot-password", {"email": "nobody@demo.test"})
    assert (response.status, response.json) == (unknown.status, unknown.json) == (202, {})
    token = _reset_token(owner)
    done = call("POST", "/v1/auth/reset-password", _chosen(token))
    assert (done.status, done.json) == (200, {})
    assert (_sign_in().status, _sign_in(NEW_PASSWORD).status) == (401, 200)
    again = call("POST", "/v1/auth/reset-password", _chosen(token))
    assert (again.status, again.json["code"]) == (410, "link_used")
    assert call("POST", "/v1/auth/reset-password", _chosen("made.up.token")).status == 404


def test_asking_too_often_answers_the_same(owner: StaffMember) -> None:
    assert {call("POST", "/v1/auth/forgot-password", {"email": OWNER}).text for _ in range(7)} == {"{}"}


def test_a_weak_password_typed_differently_has_two_faults(owner: StaffMember) -> None:
    call("POST", "/v1/auth/forgot-password", {"email": OWNER})
    for route in ("reset-password", "activate"):
        response = call("POST", f"/v1/auth/{route}", _chosen(_reset_token(owner), "weak", "other"))
        assert (response.status, response.json["code"]) == (422, "validation_failed")
        assert response.faults == {("/password", "weak_password"), ("/password_confirmation", "differs")}


def test_a_password_that_only_the_pool_refuses_is_a_fault_of_its_field(owner: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.rules.inputs.auth.strong", lambda _password: True)
    call("POST", "/v1/auth/forgot-password", {"email": OWNER})
    response = call("POST", "/v1/auth/reset-password", _chosen(_reset_token(owner), "weak"))
    assert (response.status, response.json["code"], response.faults) == (422, "validation_failed", {("/password", "weak_password")})
    assert call("POST", "/v1/auth/reset-password", _chosen(_reset_token(owner))).status == 200


def test_invited_staff_activate_once(owner: StaffMember) -> None:
    invited = staff.invite("demo", StaffInput(email="Ana@example.org", name="Ana", role="manager"), now=datetime.now(UTC))
    token = links.staff_activation_link("demo", invited.user, invited.link_version).rpartition("/")[2]
    response = call("POST", "/v1/auth/activate", _chosen(token))
    assert (response.status, response.json["org"], response.json["role"]) == (201, "demo", "manager")
    assert call("POST", "/v1/auth/activate", _chosen(token)).status == 410
    assert _sign_in(NEW_PASSWORD, "ana@example.org").json["memberships"] == [{"org": "demo", "role": "manager"}]


class Everything(logging.Handler):
    """Collects every log record of every logger, with its extra fields."""

    def __init__(self) -> None:
        super().__init__()
        self.text = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        self.text.write(json.dumps(record.__dict__, default=repr) + str(record.exc_info) + "\n")


@pytest.fixture
def logged() -> Iterator[Everything]:
    everything = Everything()
    loggers = [logging.getLogger(), logging.getLogger(telemetry.logger.name)]
    for logger in loggers:
        logger.addHandler(everything)
    level = telemetry.logger.log_level
    telemetry.logger.setLevel("INFO")
    yield everything
    telemetry.logger.setLevel(level)
    for logger in loggers:
        logger.removeHandler(everything)


def test_no_address_token_or_password_reaches_the_logs(
    owner: StaffMember, logged: Everything, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    signed_in = _sign_in().json
    token = signed_in["access_token"]
    call("POST", "/v1/auth/forgot-password", {"email": OWNER})
    reset = _reset_token(owner)
    made = call("POST", "/v1/orgs/demo/staff", {"email": "sentinel@example.org", "name": "Ana", "role": "viewer"}, token=token).json
    member = staff.every("demo")[-1]
    activation = links.staff_activation_link("demo", member.user, member.link_version).rpartition("/")[2]
    sentinels = [OWNER, "sentinel", PASSWORD, NEW_PASSWORD, "Sentinel-Passw0rd", token, signed_in["refresh_token"], reset, activation]
    for _ in range(2):
        _everywhere(token, signed_in["refresh_token"], reset, activation, made["user"])
        # In the second round the pool fails unexpectedly, with its arguments in the error message.
        monkeypatch.setattr(pool, "ask", _fails_loudly)
        monkeypatch.setattr(password_reset, "EVEN_SECONDS", 0)
    text = logged.text.getvalue() + "".join(capfd.readouterr())
    assert "wrong_credentials" in text, "refusals are logged"
    assert "_fails_loudly" in text, "faults are logged"
    assert [line for line in text.lower().splitlines() if any(sentinel.lower() in line for sentinel in sentinels)] == []


def _fails_loudly(ask: object, _refusals: object) -> None:
    raise RuntimeError(f"{PASSWORD} {OWNER} {NEW_PASSWORD} {ask}")


def _everywhere(token: str, refresh_token: str, reset: str, activation: str, user: str) -> None:
    """Call every route of authentication, staff and settings, with valid and invalid input."""
    _sign_in()
    _sign_in("Sentinel-Passw0rd")
    _sign_in(email="sentinel@")
    call("POST", "/v1/auth/sign-in", '{"email": "sentinel@example.org", ')
    for text in (refresh_token, "sentinel-token"):
        call("POST", "/v1/auth/refresh", {"refresh_token": text})
        call("POST", "/v1/auth/sign-out", {"refresh_token": text})
    for email in (OWNER, "sentinel@example.org"):
        call("POST", "/v1/auth/forgot-password", {"email": email})
    for kind, link in (("reset-password", reset), ("activate", activation)):
        for sent in (_chosen(link, "Sentinel-Passw0rd", "other"), _chosen("sentinel" + link), _chosen(link), _chosen(link)):
            call("POST", f"/v1/auth/{kind}", sent)
    for access_token in (token, "sentinel" + token, token[:-1]):
        for path in ("/v1/me", "/v1/orgs/demo", "/v1/orgs/demo/staff", "/v1/orgs/sentinel@example.org/staff"):
            call("GET", path, token=access_token)
        call("PATCH", "/v1/orgs/demo", {"reply_to": "sentinel@example.org", "name": ""}, token=access_token)
        call("PATCH", "/v1/orgs/demo", {"reply_to": "sentinel@example.org"}, token=access_token)
        call("POST", "/v1/orgs/demo/staff", {"email": "sentinel@example.org", "name": "S", "role": "owner"}, token=access_token)
        call("PATCH", f"/v1/orgs/demo/staff/{user}", {"role": "manager"}, token=access_token)
        call("DELETE", f"/v1/orgs/demo/staff/{user}sentinel", token=access_token)
    call("POST", "/v1/auth/sign-out", token=token)
