"""R18 over HTTP: every route that the public may write to is counted, or something else bounds it."""

from collections.abc import Callable
from itertools import count

import pytest

from chalicelib.api.endpoints import every
from chalicelib.operations import public_limits
from chalicelib.rules import limits
from chalicelib.rules.limits import Limit, Limits, PublicAction
from chalicelib.web.audience import Public
from tests.api.bodies import claim_of, person
from tests.api.tenants import Office, World
from tests.http import Response, call

TOKEN = "only who was sent the link"
MISSES = "wrong codes are counted: test_discounts, test_contracts"
BOUNDED_BY = {
    "auth.activate": TOKEN,
    "auth.forgot_password": "counted",
    "auth.refresh": "only who signed in",
    "auth.reset_password": TOKEN,
    "auth.sign_in": "failures are counted: test_auth",
    "auth.sign_in_with_code": "wrong codes are counted: test_second_factor",
    "auth.sign_out": "only who signed in",
    "bookings.cancel_booking": "each booking is cancelled once, and registrations are counted",
    "bookings.change_booking": "counted",
    "bookings.move_booking": "counted",
    "claims.accept": "counted",
    "claims.decline": TOKEN,
    "code_lookup.look_up": MISSES,
    "joining.activate": TOKEN,
    "joining.confirm": TOKEN,
    "joining.register": "counted",
    "online_payment.hear_stripe": "only who has the secret of the webhook",
    "online_payment.open_checkout": TOKEN,
    "portal.pay_order": TOKEN,
    "portal.place_basket": "counted: test_baskets",
    "portal.quote": MISSES,
    "portal.quote_basket": MISSES,
    "portal.register": "counted",
    "unsubscribing.change_preferences": TOKEN,
    "unsubscribing.resubscribe": TOKEN,
    "unsubscribing.unsubscribe": TOKEN,
    "waiting.confirm": TOKEN,
    "waiting.join": "counted",
    "waiting.leave": TOKEN,
}
PASSWORD = {"password": "Lilac-Otter-12", "password_confirmation": "Lilac-Otter-12"}
numbers = count()


def test_every_route_of_the_public_has_its_bound() -> None:
    public = {one.id for one in every() if isinstance(one.who, Public) and one.method != "GET"}
    assert public == BOUNDED_BY.keys()


def registered(demo: Office, source: str) -> Response:
    body = person(f"r{next(numbers)}@example.org", "Kim")
    return call("POST", f"/v1/portal/demo/sessions/{demo.session()}/registrations", body, source=source)


def joined(demo: Office, source: str) -> Response:
    body = {"email": f"w{next(numbers)}@example.org", "name": "W", "spots": 1}
    return call("POST", f"/v1/portal/demo/sessions/{demo.full_session()}/waitlist", body, source=source)


def signed_up(_demo: Office, source: str) -> Response:
    return call("POST", "/v1/portal/demo/register", {"email": f"s{next(numbers)}@example.org", "name": "S", **PASSWORD}, source=source)


def forgot(_demo: Office, source: str) -> Response:
    return call("POST", "/v1/auth/forgot-password", {"email": f"f{next(numbers)}@example.org"}, source=source)


def accepted(demo: Office, source: str) -> Response:
    return call("POST", claim_of(demo.invite()) + "/accept", person(f"a{next(numbers)}@example.org", "Kim"), source=source)


SENT: list[tuple[PublicAction, Callable[[Office, str], Response]]] = [
    ("registration", registered),
    ("registration", accepted),
    ("waitlist", joined),
    ("sign_up", signed_up),
    ("password_reset", forgot),
]


