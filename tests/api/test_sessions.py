"""Editing, cancelling and deleting sessions: kept ids and history, required confirmations, and released holds."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.bodies import in_days, session_body
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office
from tests.http import call

Later = Callable[..., Any]


def dates(*days: float) -> list[dict[str, Any]]:
    return [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in days]


def tier(name: str, amount: int = 1250, **more: Any) -> dict[str, Any]:
    return {"name": name, "price": {"amount": amount, "currency": "EUR"}, **more}


def test_moved_meetings_keep_their_ids_by_id_or_by_time(demo: Office) -> None:
    session = demo.session(meetings=dates(10, 17, 24))
    first, second, third = demo.read(session)["meetings"]
    moved = {**second, "starts_at": in_days(18), "ends_at": in_days(18.1)}
    same_time = {name: third[name] for name in ("starts_at", "ends_at")}
    edited = demo.edit(session, meetings=[same_time, moved, *dates(3), first]).json["meetings"]
    assert [one["id"] for one in edited[1:]] == [first["id"], second["id"], third["id"]]
    assert edited[0]["id"] not in {first["id"], second["id"], third["id"]}


def test_a_meeting_that_takes_anothers_time_does_not_take_its_id(demo: Office) -> None:
    session = demo.session(meetings=dates(10, 17))
    first, second = demo.read(session)["meetings"]
    swapped = [{**first, **_times(second)}, {**second, **_times(first)}]
    edited = demo.edit(session, meetings=swapped).json["meetings"]
    assert [one["id"] for one in edited] == [second["id"], first["id"]]
    only_times = demo.edit(session, meetings=[{**first, **_times(second)}, _times(second)]).json["meetings"]
    assert len({one["id"] for one in only_times}) == 2


def test_prices_and_questions_keep_their_ids_by_name_and_do_not_take_one_that_is_claimed(demo: Office) -> None:
    session = demo.session(
        tiers=[tier("Child"), tier("Adult")], questions=[{"label": "Size?", "kind": "text"}, {"label": "Diet?", "kind": "text"}]
    )
    before = demo.read(session)
    child, adult = before["tiers"]
    edited = demo.edit(session, tiers=[tier("Adult", 999), tier("Baby"), tier("Child")]).json["tiers"]
    assert {one["name"]: one["id"] for one in edited} | {"Baby": "?"} == {"Child": child["id"], "Adult": adult["id"], "Baby": "?"}
    renamed = demo.edit(session, tiers=[tier("Child"), tier("Teenager", id=child["id"])]).json["tiers"]
    assert len({one["id"] for one in renamed}) == 2
    assert next(one["id"] for one in renamed if one["name"] == "Teenager") == child["id"]
    size, diet = before["questions"]
    response = demo.edit(
        session, questions=[{"label": "Size?", "kind": "text"}, {"label": "Shirt?", "kind": "text", "id": size["id"]}]
    ).json
    assert len({one["id"] for one in response["questions"]}) == 2
    assert diet["id"] not in {one["id"] for one in response["questions"]}


def test_registration_closes_with_the_last_meeting_unless_told_otherwise(demo: Office) -> None:
    following, fixed = demo.session(meetings=dates(10, 17)), demo.session(meetings=dates(10, 17), registration_closes_at=in_days(5))
    closes = demo.read(fixed)["registration_closes_at"]
    assert demo.read(following)["registration_closes_at"] == demo.read(following)["meetings"][-1]["starts_at"]
    for days in ((10, 30), (8,)):
        edited = demo.edit(following, meetings=dates(*days)).json
        assert edited["registration_closes_at"] == edited["meetings"][-1]["starts_at"]
        assert demo.edit(fixed, meetings=dates(*days)).json["registration_closes_at"] == closes


def test_fewer_spots_than_are_in_use_must_be_confirmed(demo: Office) -> None:
    session = demo.session(spots_total=4)
    for _ in range(2):
        demo.register(session)
    demo.invite(session)
    with nothing_stored():
        response = demo.edit(session, spots_total=2, title="Aikido")
    assert (response.status, response.json["code"], response.json["used"]) == (409, "below_use", 3)
    assert demo.edit(session, spots_total=3).status == 200
    lowered = demo.edit(session, spots_total=1, confirm_below_use=True)
    assert lowered.json["spots"] == {"total": 1, "taken": 2, "held": 1, "extra": 0, "free": 0}
    assert demo.enrol(session).json["code"] == "session_full"
    raised = demo.edit(session, spots_total=4)
    assert raised.json["spots"] == {"total": 4, "taken": 2, "held": 1, "extra": 0, "free": 1}
    demo.register(session)


def test_a_change_of_dates_or_place_answers_how_many_people_are_told(demo: Office) -> None:
    session = demo.session()
    assert "told" not in demo.edit(session, location="Gym").json
    for _ in range(2):
        demo.register(session)
    demo.invite(session)
    assert demo.edit(session, location="Hall").json["told"] == 3
    assert "told" not in demo.edit(session, location="Park", tell=False).json
    assert "told" not in demo.edit(session, title="Aikido").json


def test_expired_holds_are_not_in_use(demo: Office, later: Later) -> None:
    session = demo.session(spots_total=3)
    demo.invite(session, party_size=2, expires_at=in_days(1))
    assert demo.edit(session, spots_total=1).status == 409
    with later(days=2):
        lowered = demo.edit(session, spots_total=1)
        assert (lowered.status, lowered.json["spots"]["free"]) == (200, 1)
        demo.register(session)
        assert demo.spots(session) == {"total": 1, "taken": 1, "held": 0, "extra": 0, "free": 0}


def test_spots_grow_to_the_most_and_shrink_to_none(demo: Office) -> None:
    session = demo.session(spots_total=0)
    for total in (4000, 51, 50, 1, 0, 130):
        assert demo.edit(session, spots_total=total).json["spots"] == {"total": total, "taken": 0, "held": 0, "extra": 0, "free": total}


def test_a_change_leaves_omitted_fields(demo: Office) -> None:
    session = demo.session(description="Bring a towel", location="Gym", tags=["sport"], questions=[{"label": "Size?", "kind": "text"}])
    before = demo.read(session)
    assert demo.edit(session).json == before
    assert demo.edit(session, title="Aikido").json == {**before, "title": "Aikido"}
    emptied = demo.edit(session, description="", location="", tags=[], questions=[]).json
    assert (emptied["description"], emptied["location"], emptied["tags"], emptied["questions"]) == ("", "", [], [])


@pytest.mark.parametrize("field", sorted(session_body(description="", location="", tags=[], questions=[], confirm_below_use=True)))
def test_null_is_no_change(demo: Office, field: str) -> None:
    session = demo.kept_thing("session", lambda: {"session": demo.session()})["session"]
    with nothing_stored():
        assert demo.edit(session, **{field: None}).status == 422


def test_only_an_untouched_session_is_deleted(demo: Office) -> None:
    assert demo.call("DELETE", f"/sessions/{demo.session(spots_total=120)}").status == 204
    invited, cancelled, registered, removed = (demo.session() for _ in range(4))
    demo.invite(invited)
    demo.act(demo.invite(cancelled), "cancel")
    demo.register(registered)
    demo.call("DELETE", f"/registrations/{demo.register(removed)['id']}")
    for session in (invited, cancelled, registered, removed):
        with nothing_stored():
            refused = demo.call("DELETE", f"/sessions/{session}")
        assert (refused.status, refused.json["code"]) == (409, "session_in_use")


def test_a_session_with_only_refused_requests_can_be_deleted(demo: Office) -> None:
    session = demo.session(spots_total=0)
    assert demo.enrol(session).json["code"] == "session_full"
    assert demo.ask(session).json["code"] == "session_full"
    assert demo.call("DELETE", f"/sessions/{session}").status == 204
    for path in ("", "/roster", "/capacity", "/invitations"):
        assert demo.call("GET", f"/sessions/{session}{path}").status == 404
    assert demo.call("DELETE", f"/sessions/{session}").status == 404


def test_a_cancelled_session_releases_every_hold_and_keeps_its_history(demo: Office) -> None:
    session = demo.session(spots_total=2)
    invitation, registration = demo.invite(session), demo.register(session)
    extra = demo.invite(session, confirm_over_capacity=True)
    cancelled = demo.call("POST", f"/sessions/{session}/cancel", {"reason": "Snow"})
    assert (cancelled.status, cancelled.json["state"], cancelled.json["cancel_reason"]) == (200, "cancelled", "Snow")
    assert cancelled.json["spots"]["held"] == cancelled.json["spots"]["extra"] == 0
    assert [demo.look(one)["status"] for one in (invitation, extra)] == ["cancelled", "cancelled"]
    gone = demo.accept(invitation)
    assert (gone.status, gone.json["invitation_status"]) == (410, "cancelled")
    assert [one["id"] for one in demo.roster(session)["registrations"]] == [registration["id"]]


def test_cancelling_again_changes_nothing(demo: Office) -> None:
    session = demo.session()
    first = demo.call("POST", f"/sessions/{session}/cancel", {"reason": "Snow"})
    with nothing_stored():
        second = demo.call("POST", f"/sessions/{session}/cancel", {"reason": "Rain"})
    assert (second.status, second.json) == (200, first.json)


def test_a_cancelled_session_takes_no_registration(demo: Office) -> None:
    session = demo.session()
    ended = demo.invite(session)
    demo.call("POST", f"/sessions/{session}/cancel", {})
    with nothing_stored():
        for response in (demo.enrol(session), demo.ask(session), demo.act(ended, "revive", {}), demo.edit(session, title="Again")):
            assert (response.status, response.json["code"]) == (409, "session_cancelled")
        assert call("GET", f"/v1/portal/demo/sessions/{session}").status == 404
    assert session not in {one["id"] for one in call("GET", "/v1/portal/demo/sessions?limit=200").json["items"]}


def test_the_states_of_a_session_in_time(demo: Office, later: Later) -> None:
    session = demo.session(
        spots_total=1, meetings=dates(10, 17), registration_opens_at=in_days(2), registration_closes_at=in_days(8)
    )  # fmt: skip
    seen = []
    for days in (0, 3, 9, 11, 17.01, 18):
        with later(days=days):
            seen.append(demo.read(session)["state"])
    assert seen == ["upcoming", "open", "closed", "closed", "closed", "past"]
    with later(days=3):
        demo.register(session)
        assert demo.read(session)["state"] == "full"


def _times(meeting: dict[str, Any]) -> dict[str, Any]:
    return {name: meeting[name] for name in ("starts_at", "ends_at")}
