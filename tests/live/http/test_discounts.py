"""Discount codes over HTTP: never more uses than allowed, refused requests hold nothing, and a returned use can be taken again."""

import uuid
from collections import Counter
from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.http.test_concurrency import at_once, fresh, person
from tests.live.stack import Reply, Stack

pytestmark = pytest.mark.live
BUYERS = 32


def discount(staff: Staff, **more: Any) -> str:
    body = {"code": f"Spring-{uuid.uuid4().hex[:8]}", "kind": "percent", "value": 20, **more}
    reply = staff.call("POST", "/discount-codes", body)
    assert reply.status == 201, reply.body
    return str(reply.json["code"])


def used(staff: Staff, code: str) -> int:
    return int(staff.call("GET", f"/discount-codes/{code}").json["used"])


def buy(stack: Stack, session: str, code: str, email: str = "") -> Reply:
    body = {**person(email or fresh("buyer"), uuid.uuid4().hex[:8]), "discount_code": code}
    return stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body)


def outcomes(replies: list[Reply]) -> Counter[str]:
    return Counter(str(reply.status if reply.status == 201 else reply.json["code"]) for reply in replies)


def test_three_of_thirty_two_buyers_use_it_and_the_refused_hold_nothing(stack: Stack, staff: Staff) -> None:
    session, code = staff.session(spots=40), discount(staff, max_uses=3)
    replies = at_once(lambda _: buy(stack, session, code), BUYERS)
    spots = staff.spots(session)  # Read at once, before a sweep could run.
    assert outcomes(replies) == {"201": 3, "discount_used_up": BUYERS - 3}
    assert {reply.status for reply in replies} == {201, 409}
    assert (spots["taken"], spots["held"], spots["free"], used(staff, code)) == (3, 0, 37, 3)
    assert {reply.json["total"]["amount"] for reply in replies if reply.status == 201} == {1000}

    won = next(reply.json["id"] for reply in replies if reply.status == 201)
    for _ in range(2):
        assert staff.call("DELETE", f"/registrations/{won}").status == 204
    assert used(staff, code) == 2
    assert outcomes(at_once(lambda _: buy(stack, session, code), 4)) == {"201": 1, "discount_used_up": 3}
    assert (staff.spots(session)["taken"], used(staff, code)) == (3, 3)


def test_uses_per_customer_are_limited(stack: Stack, staff: Staff) -> None:
    session, code, ana = staff.session(spots=40), discount(staff, max_uses_per_customer=2), fresh("ana")
    assert outcomes(at_once(lambda _: buy(stack, session, code, ana), 12)) == {"201": 2, "discount_used_up": 10}
    assert outcomes([buy(stack, session, code, ana.upper()), buy(stack, session, code)]) == {"discount_used_up": 1, "201": 1}
    assert (staff.spots(session)["taken"], staff.spots(session)["held"]) == (3, 0)


def test_an_invitation_keeps_its_use_until_it_is_cancelled(stack: Stack, staff: Staff) -> None:
    session, code = staff.session(spots=5), discount(staff, max_uses=1)
    invited = staff.invite(session, fresh("ana"), discount_code=code).json
    assert buy(stack, session, code).json["code"] == "discount_used_up"
    assert staff.call("POST", f"/invitations/{invited['id']}/cancel").status == 200
    assert buy(stack, session, code).status == 201
    assert (used(staff, code), staff.spots(session)["taken"], staff.spots(session)["held"]) == (1, 1, 0)
