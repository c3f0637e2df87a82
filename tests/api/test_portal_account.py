"""A customer's own area over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.rules.customers import Customer, Participant
from chalicelib.tables import customers
from tests.api.tenants import Office, World, stream_follows
from tests.http import Response, call
from tests.tokens import SigningKey

KIM = Participant("Kim", "2019-05-04")


@dataclass
class Mine:
    """An account that is a customer of some organisations."""

    email: str
    token: str
    known: list[Customer]

    def get(self, path: str, **more: Any) -> Response:
        return call("GET", f"/v1/me/{path}", token=self.token, **more)

    def items(self, path: str) -> list[dict[str, Any]]:
        response = self.get(path)
        assert response.status == 200, response.text
        return list(response.json["items"])


@pytest.fixture
def mine(world: World, sign_key: SigningKey, deployment: Any) -> Callable[..., Mine]:
    def make(*offices: Office) -> Mine:
        email = world.demo.fresh("ana")
        known = [
            Customer(
                org=office.org,
                id=f"{office.org}-{email.partition('@')[0]}",
                email=email,
                name="Ana",
                created_at=datetime.now(UTC),
                participants=(KIM,),
                status="accepted",
                user=email,
            )
            for office in offices
        ]
        for customer in known:
            customers.create(customer)
        return Mine(email, sign_key.token(email, client_id=deployment.environment["ROLLBOOK_USER_POOL_CLIENT"]), known)

    return make


def _registered(office: Office, email: str, session: str = "") -> Any:
    registration = office.register(session, email)
    stream_follows(office, registration["session"])
    return registration


def test_me_lists_the_organisations_of_a_customer(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo, world.zebra)
    me = call("GET", "/v1/me", token=ana.token).json
    assert sorted(one["org"] for one in me["customer_of"]) == ["demo", "zebra"]
    assert me["memberships"] == []


def test_registrations_of_every_organisation_and_of_nobody_else(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo, world.zebra)
    here, there = _registered(world.demo, ana.email), _registered(world.zebra, ana.email)
    _registered(world.demo, world.demo.fresh("ben"))
    assert {(one["org"], one["id"]) for one in ana.items("registrations")} == {("demo", here["id"]), ("zebra", there["id"])}
    (only,) = ana.items("registrations?org=demo")
    assert (only["organisation"], only["about"]["title"]) == ("Demo School", "Judo demo")
    assert len(only["about"]["meetings"]) == 1


def test_an_account_that_is_no_customer_is_refused(world: World) -> None:
    for path in ("registrations", "invitations", "invoices"):
        assert call("GET", f"/v1/me/{path}", token=world.newcomer).json == {"items": [], "next": None}


def test_invitations_that_can_still_be_answered(world: World, mine: Callable[..., Mine], later: Callable[..., Any]) -> None:
    demo, ana = world.demo, mine(world.demo)
    open_one, ended, accepted = (demo.invite(email=ana.email) for _ in range(3))
    demo.invite()
    demo.act(ended, "cancel")
    assert demo.accept(accepted).status == 201
    (seen,) = ana.items("invitations")
    assert (seen["id"], seen["link"], seen["party_size"]) == (open_one["id"], open_one["link"], 1)
    with later(days=8):
        assert ana.items("invitations") == []


def test_invoices_with_the_link_to_pay(world: World, mine: Callable[..., Mine]) -> None:
    demo, ana = world.demo, mine(world.demo)
    registration = _registered(demo, ana.email)
    assert ana.items("invoices") == []
    billed = demo.call("POST", f"/registrations/{registration['id']}/billing", {"status": "invoiced"}).json["invoice"]
    (seen,) = ana.items("invoices")
    assert (seen["number"], seen["link"], seen["status"]) == (billed["number"], billed["link"], "open")
    assert seen["due"] == {"amount": 1250, "currency": "EUR"}


def test_a_renewed_feed_has_another_url_and_the_old_one_is_dead(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo)
    _registered(world.demo, ana.email)
    old = _feed(ana)
    assert call("GET", old).status == 200
    renewed = call("POST", "/v1/me/profile/calendar-feed", token=ana.token)
    assert (renewed.status, renewed.json["calendar_feed"] == old) == (200, False)
    assert (call("GET", old).status, call("GET", _feed(ana)).status) == (404, 200)


def test_a_corrected_address_ends_the_feed(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo)
    feed, customer = _feed(ana), ana.known[0].id
    assert world.demo.call("PATCH", f"/customers/{customer}", {"name": "Ana Ortiz"}).status == 200
    assert call("GET", feed).status == 200
    assert world.demo.call("PATCH", f"/customers/{customer}", {"email": world.demo.fresh("other")}).status == 200
    assert call("GET", feed).status == 404


def _feed(ana: Mine) -> str:
    return str(ana.get("profile").json["calendar_feed"].removeprefix("http://127.0.0.1:8000"))


def test_the_calendar_by_sign_in_and_by_feed_is_the_same(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo)
    _registered(world.demo, ana.email)
    cancelled = _registered(world.demo, ana.email, world.demo.session(title="Cancelled"))
    world.demo.call("POST", f"/sessions/{cancelled['session']}/cancel", {})
    response = ana.get("calendar.ics")
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:Judo demo\r\n" in response.text
    assert "Cancelled" not in response.text
    feed = ana.get("profile").json["calendar_feed"].removeprefix("http://127.0.0.1:8000")
    assert [line for line in call("GET", feed).text.split() if "DTSTAMP" not in line] == [
        line for line in response.text.split() if "DTSTAMP" not in line
    ]
    customers.save(Customer(**{**_fields(ana.known[0]), "user": "another"}), was=ana.known[0])
    assert call("GET", feed).status == 404


def _fields(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in Customer.__dataclass_fields__}


def test_the_profile_is_read_and_changed_by_version(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo)
    read = ana.get("profile")
    assert (read.json["name"], read.json["participants"]) == ("Ana", [{"name": "Kim", "date_of_birth": "2019-05-04"}])

    def patch(body: Any, **headers: str) -> Response:
        return call("PATCH", "/v1/me/profile", body, token=ana.token, headers=headers)

    changed = patch({"phone": "0123", "participants": [{"name": "Zoé"}]}, **{"If-Match": read.headers["etag"]})
    assert (changed.status, changed.json["phone"], changed.json["name"]) == (200, "0123", "Ana")
    assert changed.json["participants"] == [{"name": "Zoé", "date_of_birth": None}]
    assert patch({"name": "Anna"}, **{"If-Match": read.headers["etag"]}).status == 412
    assert patch({"email": "other@demo.test"}).faults == {("/email", "unknown_field")}
    assert patch({"name": None}).status == 422


def test_a_customer_of_several_organisations_must_name_one(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo, world.zebra)
    assert ana.get("profile").faults == {("/org", "missing")}
    assert ana.get("profile?org=zebra").json["org"] == "zebra"
    assert ana.get("profile?org=nowhere").status == 404
    assert mine(world.demo).get("profile?org=zebra").status == 404


def test_a_sign_out_everywhere_ends_access_tokens_of_customers(world: World, mine: Callable[..., Mine]) -> None:
    ana = mine(world.demo)
    customers.end_sessions(ana.known[0], now=datetime(2100, 1, 1, tzinfo=UTC))
    assert ana.get("registrations").status == 401


def test_the_links_that_staff_pass_on(world: World) -> None:
    portal = "http://127.0.0.1:8000/p/demo"
    links = {"sign_in": f"{portal}/sign-in", "register": f"{portal}/register", "enrol": portal}
    assert world.demo.call("GET", "/links", by="viewer").json == links
