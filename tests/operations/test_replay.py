"""The replay finds missing reactions in the tables and makes them once; it finds none where the stream worked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import rosters as roster_events
from chalicelib.operations import customers as customer_operations
from chalicelib.operations import waitlist
from chalicelib.operations.invitations import resend
from chalicelib.operations.registrations import add, change_registration, remove_registration
from chalicelib.operations.replay import missed_reactions
from chalicelib.operations.sessions import cancel_session, decide_due
from chalicelib.operations.sessions.leaders import drop_leader
from chalicelib.rules.inputs.roster import AddInput, RegistrationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers, dynamodb, keys, sessions, staff
from chalicelib.tables.conditions import THERE, Update
from tests.operations.invoices.test_issue import added, stands
from tests.operations.sample_customers import invited_again, known
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.operations.test_reactions import accepted, invited, registered
from tests.operations.waitlist.test_advance import joined

OpenSession = Callable[..., Session]


def the_stream_is_away(streams: Streams) -> None:
    streams.rosters.read()


def caught_up(now: datetime) -> Counter[str]:
    """Make the missing reactions, and those that follow from them, and return them."""
    done: Counter[str] = Counter()
    while found := list(missed_reactions("demo", now=now)):
        for one in found:
            one.do()
        done.update(one.what for one in found)
        assert sum(done.values()) < 50, "it comes to an end"
    return done


def a_day(open_session: OpenSession, now: datetime) -> None:
    """Somebody accepts, somebody is invited twice, somebody registers, somebody is added and invoiced."""
    open_session(spots_total=20)
    accepted(invited("ana@example.org", now=now), now=now)
    again = invited("ben@example.org", now=now)
    resend("demo", f"s1-{again.id}", rotate=False, now=now + timedelta(minutes=1))
    registered("cleo@example.org", now=now)
    added("invoice", now=now, email="dan@example.org")


def test_handled_records_are_not_replayed(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    streams.drain(now)
    change_registration("demo", f"s1-{added('invoice', now=now, email='eve@example.org').id}", RegistrationChanges(party_size=2), now=now)
    streams.drain(now)
    assert caught_up(now) == {}
    cancel_session("demo", "s1", CancelInput(), by="owner", now=now)
    streams.drain(now)
    assert caught_up(now) == {}


def test_a_missed_reaction_is_made_once(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    expected = {"hold_confirmed": 3, "invitation_resent": 1, "registration_invoiced": 1}
    the_stream_is_away(streams)
    assert caught_up(now + timedelta(days=1)) == expected
    streams.drain(now + timedelta(minutes=2))
    assert Counter(ses.recipients) == {"ana@example.org": 1, "ben@example.org": 1, "cleo@example.org": 1, "dan@example.org": 2}
    assert caught_up(now + timedelta(days=1)) == {}


def test_of_a_cancelled_session_everybody_hears(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    streams.drain(now)
    ses.sent.clear()
    cancel_session("demo", "s1", CancelInput(), by="owner", now=now)
    the_stream_is_away(streams)
    assert caught_up(now + timedelta(days=1)) == {"session_cancelled": 1}
    streams.drain(now)
    assert sorted(ses.recipients) == [f"{name}@example.org" for name in ("ana", "ben", "cleo", "dan")]


def test_a_party_that_grew_and_its_two_invoices(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    entry = added("invoice", now=now)
    streams.drain(now)
    change_registration("demo", f"s1-{entry.id}", RegistrationChanges(party_size=2), now=now)
    the_stream_is_away(streams)
    assert caught_up(now) == {"registration_resized": 1, "invoice_credited": 1, "registration_invoiced": 1}
    assert len(stands(entry).invoices_before) == 2


def test_spots_taken_by_somebody_who_gets_no_e_mail(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session()
    body = {"new_customer": {"name": "Ana", "email": "ana@example.org"}, "participants": [{"name": "Zoé"}]}
    entry = add("demo", "s1", AddInput.model_validate(body), by="owner", key="k", now=now).registration
    the_stream_is_away(streams)
    assert caught_up(now) == {"hold_confirmed": 1}
    assert stands(entry).confirmed_at
    assert customers.of_address("demo", "ana@example.org")


def test_what_died_half_way_is_done_to_its_end(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session()
    entry = registered("ana@example.org", now=now)
    with monkeypatch.context() as dying:
        dying.setattr(customer_operations, "ensure_customer", lambda *_, **__: 1 / 0)
        roster_events.handle({"Records": streams.rosters.read()}, clock=lambda: now)
    assert stands(entry).confirmed_at
    assert customers.of_address("demo", "ana@example.org") is None
    the_stream_is_away(streams)
    assert caught_up(now) == {"hold_confirmed": 1}
    assert customers.of_address("demo", "ana@example.org")
    streams.drain(now)
    assert ses.recipients == ["ana@example.org"]


def test_a_portal_invitation_that_left_is_noted(streams: Streams, ses: Ses, worker: Worker, now: datetime, organisation: object) -> None:
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    worker.work()
    streams.drain(now)
    streams.messages.read()
    assert customers.get("demo", own).status == "added"
    assert caught_up(now) == {"portal_invitation_sent": 1}
    assert customers.get("demo", own).status == "invited"


def test_old_changes_are_not_replayed(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    a_day(open_session, now)
    the_stream_is_away(streams)
    assert caught_up(now + timedelta(days=40)) == {}


def test_who_waits_is_told_and_so_is_who_is_offered_a_spot(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session(spots_total=1)
    first = registered("ana@example.org", now=now)
    joined("ben@example.org", now=now)
    streams.rosters.read()
    assert caught_up(now) == {"hold_confirmed": 1, "waitlist_joined": 1}
    remove_registration("demo", f"s1-{first.id}", by="owner", now=now)
    waitlist.advance("demo", "s1", now=now)
    streams.rosters.read()
    assert caught_up(now) == {}, "the e-mail of an offer is queued with it"
    streams.drain(now)
    assert ses.subjects == ["You are on the waitlist: Pottery", "Your turn: Pottery"]


def test_staff_hear_of_a_minimum_that_was_not_reached_after_all(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    session = open_session(minimum=Minimum(2, "ask", hours_before=2))
    staff.add(StaffMember("demo", "m", "manager@demo.test", "Mia", "manager", "active", now))
    assert session.decides_at
    decide_due(now=session.decides_at)
    the_stream_is_away(streams)
    assert caught_up(session.decides_at) == {"minimum_decided": 1}
    streams.drain(session.decides_at)
    assert ses.recipients == ["manager@demo.test"]
    assert caught_up(session.decides_at) == {}


def test_what_names_an_invoice_that_is_gone_does_not_stop_the_others(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session(spots_total=20)
    first, second = (added("invoice", now=now, email=email) for email in ("ana@example.org", "ben@example.org"))
    streams.drain(now)
    change_registration("demo", f"s1-{second.id}", RegistrationChanges(party_size=2), now=now)
    the_stream_is_away(streams)
    number = stands(first).invoice
    assert number
    clients.dynamodb().delete_item(TableName=config().records_table, Key=keys.invoice("demo", number).stored())
    assert [one.id for one in missed_reactions("demo", now=now)] == [second.id]


@pytest.mark.parametrize("by_earlier_version", [False, True])
def test_a_cancellation_is_told_once_though_the_session_is_written_later(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, *, by_earlier_version: bool
) -> None:
    """Somebody of the staff leaves: a session that they led is written again. An earlier version did not store what names the e-mails."""
    session = open_session(spots_total=20)
    staff.add(StaffMember("demo", "u1", "lea@example.org", "Lea", "leader", "active", now))
    sessions.save(replace(session, leaders=("lea@example.org",)), [], 0, was=session)
    registered("cleo@example.org", now=now)
    streams.drain(now)
    cancel_session("demo", "s1", CancelInput(), by="owner", now=now)
    if by_earlier_version:
        dynamodb.update(config().rosters_table, keys.session("demo", "s1"), Update().remove("cancelled_version"), THERE)
    streams.drain(now)
    drop_leader("demo", "lea@example.org")
    assert sessions.get("demo", "s1").leaders == ()
    streams.drain(now)
    assert caught_up(now) == {}
    assert ses.recipients.count("cleo@example.org") == 2, "the confirmation and the cancellation"
