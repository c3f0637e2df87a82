"""Sign-in, password reset and staff over HTTP, with the e-mails that carry the links."""

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.stack import Reply, Stack

pytestmark = pytest.mark.live

PASSWORD = "chosen-Passw0rd"
NEW_PASSWORD = "another-Passw0rd"


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.org"


def chosen(token: str, password: str = PASSWORD) -> dict[str, str]:
    return {"token": token, "password": password, "password_confirmation": password}


def link_in(mail: dict[str, Any], page: str) -> str:
    """Return the token of the main link: the first in the text, and also in the HTML."""
    link = mail["text"].splitlines()[0]
    found = re.fullmatch(rf"http://[^/]+/{page}/(\S+)", link)
    assert found, link
    assert link in mail["html"]
    return found[1]


class Person:
    """A person with an e-mail address, over HTTP."""

    def __init__(self, stack: Stack, staff: Staff, role: str) -> None:
        self.stack, self.email = stack, fresh(role)
        self.invited = staff.call("POST", "/staff", {"email": self.email, "name": "Ana", "role": role})
        self.token = link_in(stack.mail(self.email), "activate")
        self.activated = self.auth("activate", chosen(self.token))
        self.user = self.activated.json["user"]

    def auth(self, route: str, body: Any = None, **more: Any) -> Reply:
        return self.stack.call("POST", f"/v1/auth/{route}", body, **more)

    def sign_in(self, password: str = PASSWORD) -> Reply:
        return self.auth("sign-in", {"email": self.email, "password": password})


def test_invited_staff_sign_up_by_their_link_once(stack: Stack, staff: Staff) -> None:
    ana = Person(stack, staff, "manager")
    assert (ana.invited.status, ana.activated.status) == (201, 201)
    assert ana.auth("activate", chosen(ana.token)).status == 410
    signed_in = ana.sign_in()
    assert signed_in.json["memberships"] == [{"org": "demo", "role": "manager"}]
    token = signed_in.json["access_token"]
    assert stack.call("GET", "/v1/me", token=token).json["email"] == ana.email
    assert stack.call("GET", "/v1/orgs/demo/sessions", token=token).status == 200
    assert stack.call("GET", "/v1/orgs/demo/staff", token=token).status == 403


def test_refresh_tokens_are_valid_until_signed_out(stack: Stack, staff: Staff) -> None:
    ana = Person(stack, staff, "viewer")
    first, second = ana.sign_in().json, ana.sign_in().json
    renewed = ana.auth("refresh", {"refresh_token": first["refresh_token"]})
    assert renewed.status == 200
    assert stack.call("GET", "/v1/me", token=renewed.json["access_token"]).status == 200
    for _ in range(2):
        assert ana.auth("sign-out", {"refresh_token": first["refresh_token"]}).status == 204
    assert ana.auth("refresh", {"refresh_token": first["refresh_token"]}).status == 401
    assert ana.auth("refresh", {"refresh_token": second["refresh_token"]}).status == 200, "another device"
    assert ana.auth("sign-out", token=second["access_token"]).status == 204
    assert ana.auth("refresh", {"refresh_token": second["refresh_token"]}).status == 401


@pytest.mark.parametrize("refresh_token", ["x", "a.b.c", "é", "x" * 5000])
def test_made_up_refresh_tokens_are_refused(refresh_token: str, stack: Stack) -> None:
    refused = stack.call("POST", "/v1/auth/refresh", {"refresh_token": refresh_token}).status
    assert refused == (422 if len(refresh_token) > 4096 else 401)
    assert stack.call("POST", "/v1/auth/sign-out", {"refresh_token": refresh_token}).status == (422 if len(refresh_token) > 4096 else 204)


def test_a_password_is_reset_by_the_newest_link_once(stack: Stack, staff: Staff) -> None:
    ana = Person(stack, staff, "viewer")
    before = ana.sign_in().json
    time.sleep(1)  # the issue time of tokens has a resolution of one second
    for number in (2, 3):
        assert ana.auth("forgot-password", {"email": ana.email.upper()}).json == {}
        stack.mail(ana.email, count=number)
    newer, older = (link_in(mail, "reset") for mail in stack.mails(ana.email)[:2])
    assert ana.auth("reset-password", chosen(older, NEW_PASSWORD)).status == 410
    assert ana.auth("reset-password", chosen(newer, NEW_PASSWORD)).status == 200
    assert ana.auth("reset-password", chosen(newer, PASSWORD)).status == 410
    assert (ana.sign_in().status, ana.sign_in(NEW_PASSWORD).status) == (401, 200)
    assert ana.auth("refresh", {"refresh_token": before["refresh_token"]}).status == 401
    assert stack.call("GET", "/v1/me", token=before["access_token"]).status == 401


def test_concurrent_guesses_are_limited_to_ten(stack: Stack, staff: Staff) -> None:
    ana = Person(stack, staff, "viewer")
    with ThreadPoolExecutor(8) as guessing:
        replies = list(guessing.map(lambda number: ana.sign_in(f"guess {number}"), range(30)))
    assert sorted(reply.status for reply in replies) == [401] * 10 + [429] * 20
    assert all(int(reply.headers["retry-after"]) > 0 for reply in replies if reply.status == 429)
    assert ana.sign_in().status == 429


def test_a_link_used_concurrently_works_once(stack: Stack, staff: Staff) -> None:
    ana = Person(stack, staff, "viewer")
    ana.auth("forgot-password", {"email": ana.email})
    token = link_in(stack.mail(ana.email, count=2), "reset")
    with ThreadPoolExecutor(8) as using:
        statuses = list(using.map(lambda _: ana.auth("reset-password", chosen(token, NEW_PASSWORD)).status, range(8)))
    assert sorted(statuses) == [200] + [410] * 7


def test_owners_who_demote_each_other_at_once_leave_one(stack: Stack, staff: Staff) -> None:
    """The demo's owner steps down first, so that only the two others are left."""
    first, second = Person(stack, staff, "owner"), Person(stack, staff, "owner")
    tokens = {person.user: person.sign_in().json["access_token"] for person in (first, second)}
    me = stack.call("GET", "/v1/me", token=staff.token).json["user"]
    stepped_down = staff.call("PATCH", f"/staff/{me}", {"role": "manager"})
    assert stepped_down.status == 200

    def depose(user: str) -> Reply:
        by = next(token for other, token in tokens.items() if other != user)
        return stack.call("PATCH", f"/v1/orgs/demo/staff/{user}", {"role": "manager"}, token=by)

    for _ in range(10):
        with ThreadPoolExecutor(2) as both:
            statuses = sorted(reply.status for reply in both.map(depose, tokens))
        assert statuses in ([200, 403], [200, 409])
        owner = next(token for token in tokens.values() if stack.call("GET", "/v1/orgs/demo/staff", token=token).status == 200)
        for user in tokens:
            stack.call("PATCH", f"/v1/orgs/demo/staff/{user}", {"role": "owner"}, token=owner)
    back = stack.call("PATCH", f"/v1/orgs/demo/staff/{me}", {"role": "owner"}, token=next(iter(tokens.values())))
    assert back.status == 200
