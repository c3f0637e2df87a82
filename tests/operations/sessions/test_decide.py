"""A session with a minimum is decided once, at its moment, and everybody hears what follows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations.notifications import list_notifications
from chalicelib.operations.registrations import set_billing
from chalicelib.operations.sessions import cancel_session, decide, decide_due, go_ahead
from chalicelib.rules.inputs.roster import BillingStatusInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.minimum import Minimum, NoMinimum
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, sessions, staff
from chalicelib.tables.sessions.rows import session_from
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import invited, registered

OpenSession = Callable[..., Session]


@pytest.fixture
def team(organisation: object, now: datetime) -> StaffMember:
    """A manager who is to hear of it, and a viewer who is not. Returns the manager."""
    roles: dict[str, Role] = {"manager": "manager", "viewer": "viewer"}
    members = {name: StaffMember("demo", name, f"{name}@demo.test", name, role, "active", now) for name, role in roles.items()}
    for member in members.values():
        staff.add(member)
    return members["manager"]


def minimum(below: Any = "cancel", participants: int = 2) -> Minimum:
    return Minimum(participants, below, hours_before=2)


def due(session: Session) -> datetime:
    assert session.decides_at
    return session.decides_at


def bell(member: StaffMember, now: datetime) -> list[tuple[str, str]]:
    found = list_notifications(member, locale="en", limit=20, now=now + timedelta(seconds=1)).items
    return [(one.notification.kind, one.path) for one in found if one.notification.kind != "registered"]


def test_below_its_minimum_it_is_cancelled_and_everybody_is_told(
    open_session: OpenSession, streams: Streams, ses: Ses, team: StaffMember, now: datetime
) -> None:
    session = open_session(minimum=minimum())
    registered("ben@example.org", now=now)
    invited("ana@example.org", now=now)
    streams.drain(now)
    ses.sent.clear()
    assert decide_due(now=due(session) - timedelta(seconds=1)) == 0
    assert decide_due(now=due(session)) == 1
    streams.drain(due(session))
    assert decide_due(now=due(session) + timedelta(minutes=1)) == 0
    streams.drain(due(session))
    roster = booking_context.roster("demo", "s1")
    assert roster.session.cancelled_at == due(session)
    assert roster.session.cancel_reason == "Not enough registrations: at least 2 participants were needed."
    assert [one.ended for one in roster.invitations] == ["cancelled"]
    assert sorted(ses.recipients) == ["ana@example.org", "ben@example.org", "manager@demo.test"]
    assert sum("at least 2 participants were needed" in text for text in ses.texts) == 2
    assert bell(team, due(session)) == [("cancelled_below_minimum", "/o/demo/sessions/s1/minimum")]


def test_with_enough_it_goes_ahead_and_only_the_bell_says_so(
    open_session: OpenSession, streams: Streams, ses: Ses, team: StaffMember, now: datetime
) -> None:
    session = open_session(minimum=minimum(participants=1))
    registered("ben@example.org", now=now)
    streams.drain(now)
    ses.sent.clear()
    assert [decide_due(now=due(session)) for _ in range(2)] == [1, 0]
    streams.drain(due(session))
    assert ses.sent == []
    assert sessions.get("demo", "s1").cancelled_at is None
    assert bell(team, due(session)) == [("goes_ahead", "/o/demo/sessions/s1")]


def test_staff_are_asked_and_let_it_go_ahead(
    open_session: OpenSession, streams: Streams, ses: Ses, team: StaffMember, now: datetime
) -> None:
    session = open_session(minimum=minimum("ask"))
    decide_due(now=due(session))
    streams.drain(due(session))
    assert ses.recipients == ["manager@demo.test"]
    assert "0 of at least 2" in ses.texts[0]
    assert bell(team, due(session)) == [("below_minimum", "/o/demo/sessions/s1/minimum")]
    for _ in range(2):
        view = go_ahead("demo", "s1", now=due(session))
        assert view.session.minimum
        assert view.session.minimum.outcome == "goes_ahead"
    streams.drain(due(session))
    assert len(bell(team, due(session))) == 1
    assert decide_due(now=session.starts_at) == 0


def test_an_e_mail_that_asks_what_was_decided_meanwhile_is_not_sent(
    open_session: OpenSession, streams: Streams, ses: Ses, team: StaffMember, now: datetime
) -> None:
    session = open_session(minimum=minimum("ask"))
    decide_due(now=due(session))
    go_ahead("demo", "s1", now=due(session))
    streams.drain(due(session))
    assert ses.sent == []


def test_what_was_paid_is_named_to_staff(open_session: OpenSession, streams: Streams, ses: Ses, team: StaffMember, now: datetime) -> None:
    session = open_session(minimum=minimum())
    paid = registered("ben@example.org", now=now)
    set_billing("demo", f"s1-{paid.id}", BillingStatusInput(status="paid"), by="manager", now=now)
    streams.drain(now)
    ses.sent.clear()
    decide_due(now=due(session))
    streams.drain(due(session))
    (told,) = [text for text, to in zip(ses.texts, ses.recipients, strict=True) if to == "manager@demo.test"]
    assert "To refund" in told
    assert "€12.50" in told
    found = list_notifications(team, locale="en", limit=1, now=due(session) + timedelta(seconds=1)).items
    assert found[0].text == "Pottery was cancelled: too few participants. See which payments to refund."


def test_a_run_that_died_is_finished_by_the_next(open_session: OpenSession, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(minimum=minimum())
    invited("ana@example.org", now=now)
    with monkeypatch.context() as patch:
        patch.setattr(decide, "end_invitations", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            decide_due(now=due(session))
    cancelled = sessions.get("demo", "s1")
    assert cancelled.cancelled_at
    assert [decide_due(now=due(session) + timedelta(minutes=minutes)) for minutes in (1, 2)] == [1, 0]
    assert [one.ended for one in booking_context.roster("demo", "s1").invitations] == ["cancelled"]
    assert sessions.get("demo", "s1").version == cancelled.version, "e-mails about the cancellation are named by the version"


def test_a_session_that_staff_cancelled_is_not_decided(open_session: OpenSession, now: datetime) -> None:
    session = open_session(minimum=minimum())
    cancel_session("demo", "s1", CancelInput(reason="Ill"), by="owner", now=now)
    assert decide_due(now=due(session)) == 0
    assert sessions.get("demo", "s1").cancel_reason == "Ill"
    with pytest.raises(SessionCancelled):
        go_ahead("demo", "s1", now=now)


def test_without_a_minimum_there_is_nothing_to_decide(open_session: OpenSession, now: datetime) -> None:
    session = open_session()
    with pytest.raises(NoMinimum):
        go_ahead("demo", "s1", now=now)
    assert decide_due(now=session.starts_at) == 0


def test_a_row_of_an_earlier_version_has_no_minimum(open_session: OpenSession) -> None:
    open_session()
    row = clients.dynamodb().get_item(TableName=config().rosters_table, Key={"pk": {"S": "demo#s1"}, "sk": {"S": "0#SESSION"}})["Item"]
    assert not {"minimum", "ending", "due", "due_at"} & set(row)
    assert session_from(row).minimum is None
