"""The portal over HTTP: invitation, sign-up, sign-in and the customer's own area, with the e-mails that carry the links."""

import time
import uuid

import pytest

from chalicelib.operations.auth.password_reset import EVEN_SECONDS
from tests.live.http.conftest import Staff
from tests.live.http.test_auth import PASSWORD, chosen, fresh, link_in
from tests.live.stack import Reply, Stack, eventually

pytestmark = pytest.mark.live

NEW_PASSWORD = "another-Passw0rd"


def _post(stack: Stack, path: str, body: object) -> Reply:
    return stack.call("POST", f"/v1/{path}", body)


def _sign_in(stack: Stack, email: str, password: str = PASSWORD) -> Reply:
    return _post(stack, "auth/sign-in", {"email": email, "password": password})


def test_an_invited_customer_accepts_and_sees_their_own_area(stack: Stack, staff: Staff) -> None:
    ana = fresh("ana")
    customer = staff.call("POST", "/customers", {"name": "Ana", "email": ana}).json["id"]
    assert staff.call("POST", f"/customers/{customer}/invite", {}).status == 202
    token = link_in(stack.mail(ana), "activate")
    assert _post(stack, "portal/activate", {**chosen(token), "password_confirmation": "another"}).status == 422
    assert _post(stack, "portal/activate", chosen(token)).status == 201
    assert staff.call("GET", f"/customers/{customer}").json["status"] == "accepted"
    assert _post(stack, "portal/activate", chosen(token)).status == 410
    signed_in = _sign_in(stack, ana).json
    assert signed_in["customer_of"] == [{"org": "demo", "customer": customer}]
    assert stack.call("GET", "/v1/orgs/demo/customers", token=signed_in["access_token"]).status == 404
    assert staff.call("POST", f"/customers/{customer}/invite", {}).json["code"] == "already_accepted"
    assert len(stack.mails(ana)) == 1


def test_registering_confirming_booking_and_the_calendar(stack: Stack, staff: Staff) -> None:
    ben, session = fresh("ben"), staff.session(title="Climbing")
    body = {"email": ben, "name": "Ben", "password": PASSWORD, "password_confirmation": PASSWORD, "participants": [{"name": "Kim"}]}
    assert _post(stack, "portal/demo/register", body).status == 202
    assert _sign_in(stack, ben).status == 401
    token = link_in(stack.mail(ben), "confirm")
    assert _post(stack, "portal/confirm", {"token": token}).json["status"] == "accepted"
    assert _post(stack, "portal/confirm", {"token": token}).status == 410
    access = _sign_in(stack, ben).json["access_token"]

    def mine(path: str) -> Reply:
        return stack.call("GET", f"/v1/me/{path}", token=access)

    invitation = staff.invite(staff.session(), ben).json
    assert [one["link"] for one in mine("invitations").json["items"]] == [invitation["link"]]
    booking = {"email": ben, "name": "Ben", "participants": [{"name": "Kim"}]}
    assert _post(stack, f"portal/demo/sessions/{session}/registrations", booking).status == 201
    (booked,) = eventually(lambda: mine("registrations").json["items"] or None)
    assert (booked["session"], booked["about"]["title"]) == (session, "Climbing")
    feed = mine("profile").json["calendar_feed"].removeprefix(stack.url)
    assert b"SUMMARY:Climbing" in stack.call("GET", feed).body
    assert stack.call("GET", feed.replace("demo.", "demo.x")).status == 404


def test_a_password_reset_of_an_unknown_address_looks_the_same_and_takes_its_time(stack: Stack) -> None:
    ana = fresh("ana")
    body = {"email": ana, "name": "Ana", "password": PASSWORD, "password_confirmation": PASSWORD}
    _post(stack, "portal/demo/register", body)
    _post(stack, "portal/confirm", {"token": link_in(stack.mail(ana), "confirm")})

    def response_to(email: str) -> tuple[int, bytes, float]:
        began = time.monotonic()
        response = _post(stack, "auth/forgot-password", {"email": email})
        return response.status, response.body, time.monotonic() - began

    known, unknown = response_to(ana), response_to(f"nobody-{uuid.uuid4().hex}@example.org")
    assert known[:2] == unknown[:2] == (202, b"{}")
    assert min(known[2], unknown[2]) >= EVEN_SECONDS
    token = link_in(stack.mail(ana, count=2), "reset")
    assert _post(stack, "auth/reset-password", chosen(token, NEW_PASSWORD)).status == 200
    assert _sign_in(stack, ana).status == 401
    assert _sign_in(stack, ana, NEW_PASSWORD).status == 200
