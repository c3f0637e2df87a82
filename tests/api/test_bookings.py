"""Own bookings over HTTP: what a family reads, corrects, gives back, cancels and moves by the booking's link, or signed in."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.config import config
from tests.api.bodies import in_days
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, World
from tests.http import Response, call

Later = Callable[..., Any]


@pytest.fixture
def offered(demo: Office) -> Iterator[None]:
    """Families cancel until a day before, and move."""
    assert demo.call("PATCH", "", {"cancel_until_hours": 24, "self_service_moves": True}, by="owner").status == 200
    yield
    assert demo.call("PATCH", "", {"cancel_until_hours": None, "self_service_moves": False}, by="owner").status == 200


def at(made: Any, act: str = "") -> str:
    return f"/v1/bookings/{made['booking'].rpartition('/')[2]}{act}"


def refused(response: Response) -> tuple[int, str]:
    return response.status, response.json["code"]


def test_every_answer_of_registering_has_the_link_of_the_booking(demo: Office) -> None:
    session = demo.session()
    public, invited = demo.register(session, "ana@demo.test"), demo.accept(demo.invite(session)).json
    body = {"new_customer": {"name": "Lea", "email": "lea@demo.test"}, "participants": [{"name": "Lou"}]}
    by_staff = demo.call("POST", f"/sessions/{session}/registrations", body).json
    found = [one["booking"] for one in (public, invited, by_staff)]
    assert all(re.fullmatch(re.escape(config().public_url) + r"/b/[\w.-]+", link) for link in found)
    assert len(set(found)) == 3
    assert "booking" not in demo.call("GET", f"/registrations/{public['id']}").json, "staff who only read do not get it"


@pytest.mark.usefixtures("offered")
def test_a_booking_says_what_its_family_may_do(demo: Office, later: Later) -> None:
    now = datetime.now(UTC)
    starts, until = in_days(10, now=now), in_days(9, now=now)
    made = demo.register(demo.session(meetings=[{"starts_at": starts, "ends_at": in_days(10.1)}]), "", "Kim", "Lou")
    found = call("GET", at(made)).json
    assert (found["status"], found["may"], found["owed"]["amount"]) == ("booked", ["cancel", "move", "edit"], 2500)
    assert found["cancel_until"] == until
    assert found["check_in"] == made["check_in"]
    with later(days=9.5):
        late = call("GET", at(made)).json
        assert (late["may"], late["cancel_until"]) == (["edit"], until)
        response = call("POST", at(made, "/cancel"))
        assert (*refused(response), response.json["until"]) == (409, "too_late_to_cancel", until)
        assert refused(call("PATCH", at(made), {"party_size": 1, "participants": [{"name": "Kim"}]})) == (409, "too_late_to_cancel")
    with later(days=11):
        assert call("GET", at(made)).json["may"] == []
        assert refused(call("PATCH", at(made), {"participants": [{"name": "Kim"}]})) == (409, "not_by_yourself")


@pytest.mark.usefixtures("offered")
def test_a_cancellation_frees_spots_once(demo: Office) -> None:
    session = demo.session(spots_total=3)
    made = demo.register(session, "", "Kim", "Lou")
    key = {"Idempotency-Key": "cancel-once"}
    first, again = (call("POST", at(made, "/cancel"), headers=key) for _ in range(2))
    assert (first.status, first.json, again.json) == (200, {"freed": 2}, {"freed": 2})
    assert refused(call("POST", at(made, "/cancel"))) == (409, "already_removed")
    assert demo.spots(session)["free"] == 3
    ended = call("GET", at(made)).json
    assert (ended["status"], ended["may"], ended["owed"]["amount"]) == ("cancelled", [], 0)
    assert refused(call("PATCH", at(made), {"party_size": 1})) == (409, "already_removed")
    assert refused(call("POST", at(made, "/move"), {"to_session": demo.session()})) == (409, "already_removed")


def test_what_is_off_is_refused_and_a_session_may_offer_it(demo: Office) -> None:
    made, other = demo.register(), demo.session()
    assert call("GET", at(made)).json["may"] == ["edit"]
    assert call("GET", at(made)).json["cancel_until"] is None
    with nothing_stored():
        assert refused(call("POST", at(made, "/cancel"))) == (409, "not_by_yourself")
        assert refused(call("POST", at(made, "/move"), {"to_session": other})) == (409, "not_by_yourself")
    assert demo.edit(made["session"], cancel_until_hours=0).status == 200
    assert call("POST", at(made, "/cancel")).json == {"freed": 1}
    assert demo.read(made["session"])["cancel_until_hours"] == 0
    assert demo.edit(made["session"], cancel_until_hours=None).json["cancel_until_hours"] is None


@pytest.mark.usefixtures("offered")
def test_participants_are_corrected_and_spots_given_back(demo: Office) -> None:
    session = demo.session(spots_total=3)
    made = demo.register(session, "", "Kim", "Lou")
    changed = call("PATCH", at(made), {"participants": [{"name": "Kim"}, {"name": "Loulou"}]})
    assert [one["name"] for one in changed.json["participants"]] == ["Kim", "Loulou"]
    with nothing_stored():
        assert refused(call("PATCH", at(made), {"party_size": 3})) == (409, "not_by_yourself")
        assert refused(call("PATCH", at(made), {"party_size": 1})) == (422, "too_many_participants")
        assert refused(call("PATCH", at(made), {"party_size": 0})) == (422, "validation_failed")
        assert refused(call("PATCH", at(made), {"email": "eve@demo.test"})) == (422, "validation_failed")
        assert refused(call("PATCH", at(made), {"participants": None})) == (422, "validation_failed")
    smaller = call("PATCH", at(made), {"party_size": 1, "participants": [{"name": "Loulou"}]})
    assert (smaller.json["party_size"], smaller.json["total"]["amount"], demo.spots(session)["free"]) == (1, 1250, 2)


@pytest.mark.usefixtures("offered")
def test_paid_spots_are_not_given_back_one_by_one(demo: Office) -> None:
    made = demo.register("", "", "Kim", "Lou")
    assert demo.call("POST", f"/registrations/{made['id']}/billing", {"status": "paid"}).status == 200
    assert refused(call("PATCH", at(made), {"party_size": 1, "participants": [{"name": "Kim"}]})) == (409, "already_paid")
    assert call("POST", at(made, "/cancel")).json == {"freed": 2}


@pytest.mark.usefixtures("offered")
def test_a_move_leads_to_the_new_booking(demo: Office) -> None:
    here, there, full = demo.session(tags=["art"]), demo.session(tags=["art"]), demo.session(tags=["art"], spots_total=0)
    stranger = demo.session(tags=["sport"])
    made = demo.register(here)
    with nothing_stored():
        assert refused(call("POST", at(made, "/move"), {"to_session": full})) == (409, "session_full")
        assert refused(call("POST", at(made, "/move"), {"to_session": here})) == (409, "same_session")
        assert refused(call("POST", at(made, "/move"), {"to_session": stranger})) == (409, "not_by_yourself")
        assert refused(call("POST", at(made, "/move"), {"to_session": "nothing"})) == (404, "not_found")
        assert refused(call("POST", at(made, "/move"), {})) == (422, "validation_failed")
    key = {"Idempotency-Key": "move-once"}
    first, again = (call("POST", at(made, "/move"), {"to_session": there}, headers=key) for _ in range(2))
    assert (first.status, first.json["session"], first.json["moved_from"]) == (200, there, made["id"])
    assert again.json == first.json
    assert call("GET", at(made)).json["status"] == "moved"
    assert call("GET", at(first.json)).json["status"] == "booked"


@pytest.mark.usefixtures("offered")
def test_the_same_for_who_is_signed_in(world: World) -> None:
    demo = world.demo
    made, others = demo.register("", "customer@demo.test"), demo.register()

    def mine(method: str, registration: Any, act: str = "", body: Any = None) -> Response:
        return call(method, f"/v1/me/registrations/{registration['id']}{act}", body, token=world.customer)

    assert mine("GET", made).json == call("GET", at(made)).json
    assert mine("PATCH", made, body={"participants": [{"name": "Lou"}]}).json["participants"] == [{"name": "Lou"}]
    assert mine("POST", made, "/cancel").json == {"freed": 1}
    for method, act, body in (("GET", "", None), ("PATCH", "", {}), ("POST", "/cancel", None), ("POST", "/move", {"to_session": "s"})):
        assert mine(method, others, act, body).status == 404
    assert call("GET", f"/v1/me/registrations/{made['id']}?org=zebra", token=world.customer).status == 404


@pytest.mark.parametrize("token", ["nothing", "demo.s-1.x", "demo.s-1." + "A" * 22])
def test_an_invented_link_opens_nothing(world: World, token: str) -> None:
    for method, act, body in (("GET", "", None), ("PATCH", "", {}), ("POST", "/cancel", None), ("POST", "/move", {"to_session": "s"})):
        assert call(method, f"/v1/bookings/{token}{act}", body).status == 404
