"""A suspended organisation over HTTP: its staff and keys are refused, nobody books, and families see and cancel."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.operations import organisations
from tests.api.bodies import claim_of, person, token_of
from tests.api.tenants import Office
from tests.http import Response, call

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def suspend(demo: Office) -> Iterator[Any]:
    """Return a function that suspends demo. It is resumed at the end."""
    yield lambda: organisations.suspend(demo.org, now=datetime.now(UTC))
    organisations.resume(demo.org, now=datetime.now(UTC))


def refused(response: Response) -> tuple[int, str]:
    return response.status, response.json["code"]


def test_staff_and_keys_are_refused_and_strangers_learn_nothing(demo: Office, world: Any, suspend: Any) -> None:
    key = demo.call("POST", "/api-keys", {"name": "Website", "role": "manager"}, by="owner").json["key"]
    before = demo.call("GET", "", by="owner").json
    suspend()
    responses = {role: refused(demo.call("GET", "/sessions", by=role)) for role in demo.tokens}
    assert set(responses.values()) == {(403, "organisation_suspended")}
    assert refused(call("GET", f"/v1/orgs/{demo.org}/sessions", token=key)) == (403, "organisation_suspended")
    assert refused(demo.call("PATCH", "", {"name": "Other"}, by="owner")) == (403, "organisation_suspended")
    assert refused(call("GET", f"/v1/orgs/{demo.org}/sessions", token=world.zebra.tokens["owner"])) == (404, "not_found")
    assert world.zebra.call("GET", "/sessions").status == 200
    organisations.resume(demo.org, now=datetime.now(UTC))
    assert demo.call("GET", "", by="owner").json == before
    assert call("GET", f"/v1/orgs/{demo.org}/sessions", token=key).status == 200


def test_nobody_books_and_nothing_is_held(demo: Office, suspend: Any) -> None:
    session, full, invitation = demo.session(), demo.full_session(), demo.invite()
    contract = demo.contract()["id"]
    (code,) = demo.codes(contract, demo.price(contract)["id"])
    spots, portal = demo.spots(session), f"/v1/portal/{demo.org}"
    line, passwords = (
        {"session": session, "participants": [{"name": "K"}]},
        dict.fromkeys(("password", "password_confirmation"), "long-Passw0rd!"),
    )
    suspend()
    paused = {
        "list": call("GET", f"{portal}/sessions"),
        "register": demo.enrol(session),
        "register with a code": demo.enrol(session, invitation_code=code),
        "quote": call("POST", f"{portal}/sessions/{session}/quote", {"party_size": 1}),
        "wait": call("POST", f"{portal}/sessions/{full}/waitlist", {"email": "w@demo.test", "name": "W", "spots": 1}),
        "basket": call("POST", f"{portal}/baskets", {"email": "b@demo.test", "name": "B", "lines": [line]}),
        "sign up": call("POST", f"{portal}/register", {**person("new@demo.test"), **passwords}),
        "accept": call("POST", claim_of(invitation) + "/accept", person(invitation["email"])),
    }
    assert {name: refused(response) for name, response in paused.items()} == dict.fromkeys(paused, (403, "bookings_paused"))
    organisations.resume(demo.org, now=datetime.now(UTC))
    assert demo.spots(session) == spots
    assert demo.accept(invitation).status == 201


def test_links_of_families_show_and_cancel(demo: Office, suspend: Any) -> None:
    assert demo.call("PATCH", "", {"cancel_until_hours": 24, "self_service_moves": True}, by="owner").status == 200
    made, invitation, declined = demo.register(), demo.invite(), demo.invite()
    booking, waiting, invoice = f"/v1/bookings/{made['booking'].rpartition('/')[2]}", demo.waitlist_token(), demo.invoice_token()
    suspend()
    assert call("GET", booking).json["may"] == ["cancel"]
    assert refused(call("PATCH", booking, {"participants": [{"name": "Other"}]})) == (403, "bookings_paused")
    assert refused(call("POST", f"{booking}/move", {"to_session": "another"}))[1] in {"bookings_paused", "not_found"}
    assert refused(call("POST", f"/v1/invoices/{invoice}/checkout")) == (403, "bookings_paused")
    assert [call("GET", path).status for path in (claim_of(invitation), f"/v1/invoices/{invoice}", f"/v1/waitlist/{waiting}")] == [200] * 3
    assert call("POST", f"/v1/invitations/{token_of(declined)}/decline").status == 204
    assert call("POST", f"/v1/waitlist/{waiting}/leave").status in {200, 204}
    assert call("POST", f"{booking}/cancel").json["freed"] == 1
    assert call("GET", booking).json["status"] == "cancelled"


def test_the_refusals_are_said_in_the_language_of_whoever_asks(demo: Office, suspend: Any) -> None:
    suspend()
    said = {
        language: (
            demo.call("GET", "/sessions", headers={"Accept-Language": language}).json["detail"],
            call("GET", f"/v1/portal/{demo.org}/sessions", headers={"Accept-Language": language}).json["detail"],
        )
        for language in ("en", "fr", "de")
    }
    assert len({text for pair in said.values() for text in pair}) == 6
    assert said["en"][0].startswith("This organisation is suspended.")
