"""What the stream would have led to is found in the tables, and done once; where it did its work there is nothing to find."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import customers as customer_operations
from chalicelib.operations import waitlist
from chalicelib.operations.catching_up import missed
from chalicelib.operations.invitations import resend
from chalicelib.operations.registrations import add, change_registration, remove_registration
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.drafts.rosters import Addition, RegistrationChanges
from chalicelib.rules.drafts.sessions import Cancelling
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers
from tests.messages.guests import invited_again, known
from tests.messages.post_office import PostOffice, Ses
from tests.messages.test_following import accepted, invited, registered
from tests.messages.test_invoices import added, stands
from tests.messages.test_waitlist import joined
from tests.messages.worker import Worker

OpenSession = Callable[..., Session]


def the_stream_is_away(office: PostOffice) -> None:
    office.rosters.read()


def caught_up(now: datetime) -> Counter[str]:
    """Make up for what was missed, and for what follows from that, and return what it was."""
    done: Counter[str] = Counter()
    while found := list(missed("demo", now=now)):
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


def test_what_the_stream_did_is_not_missed(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    office.work(now)
    change_registration("demo", f"s1-{added('invoice', now=now, email='eve@example.org').id}", RegistrationChanges(party_size=2), now=now)
    office.work(now)
    assert caught_up(now) == {}
    cancel_session("demo", "s1", Cancelling(), by="owner", now=now)
    office.work(now)
    assert caught_up(now) == {}


def test_what_the_stream_did_not_do_is_done_once(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    expected = {"hold_confirmed": 3, "invitation_resent": 1, "registration_invoiced": 1}
    the_stream_is_away(office)
    assert caught_up(now + timedelta(days=1)) == expected
    office.work(now + timedelta(minutes=2))
    assert Counter(ses.recipients) == {"ana@example.org": 1, "ben@example.org": 1, "cleo@example.org": 1, "dan@example.org": 2}
    assert caught_up(now + timedelta(days=1)) == {}


def test_of_a_cancelled_session_everybody_hears(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    a_day(open_session, now)
    office.work(now)
    ses.sent.clear()
    cancel_session("demo", "s1", Cancelling(), by="owner", now=now)
    the_stream_is_away(office)
    assert caught_up(now + timedelta(days=1)) == {"session_cancelled": 1}
    office.work(now)
    assert sorted(ses.recipients) == [f"{name}@example.org" for name in ("ana", "ben", "cleo", "dan")]


def test_a_party_that_grew_and_its_two_invoices(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    open_session()
    entry = added("invoice", now=now)
    office.work(now)
    change_registration("demo", f"s1-{entry.id}", RegistrationChanges(party_size=2), now=now)
    the_stream_is_away(office)
    assert caught_up(now) == {"registration_resized": 1, "invoice_credited": 1, "registration_invoiced": 1}
    assert len(stands(entry).invoices_before) == 2


def test_spots_taken_by_somebody_who_gets_no_e_mail(open_session: OpenSession, office: PostOffice, now: datetime) -> None:
    open_session()
    body = {"new_customer": {"name": "Ana", "email": "ana@example.org"}, "participants": [{"name": "Zoé"}]}
    entry = add("demo", "s1", Addition.model_validate(body), by="owner", key="k", now=now).registration
    the_stream_is_away(office)
    assert caught_up(now) == {"hold_confirmed": 1}
    assert stands(entry).confirmed_at
    assert customers.of_address("demo", "ana@example.org")


def test_what_died_half_way_is_done_to_its_end(
    open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session()
    entry = registered("ana@example.org", now=now)
    with monkeypatch.context() as dying:
        dying.setattr(customer_operations, "know", lambda *_, **__: 1 / 0)
        roster_events.handle({"Records": office.rosters.read()}, clock=lambda: now)
    assert stands(entry).confirmed_at
    assert customers.of_address("demo", "ana@example.org") is None
    the_stream_is_away(office)
    assert caught_up(now) == {"hold_confirmed": 1}
    assert customers.of_address("demo", "ana@example.org")
    office.work(now)
    assert ses.recipients == ["ana@example.org"]


def test_a_portal_invitation_that_left_is_noted(office: PostOffice, ses: Ses, worker: Worker, now: datetime, organisation: object) -> None:
    (own,) = known(1, now=now)
    invited_again(own, now=now)
    worker.work()
    office.work(now)
    office.messages.read()
    assert customers.get("demo", own).status == "added"
    assert caught_up(now) == {"portal_invitation_sent": 1}
    assert customers.get("demo", own).status == "invited"


def test_what_is_long_over_is_left_as_it_is(open_session: OpenSession, office: PostOffice, now: datetime) -> None:
    a_day(open_session, now)
    the_stream_is_away(office)
    assert caught_up(now + timedelta(days=40)) == {}


def test_who_waits_is_told_and_so_is_who_is_offered_a_spot(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    open_session(spots_total=1)
    first = registered("ana@example.org", now=now)
    joined("ben@example.org", now=now)
    office.rosters.read()
    assert caught_up(now) == {"hold_confirmed": 1, "waitlist_joined": 1}
    remove_registration("demo", f"s1-{first.id}", by="owner", now=now)
    waitlist.attend("demo", "s1", now=now)
    office.rosters.read()
    assert caught_up(now) == {"hold_came": 1}
    office.work(now)
    assert ses.subjects == ["You are on the waitlist: Pottery", "Your turn: Pottery"]
