"""The leaders of a session over HTTP."""

import re
from typing import Any

import pytest

from chalicelib.api.endpoints import every
from chalicelib.web.audience import Staff
from tests.api.bodies import in_days, session_body
from tests.api.route_cases import ROWS, filled
from tests.api.route_things import THINGS
from tests.api.tenants import Office
from tests.http import Response, call

AMOUNTS = {"price", "total_price", "tiers", "billing", "amount", "currency", "discount_code", "invoice", "owed"}


def test_staff_name_the_leaders_of_a_session(demo: Office) -> None:
    session = demo.session(leaders=["Manager@DEMO.test", "manager@demo.test"])
    assert demo.read(session)["leaders"] == ["manager@demo.test"]
    assert demo.edit(session, leaders=["viewer@demo.test", "owner@demo.test"]).json["leaders"] == ["viewer@demo.test", "owner@demo.test"]
    assert demo.edit(session, title="Aikido").json["leaders"] == ["viewer@demo.test", "owner@demo.test"]
    assert demo.edit(session, leaders=[]).json["leaders"] == []


def test_a_leader_must_be_a_member_of_staff(demo: Office) -> None:
    session = demo.session()
    named = ["manager@demo.test", "stranger@demo.test", "owner@zebra.test"]
    for response in (demo.edit(session, leaders=named), demo.call("POST", "/sessions", session_body(leaders=named))):
        assert (response.status, response.json["code"]) == (422, "validation_failed")
        assert [(error["field"], error["code"]) for error in response.json["errors"]] == [
            ("/leaders/1", "not_staff"),
            ("/leaders/2", "not_staff"),
        ]
    assert demo.read(session)["leaders"] == []


LED = sorted((one.method, one.path) for one in every() if isinstance(one.who, Staff) and one.who.led and "{session}" in one.path)


@pytest.mark.parametrize("route", LED, ids=" ".join)
def test_a_leader_gets_these_routes_for_the_sessions_that_they_lead_only(demo: Office, route: tuple[str, str]) -> None:
    row = ROWS[route]
    params = {"org": "demo", **THINGS[row.on or "session"](demo)}
    path = re.sub(r"{(\w+)}", lambda name: params[name[1]], route[1])

    def tried() -> Response:
        return call(route[0], path, filled(row.body, demo, params), token=demo.tokens["leader"])

    refused = tried()
    assert (refused.status, refused.json["code"]) == (403, "not_leader")
    demo.lead(params["session"])
    led = tried()
    assert led.status == row.gives, led.text
    assert not AMOUNTS & keys_of(led.json), led.text
    assert demo.edit(params["session"], leaders=["manager@demo.test"]).status == 200
    assert tried().status == 403


def keys_of(value: Any) -> set[str]:
    """Return the names of all fields in a body, however deep."""
    if isinstance(value, dict):
        return {*value, *(name for inner in value.values() for name in keys_of(inner))}
    return {name for inner in value for name in keys_of(inner)} if isinstance(value, list) else set()


def test_a_leader_sees_the_people_of_their_session_without_amounts_and_links(demo: Office) -> None:
    session = demo.session()
    demo.lead(session)
    email = demo.register(session)["email"]
    invited = demo.invite(session, note="Owes us money")
    shown = demo.call("GET", f"/sessions/{session}/roster", by="leader")
    assert [one["email"] for one in shown.json["registrations"]] == [email]
    assert [one["email"] for one in shown.json["invitations"]] == [invited["email"]]
    assert shown.json["spots"] == demo.spots(session)
    assert [word for word in ("price", "1250", "billing", "/i/", "Owes") if word in shown.text] == []


def test_a_leader_is_found_whatever_the_spelling_of_the_address(demo: Office) -> None:
    session = demo.session(leaders=["LEADER@demo.test"])
    assert demo.call("GET", f"/sessions/{session}", by="leader").status == 200


def test_others_who_lead_a_session_keep_what_their_role_may(demo: Office) -> None:
    session = demo.register(demo.session(leaders=["viewer@demo.test"]))["session"]
    mailing = {"registrations": "all", "subject": "Hello", "text": "Bring a towel."}
    assert demo.call("POST", f"/sessions/{session}/messages", mailing, by="viewer").status == 202
    assert demo.edit(session, leaders=[]).status == 200
    assert demo.call("POST", f"/sessions/{session}/messages", mailing, by="viewer").json["code"] == "not_leader"


def test_a_leader_checks_in_on_their_own_session_only_and_sees_nothing_owed(demo: Office) -> None:
    registration = demo.register()
    meeting = demo.read(registration["session"])["meetings"][0]["id"]
    scanned = {"token": registration["check_in"], "meeting": meeting}
    assert demo.call("POST", "/check-in", scanned, by="leader").json["code"] == "not_leader"
    demo.lead(registration["session"])
    found = demo.call("POST", "/check-in", scanned, by="leader")
    assert (found.status, AMOUNTS & keys_of(found.json)) == (200, set())


def test_a_leader_lists_their_own_dates_only(demo: Office) -> None:
    led = demo.session(leaders=["leader@demo.test"])
    listed = demo.call("GET", f"/meetings?from={in_days(9)[:10]}&to={in_days(11)[:10]}&limit=200", by="leader").json["items"]
    assert led in {one["session"] for one in listed}
    assert {tuple(one["leaders"]) for one in listed} == {("leader@demo.test",)}
