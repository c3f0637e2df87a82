"""Joining with an address that waits already: the answer does not tell, now or later, and its owner is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import links, waitlist
from chalicelib.operations.registrations import register
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import AlreadyWaiting, WaitlistEntry
from chalicelib.tables import ledger
from chalicelib.tables import waitlist as entries
from chalicelib.tables.waitlist import unlisted
from tests.operations.simulated_aws import Ses, Streams

WAITS, NEW = "cleo@example.org", "dora@example.org"
STRANGER = "192.0.2.66"


@pytest.fixture
def waiting(open_session: Callable[..., Session], now: datetime) -> WaitlistEntry:
    """An entry of WAITS on a full session."""
    open_session(spots_total=1)
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Kim")], party_size=1)
    register("demo", "s1", draft, locale="en", key="ana", now=now)
    return join(WAITS, "first", now=now - timedelta(hours=1), source="192.0.2.1").entry


def join(email: str, key: str, *, now: datetime, source: str = STRANGER, signed_in: bool = False, spots: int = 1) -> waitlist.Joined:
    draft = JoinInput(email=email, name="Somebody", spots=spots)
    return waitlist.join("demo", "s1", draft, locale="en", key=key, source=source, signed_in=signed_in, now=now)


def shown(joined: waitlist.Joined) -> tuple[object, ...]:
    """Return what the answer and the page of its link tell, without what names the entry itself."""
    token = links.waitlist_token(joined.entry)
    place = waitlist.read_own_entry(token)
    facts = replace(place.entry, id="", email="", name="", place=0, first_position=0, unconfirmed=False, vouched=False)
    facts = replace(facts, joined_at=place.session.registration_opens_at)
    return joined.position, place.position, waitlist.is_confirmed(place.entry, token), facts, place.session, place.organisation


def test_the_answer_is_that_of_a_new_address(waiting: WaitlistEntry, now: datetime) -> None:
    known, new = join(WAITS, "a", now=now), join(NEW, "b", now=now + timedelta(minutes=1))
    assert (known.position, new.position) == (2, 3)
    assert shown(known)[2:] == shown(new)[2:]
    assert join(WAITS, "a", now=now).entry == known.entry
    assert {one.email for one in entries.list_entries("demo", "s1")} == {WAITS, NEW}
    assert dict(ledger.read("demo", "s1")[0].waiting_by_size) == {1: 2}


def test_positions_go_on_as_if_it_were_listed(waiting: WaitlistEntry, now: datetime) -> None:
    behind = [join(email, email, now=now + timedelta(minutes=n)).position for n, email in enumerate((WAITS, NEW, "eve@example.org"))]
    assert behind == [2, 3, 4]


def test_an_address_that_confirmed_its_place_looks_as_unknown_as_any(waiting: WaitlistEntry, now: datetime) -> None:
    waitlist.confirm(links.mailed_waitlist_link(waiting).rpartition("/")[2])
    known, new = join(WAITS, "a", now=now), join(NEW, "b", now=now)
    assert shown(known)[2] is shown(new)[2] is False
    waitlist.leave(links.waitlist_token(waiting), now=now)
    again = join(WAITS, "c", now=now).entry
    assert not again.unconfirmed
    assert not waitlist.is_confirmed(again, links.waitlist_token(again))
    assert waitlist.is_confirmed(again, links.mailed_waitlist_link(again).rpartition("/")[2])


def test_its_owner_gets_an_e_mail_about_the_place_and_not_too_many(
    waiting: WaitlistEntry, streams: Streams, ses: Ses, now: datetime
) -> None:
    streams.drain(now)
    assert ses.recipients.count(WAITS) == 1
    for number in range(4):
        join(WAITS, f"again {number}", now=now, source=f"192.0.2.{number + 10}")
    streams.drain(now)
    assert ses.recipients.count(WAITS) == 2
    newest = [text for to, text in zip(ses.recipients, ses.texts, strict=True) if to == WAITS][-1]
    assert newest.splitlines()[0] == links.mailed_waitlist_link(waiting)


def test_leaving_by_the_strangers_link_leaves_the_owners_place_alone(waiting: WaitlistEntry, now: datetime) -> None:
    token = links.waitlist_token(join(WAITS, "a", now=now).entry)
    waitlist.leave(token, now=now)
    waitlist.leave(token, now=now)
    assert (waitlist.read_own_entry(token).entry.status, waitlist.read_own_entry(token).position) == ("left", 0)
    assert entries.get("demo", "s1", waiting.id).status == "waiting"
    with pytest.raises(NotFound):
        waitlist.confirm(token)


def test_the_owner_who_signed_in_is_told(waiting: WaitlistEntry, now: datetime) -> None:
    with pytest.raises(AlreadyWaiting):
        join(WAITS, "a", now=now, signed_in=True)


def test_they_are_bounded(waiting: WaitlistEntry, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlisted, "MOST", 2)
    for number in range(2):
        join(WAITS, f"again {number}", now=now + timedelta(minutes=number), source=f"192.0.2.{number + 10}")
    with pytest.raises(TooManyRequests):
        join(WAITS, "again", now=now)
    assert join(WAITS, "again 1", now=now, source="192.0.2.11").position == 3