@pytest.mark.parametrize(("action", "send"), SENT)
def test_a_client_that_reaches_its_limit_is_told_when_to_come_again(
    action: PublicAction, send: Callable[[Office, str], Response], demo: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, other = f"192.0.2.{next(numbers)}", f"198.51.100.{next(numbers)}"
    few = Limits(Limit(2, limits.TEN_MINUTES), None, None)
    monkeypatch.setitem(limits.LIMITS, action, few)
    assert {send(demo, source).status for _ in range(2)} <= {201, 202}
    refused = send(demo, source)
    assert (refused.status, refused.json["code"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 600
    assert send(demo, other).status in {201, 202}


def test_asking_whether_a_child_is_registered_is_counted(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child is registered only once, so the refusal tells that it is: nobody gets many of these answers."""
    monkeypatch.setitem(limits.LIMITS, "registration", Limits(Limit(9, limits.TEN_MINUTES), Limit(3, limits.HOUR), None))
    session, source = demo.session(spots_total=9), f"192.0.2.{next(numbers)}"
    body = person(f"known{next(numbers)}@example.org", "Kim")
    responses = [call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body, source=source).status for _ in range(5)]
    assert responses == [201, 409, 409, 429, 429]


def test_a_link_moves_a_booking_so_often_and_its_mailbox_gets_so_many_e_mails(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer of a public registration carries the link, so a stranger has it for an address that is not theirs."""
    monkeypatch.setattr(public_limits, "OWN_CHANGES", Limit(3, limits.HOUR))
    demo.call("PATCH", "", {"self_service_moves": True, "cancel_until_hours": 1}, by="owner")
    here, there = demo.session(tags=["swing"]), demo.session(tags=["swing"])
    body = {"email": f"swing{next(numbers)}@example.org", "name": "S", "participants": [{"name": "Kim"}], "party_size": 1}
    booking = call("POST", f"/v1/portal/demo/sessions/{here}/registrations", body).json["booking"]
    told = []
    for to in (there, here, there, here):
        response = call("POST", f"/v1/bookings/{booking.rpartition('/')[2]}/move", {"to_session": to})
        told.append(response.status)
        booking = response.json.get("booking", booking)
    assert told == [200, 200, 200, 429]
    path = f"/v1/bookings/{booking.rpartition('/')[2]}"
    assert call("PATCH", path, {"participants": [{"name": "Lou"}]}).status == 429
    assert call("POST", f"{path}/cancel").status == 200


def test_the_invited_address_is_not_counted(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "registration", Limits(Limit(0, limits.TEN_MINUTES), None, None))
    assert demo.accept(demo.invite()).status == 201


def test_the_address_of_a_locked_invitation_cannot_be_guessed(demo: Office) -> None:
    invitation = demo.invite(forwarding="locked")
    source = f"192.0.2.{next(numbers)}"
    path = claim_of(invitation) + "/accept"
    told = [call("POST", path, person(f"guess{number}@example.org", "Kim"), source=source).status for number in range(25)]
    assert told == [403] * 10 + [429] * 15
    assert call("POST", path, person(invitation["email"], "Kim"), source=source).status == 429
    assert demo.accept(invitation).status == 201


def test_joining_a_waitlist_answers_alike_whoever_waits(world: World) -> None:
    demo = world.demo
    session, known = demo.full_session(), demo.customer()["email"]
    path = f"/v1/portal/demo/sessions/{session}/waitlist"
    waits = [known, demo.fresh("wim")]
    for email in waits:
        assert call("POST", path, {"email": email, "name": "Wim", "spots": 1}, source="192.0.2.81").status == 201
    responses = [
        call("POST", path, {"email": email, "name": "Nobody", "spots": 1}, source="192.0.2.82") for email in (*waits, demo.fresh("new"))
    ]
    own = ("id", "joined_at", "link", "position")
    told = [{name: value for name, value in response.json.items() if name not in own} for response in responses]
    assert [response.status for response in responses] == [201, 201, 201]
    assert [response.json["position"] for response in responses] == [3, 4, 5]
    assert told[0] == told[1] == told[2]
    assert {tuple(sorted(set(response.headers) - {"location"})) for response in responses} == {tuple(sorted(responses[0].headers))}
    places = [call("GET", "/v1/waitlist/" + response.json["link"].rpartition("/")[2]).json for response in responses]
    shown = [{name: value for name, value in place.items() if name not in own} for place in places]
    assert shown[0] == shown[1] == shown[2]
