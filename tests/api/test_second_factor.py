"""The second factor over HTTP."""

from datetime import UTC, datetime

import pytest

from chalicelib.operations import organisations, staff
from chalicelib.rules.organisations import StaffMember
from tests.http import Response, call
from tests.second_factor import WRONG, code_of

PASSWORD = "demo-Passw0rd!"
OWNER = "owner@demo.test"
MINE = "/v1/orgs/demo/second-factor"


@pytest.fixture
def owner(user_pool: str) -> StaffMember:
    now = datetime.now(UTC)
    organisations.create("demo", "Demo", now=now)
    return staff.set_owner("demo", OWNER, "Olga", password=PASSWORD, now=now)


def sign_in() -> Response:
    return call("POST", "/v1/auth/sign-in", {"email": OWNER, "password": PASSWORD})


def finish(sign_in: str, code: str) -> Response:
    return call("POST", "/v1/auth/sign-in/code", {"sign_in": sign_in, "code": code})


def turned_on(token: str) -> str:
    key: str = call("POST", MINE, {"password": PASSWORD}, token=token).json["key"]
    assert call("POST", f"{MINE}/confirm", {"code": code_of(key)}, token=token).status == 204
    return key


def test_a_second_factor_from_set_up_to_the_end(owner: StaffMember) -> None:
    token = sign_in().json["access_token"]
    assert call("GET", MINE, token=token).json == {"on": False}
    key = turned_on(token)
    assert call("GET", MINE, token=token).json == {"on": True}
    waiting = sign_in()
    assert (waiting.status, list(waiting.json)) == (202, ["sign_in"])
    assert waiting.headers["cache-control"] == "no-store"
    signed_in = finish(waiting.json["sign_in"], f"{code_of(key)[:3]} {code_of(key)[3:]}")
    assert (signed_in.status, signed_in.json["memberships"]) == (200, [{"org": "demo", "role": "owner"}])
    assert call("POST", f"{MINE}/off", {"password": PASSWORD}, token=signed_in.json["access_token"]).status == 204
    assert sign_in().status == 200


def test_what_is_refused(owner: StaffMember) -> None:
    token = sign_in().json["access_token"]
    assert call("POST", MINE, {"password": "wrong"}, token=token).json["code"] == "wrong_credentials"
    assert call("POST", f"{MINE}/confirm", {"code": code_of("asdfasdf")}, token=token).status == 401
    turned_on(token)
    assert call("POST", MINE, {"password": PASSWORD}, token=token).json["code"] == "second_factor_on"
    waiting = sign_in().json["sign_in"]
    wrong = finish(waiting, WRONG)
    assert (wrong.status, wrong.json["code"]) == (401, "wrong_code")
    assert [error["field"] for error in finish(waiting, "12345").json["errors"]] == ["/code"]
    assert finish("made-up", WRONG).json["code"] == "signed_out"
    assert call("GET", MINE).status == 401


def test_an_owner_resets_it(owner: StaffMember) -> None:
    token = sign_in().json["access_token"]
    turned_on(token)
    assert call("DELETE", f"/v1/orgs/demo/staff/{owner.user}/second-factor", token=token).status == 204
    assert sign_in().status == 200
