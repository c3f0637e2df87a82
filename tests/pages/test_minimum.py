"""The minimum number of participants on pages: planned, shown, and decided by staff."""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.operations import sessions
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.sessions import Session
from chalicelib.tables import sessions as table
from tests.pages.browser import Browser

NEW = "/o/demo/sessions/new"
FIELDS = {
    "title": "Karate",
    "time_zone": "Europe/Paris",
    "spots_total": "12",
    "tiers/0/name": "Child",
    "tiers/0/price/amount": "0",
    "meetings/0/starts_at": "2040-10-02T17:00",
    "meetings/0/ends_at": "2040-10-02T18:30",
    "minimum/participants": "6",
}


def karate() -> list[Session]:
    found = sessions.list_sessions("demo", now=datetime.now(UTC), limit=100).items
    return [view.session for view in found if view.session.title == "Karate"]


def below_minimum(session: Session) -> Session:
    minimum = Minimum(6, "ask", hours_before=48, outcome="asked", counted=2, decided_at=session.created_at)
    return table.save(replace(session, minimum=minimum), [], 0, was=session)


def test_it_is_planned_edited_and_removed(manager: Browser, visitor: Browser) -> None:
    assert manager.send(manager.get(NEW), FIELDS, action=NEW).status == 303
    (session,) = karate()
    assert session.minimum == Minimum(6, "ask", hours_before=48)
    assert "Takes place from 6 participants · decided on Sun 30 Sept 2040" in visitor.get(f"/p/demo/sessions/{session.id}").text
    assert "Takes place from 6 participants" in manager.get(f"/o/demo/sessions/{session.id}").text
    edit = f"/o/demo/sessions/{session.id}/edit"
    assert manager.send(manager.get(edit), {"minimum/decide_at": "2040-09-01T12:00", "minimum/below": "cancel"}, action=edit).status == 303
    assert karate()[0].minimum == Minimum(6, "cancel", decide_at=datetime(2040, 9, 1, 10, tzinfo=UTC))
    assert manager.send(manager.get(edit), {"minimum/participants": ""}, action=edit).status == 303
    assert karate()[0].minimum is None


def test_a_series_decides_each_of_its_sessions_as_long_before(manager: Browser) -> None:
    series = {**FIELDS, "minimum/decide_at": "2040-10-01T12:00", "repeat/every": "1", "repeat/times": "3", "repeat/as": "series"}
    preview = manager.send(manager.get(NEW), series, action=NEW)
    assert manager.send(preview, {"confirmed": "true"}, action=NEW).status == 303
    assert [f"{one.decides_at:%m-%d %H}" for one in karate()] == ["10-01 10", "10-08 10", "10-15 10"]


def test_what_does_not_fit_is_shown_at_the_form(manager: Browser) -> None:
    refused = manager.send(manager.get(NEW), {**FIELDS, "minimum/participants": "13"}, action=NEW)
    assert refused.status == 422
    assert "The minimum is larger than the number of spots." in refused.text
    unclear = manager.send(manager.get(NEW), {**FIELDS, "minimum/hours_before": ""}, action=NEW)
    assert "Say when to decide" in unclear.text


def test_staff_decide_that_it_goes_ahead(manager: Browser, session: Session) -> None:
    page = f"/o/demo/sessions/{below_minimum(session).id}"
    roster = manager.get(page)
    assert "Too few participants: 2 of at least 6 had registered." in roster.text
    decided = manager.send(manager.get(f"{page}/minimum"), {}, action=f"{page}/minimum")
    assert decided.status == 303
    assert "Goes ahead" in manager.get(page).text
    assert "It goes ahead" not in manager.get(f"{page}/minimum").text


def test_the_reason_is_filled_in_when_they_cancel(manager: Browser, session: Session) -> None:
    page = f"/o/demo/sessions/{below_minimum(session).id}"
    assert f"{page}/cancel?because=minimum" in manager.get(f"{page}/minimum").links
    reason = manager.get(f"{page}/cancel?because=minimum").form(f"{page}/cancel").fields["reason"]
    assert reason == "Not enough registrations: at least 6 participants were needed."
    assert manager.get(f"{page}/cancel").form(f"{page}/cancel").fields["reason"] == ""
