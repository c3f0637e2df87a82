"""An entry whose address nobody has confirmed keeps its place and gets its offer, and holds up nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from chalicelib.operations import links, public_registration, waitlist
from chalicelib.operations.invitations import sweep
from chalicelib.operations.reconcile import reconcile
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import customers, ledger, sessions
from chalicelib.tables import waitlist as entries
from tests.live.ledger import race_report
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import registered

OpenSession = Callable[..., Session]
numbers = count()
HOUR = timedelta(hours=1)


@pytest.fixture
def full(open_session: OpenSession, now: datetime) -> list[Registration]:
    """Fill a session of three spots, in a month."""
    starts = now + timedelta(days=30)
    open_session(spots_total=3, meetings=(Meeting("m1", starts, starts + HOUR),), registration_closes_at=starts)
    return [registered(f"{name}@example.org", now=now, name=name) for name in ("ana", "ben", "eve")]


def joined(email: str, now: datetime, *, spots: int = 1, signed_in: bool = False) -> WaitlistEntry:
    draft = JoinInput(email=email, name="Cleo", spots=spots)
    source = f"192.0.2.{next(numbers)}"
    return waitlist.join("demo", "s1", draft, locale="en", key=email, source=source, signed_in=signed_in, now=now).entry


def mailed(entry: WaitlistEntry) -> str:
    return links.mailed_waitlist_link(entry).rpartition("/")[2]


def freed(places: list[Registration], now: datetime) -> None:
    for registration in places:
        remove_registration("demo", registration.public_id, by="owner", now=now)


def status(entry: WaitlistEntry) -> str:
    return entries.get("demo", "s1", entry.id).status


def book(now: datetime) -> None:
    draft = RegistrationInput(email="buyer@example.org", name="B", participants=[ParticipantInput(name=f"B {next(numbers)}")])
    public_registration.register("demo", "s1", draft, locale="en", key=str(next(numbers)), source="198.51.100.1", now=now)


def counts() -> tuple[dict[int, int], int, int]:
    first = ledger.read("demo", "s1")[0]
    return dict(first.waiting_by_size), first.waiting_parties, first.unconfirmed_parties


def test_a_stranger_s_party_freezes_nothing(full: list[Registration], now: datetime) -> None:
    """Attacked: a party of three with an address that nobody reads, in a session of three, strict order."""
    stranger = joined("nobody-reads-this@example.org", now, spots=3)
    assert (stranger.unconfirmed, counts()) == (True, ({3: 1}, 1, 1))
    freed(full[:1], now)
    book(now)
    family = joined("family@example.org", now + HOUR)
    freed(full[1:], now)
    book_is_refused(now)
    assert waitlist.advance("demo", "s1", now=now) == 1
    assert (status(family), status(stranger)) == ("offered", "waiting")
    book(now)


def book_is_refused(now: datetime) -> None:
    with pytest.raises(SessionFull):
        book(now)


def test_the_control_a_confirmed_party_does_keep_its_spots(full: list[Registration], now: datetime) -> None:
    party = joined("party@example.org", now, spots=3)
    assert waitlist.confirm(mailed(party)).unconfirmed is False
    assert counts() == ({3: 1}, 1, 0)
    freed(full[:2], now)
    book_is_refused(now)
    family = joined("family@example.org", now + HOUR)
    assert waitlist.advance("demo", "s1", now=now) == 0
    assert status(family) == "waiting"


def test_an_unconfirmed_entry_gets_its_offer_in_its_turn_and_not_the_public(full: list[Registration], now: datetime) -> None:
    first, second = joined("first@example.org", now), joined("second@example.org", now + timedelta(seconds=1))
    freed(full[:1], now)
    book_is_refused(now)
    assert waitlist.advance("demo", "s1", now=now) == 1
    assert (status(first), status(second)) == ("offered", "waiting")
    assert counts() == ({1: 1}, 1, 1)


def test_two_unanswered_offers_are_enough(full: list[Registration], now: datetime, record_property: Callable[[str, object], None]) -> None:
    """R18: an address that nobody reads freezes its spots for as long as two offers last."""
    stranger, frozen = joined("stranger@example.org", now), now
    freed(full[:1], now)
    for offers in (1, 2):
        assert waitlist.advance("demo", "s1", now=now) == 1
        assert entries.get("demo", "s1", stranger.id).offers == offers
        book_is_refused(now)
        now += timedelta(hours=24)
        sweep("demo", now=now)
    assert waitlist.advance("demo", "s1", now=now) == 0
    assert (entries.get("demo", "s1", stranger.id).held_back, counts()) == ("unanswered", ({}, 0, 0))
    book(now)
    record_property(race_report.PROPERTY, f"R18: one spot frozen by an unconfirmed address: {(now - frozen) / HOUR:.0f} hours at most")
    freed(full[1:2], now)
    assert waitlist.advance("demo", "s1", now=now) == 0
    waitlist.confirm(mailed(stranger))
    assert counts() == ({1: 1}, 1, 0)
    assert waitlist.advance("demo", "s1", now=now) == 1


def test_only_the_link_in_the_e_mail_confirms(full: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    entry = joined("cleo@example.org", now)
    streams.drain(now)
    text = ses.texts[ses.recipients.index("cleo@example.org")]
    assert "Please confirm your place" in text
    answered = links.waitlist_token(entry)
    with pytest.raises(NotFound):
        waitlist.confirm(answered)
    assert entries.get("demo", "s1", entry.id).unconfirmed
    token = text.splitlines()[0].rpartition("/")[2]
    assert waitlist.read_own_entry(token) == waitlist.read_own_entry(answered)
    for _ in range(2):
        assert waitlist.confirm(token).unconfirmed is False
    assert counts() == ({1: 1}, 1, 0)
    waitlist.leave(token, now=now)
    assert counts() == ({}, 0, 0)


def test_an_address_that_was_confirmed_once_counts_at_once(full: list[Registration], now: datetime) -> None:
    entry = joined("cleo@example.org", now)
    waitlist.confirm(mailed(entry))
    waitlist.leave(mailed(entry), now=now)
    draft = JoinInput(email="Cleo@Example.org", name="Cleo")
    again = waitlist.join("demo", "s1", draft, locale="en", key="again", source="192.0.2.99", now=now).entry
    assert not again.unconfirmed


@pytest.mark.parametrize(("unconfirmed", "counts_at_once"), [(False, True), (True, False)])
def test_known_customers_count_at_once(unconfirmed: bool, counts_at_once: bool, full: list[Registration], now: datetime) -> None:
    customers.create(Customer("demo", "c1", "cleo@example.org", "Cleo", now, unconfirmed=unconfirmed))
    assert joined("cleo@example.org", now).unconfirmed != counts_at_once


def test_who_signed_in_and_whom_staff_add_count_at_once(full: list[Registration], now: datetime) -> None:
    assert not joined("cleo@example.org", now, signed_in=True).unconfirmed
    assert not waitlist.add_by_staff("demo", "s1", JoinInput(email="dan@example.org", name="Dan"), key="dan", now=now).entry.unconfirmed
    assert counts() == ({1: 2}, 2, 0)


def test_an_entry_from_before_counts_as_confirmed(full: list[Registration], now: datetime) -> None:
    """Rows and counts that the deployed version wrote have neither attribute."""
    old = WaitlistEntry("demo", "s1", "old", "old@example.org", "Old", spots=3, place=1, joined_at=now, locale="en")
    entries.join(old)
    assert "unconfirmed" not in str(entries.rows.entry_item(old))
    freed(full[:2], now)
    book_is_refused(now)
    assert waitlist.confirm(mailed(old)) == old


def test_the_recount_finds_and_repairs_a_wrong_count(full: list[Registration], now: datetime) -> None:
    joined("cleo@example.org", now)
    right = counts()
    first = ledger.read("demo", "s1")[0]
    assert ledger.recount_queue("demo", "s1", first, {1: 1}, 0, live=1)
    assert counts() != right
    (drift,) = [found for found in reconcile("demo", now=now, repair=True) if found.kind == "line_miscounted"]
    assert drift
    assert counts() == right


def test_a_whole_party_stays_itself(full: list[Registration], now: datetime) -> None:
    entry = joined("cleo@example.org", now)
    assert replace(entry, unconfirmed=False) == waitlist.confirm(mailed(entry))
    assert sessions.get("demo", "s1").spots_total == 3
