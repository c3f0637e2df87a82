"""Changes of dates or place within minutes: the first is told at once, the others in one e-mail that says before and after."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.events import schedules
from chalicelib.operations.messages import dispatch, outbox
from chalicelib.operations.sessions import cancel_session, edit_session
from chalicelib.rules.change_notices import GATHER
from chalicelib.rules.inputs.sessions import CancelInput, SessionChanges
from chalicelib.rules.sessions import Session
from chalicelib.tables import clock, dynamodb, messages
from tests.operations.messages.test_email_preferences import suppress
from tests.operations.simulated_aws import Crash, Ses, Streams, redrive
from tests.operations.test_reactions import registered

MINUTE = timedelta(minutes=1)


class Office:
    """Staff who change the place of a session, and the people who read their e-mails."""

    def __init__(self, streams: Streams, ses: Ses, now: datetime) -> None:
        self.streams, self.ses, self.now = streams, ses, now

    def after(self, minutes: float) -> "Office":
        """Let time pass; schedules run when it has."""
        self.now += timedelta(minutes=minutes)
        dispatch(now=self.now, leaves_at=self.now)
        self.streams.drain(self.now)
        return self

    def move(self, location: str, *, tell: bool = True) -> int:
        changes = SessionChanges(location=location, tell=tell)
        recipients = edit_session("demo", "s1", changes, expected=None, now=self.now).recipients
        self.streams.drain(self.now)
        return recipients

    @property
    def notices(self) -> list[tuple[str, ...]]:
        """Each e-mail about a move, as the recipient and the places in it: now, before."""
        moved = [request for request in self.ses.sent if "lieu" in request["Content"]["Simple"]["Subject"]["Data"]]
        return [(request["Destination"]["ToAddresses"][0].partition("@")[0], *locations(request)) for request in moved]


def locations(request: dict[str, Any]) -> list[str]:
    text = request["Content"]["Simple"]["Body"]["Text"]["Data"]
    return [word for word in text.split() if word in {"Gym", "Hall", "Park", "Pool"} or word == "Lilas"]


@pytest.fixture
def office(open_session: Callable[..., Session], streams: Streams, ses: Ses, now: datetime) -> Office:
    """One person is registered."""
    open_session(location="Lilas")
    registered("ben@example.org", now=now)
    streams.drain(now)
    ses.sent.clear()
    return Office(streams, ses, now)


def test_the_first_change_is_told_at_once(office: Office) -> None:
    assert office.move("Gym") == 1
    assert office.notices == [("ben", "Gym", "Lilas")]
    assert office.after(6).notices == [("ben", "Gym", "Lilas")]


def test_changes_within_minutes_become_one_e_mail_from_what_was_told_last(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Hall")
    office.after(1).move("Park")
    assert len(office.after(2.9).notices) == 1
    assert office.after(0.1).notices[1:] == [("ben", "Park", "Gym")]
    assert len(office.after(60).notices) == 2


def test_what_went_back_to_what_was_told_is_not_told(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Hall")
    office.after(1).move("Gym")
    assert office.after(9).notices == [("ben", "Gym", "Lilas")]


def test_a_mistake_that_is_undone_is_told_as_both(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Lilas")
    assert office.after(5).notices[1:] == [("ben", "Lilas", "Gym")]


def test_a_change_that_is_saved_while_the_gathered_e_mail_leaves_is_told(office: Office) -> None:
    """Its request began before: it saw that the e-mail was still gathering, and is saved once the e-mail has left."""
    office.move("Gym")
    office.after(1).move("Hall")
    began = office.now + 4 * MINUTE - timedelta(seconds=29)
    assert office.after(4).notices[1:] == [("ben", "Hall", "Gym")]
    edit_session("demo", "s1", SessionChanges(location="Park"), expected=None, now=began)
    office.streams.drain(office.now)
    assert office.after(5).notices[2:] == [("ben", "Park", "Hall")]


def test_a_change_that_is_saved_just_before_the_gathered_e_mail_leaves_is_told_once(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Hall")
    office.after(3.9).move("Park")
    assert office.after(0.1).notices[1:] == [("ben", "Park", "Gym")]
    assert len(office.after(60).notices) == 2


def test_a_change_after_the_gathered_e_mail_gathers_again(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Hall")
    office.after(5).move("Park")
    assert [location for _, location, _ in office.notices] == ["Gym", "Hall"]
    assert office.after(5).notices[2:] == [("ben", "Park", "Hall")]


def test_a_change_long_after_is_told_at_once(office: Office) -> None:
    office.move("Gym")
    office.after(GATHER / MINUTE).move("Hall")
    assert office.notices[1:] == [("ben", "Hall", "Gym")]


def test_someone_who_comes_between_two_changes_is_told_at_once_what_changed_for_them(office: Office) -> None:
    office.move("Gym")
    registered("kim@example.org", now=office.now, name="Kim")
    office.after(1).move("Hall")
    assert office.notices[1:] == [("kim", "Hall", "Gym")]
    office.after(1).move("Park")
    assert sorted(office.after(5).notices[2:]) == [("ben", "Park", "Gym"), ("kim", "Park", "Hall")]


def test_a_silent_change_is_told_to_nobody(office: Office) -> None:
    assert office.move("Gym", tell=False) == 0
    assert office.after(9).notices == []
    office.move("Hall")
    assert office.notices == [("ben", "Hall", "Gym")]


def test_what_is_told_is_the_state_at_the_moment_of_sending(office: Office) -> None:
    """The second change is saved before the e-mail about the first is written: that one tells both, and nothing follows."""
    for location in ("Gym", "Hall"):
        edit_session("demo", "s1", SessionChanges(location=location), expected=None, now=office.now)
    office.streams.drain(office.now)
    assert office.notices == [("ben", "Hall", "Lilas")]
    assert office.after(9).notices == [("ben", "Hall", "Lilas")]


def test_a_cancelled_session_has_no_new_place(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Hall")
    cancel_session("demo", "s1", CancelInput(), by="owner", now=office.now)
    assert len(office.after(5).notices) == 1


def test_an_address_that_nothing_is_sent_to_is_not_counted(office: Office) -> None:
    registered("kim@example.org", now=office.now, name="Kim")
    office.streams.drain(office.now)
    suppress("ben@example.org")
    assert office.move("Gym") == 1


def test_every_step_may_run_twice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records come three times, two schedules run at once, and processes die after each write: each e-mail leaves once."""
    handle = roster_events.handle

    def thrice(event: dict[str, Any], **named: Any) -> dict[str, Any]:
        return [handle(event, **named) for _ in range(3)][-1]

    monkeypatch.setattr(roster_events, "handle", thrice)
    office.move("Gym")
    office.after(1).move("Hall")
    office.after(1).move("Park")
    due = office.now + 4 * MINUTE
    update, dead = dynamodb.update, list[str]()

    def dies(*args: Any, **named: Any) -> Any:
        result = update(*args, **named)
        if not dead:
            dead.append("dispatched")
            raise Crash
        return result

    with monkeypatch.context() as patched:
        patched.setattr(dynamodb, "update", dies)
        with pytest.raises(Crash):
            dispatch(now=due, leaves_at=due)
    assert [dispatch(now=due, leaves_at=due) for _ in range(2)] == [0, 0]
    office.streams.drain(due)
    office.now = due
    assert office.after(60).notices == [("ben", "Gym", "Lilas"), ("ben", "Park", "Gym")]


def test_nothing_leaves_before_it_is_due(office: Office) -> None:
    """Control: the outbox never takes a message that gathers."""
    office.move("Gym")
    office.after(1).move("Hall")
    waiting = [message for message in messages.about_session("demo", "s1", limit=50, start=None)[0] if message.state == "queued"]
    (one,) = waiting
    assert outbox.send("demo", one.id, now=office.now) is None
    assert redrive("demo", now=office.now + 2 * MINUTE) == 0
    assert messages.get("demo", one.id).due_at == office.now - MINUTE + GATHER  # type: ignore[union-attr]
    assert clock.due("unsent", until="9") == []


def test_the_schedules_dispatch_what_is_due_by_their_clock(office: Office) -> None:
    office.move("Gym")
    office.after(1).move("Hall")
    assert schedules.run(office.now + 3 * MINUTE)["dispatched"] == 0
    assert schedules.run(office.now + 5 * MINUTE)["dispatched"] == 1
