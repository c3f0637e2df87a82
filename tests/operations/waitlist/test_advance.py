"""The waitlist, from joining to the offer that was accepted, with the streams that carry what follows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.events import messages as message_events
from chalicelib.events import rosters as roster_events
from chalicelib.events import schedules
from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import accept, cancel_invitation, invite, resend
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.operations.sessions import edit_session
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.organisations import Organisation, WaitlistSettings
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import (
    AlreadyOffered,
    WaitlistEntry,
)
from chalicelib.tables import invitations, ledger, organisations
from chalicelib.tables import waitlist as entries
from tests.operations.simulated_aws import Ses, Streams

OpenSession = Callable[..., Session]
HOUR = timedelta(hours=1)


def registered(email: str, *, now: datetime, spots: int = 1) -> Registration:
    draft = RegistrationInput(email=email, name="Ben", participants=[ParticipantInput(name=email)], party_size=spots)
    return register("demo", "s1", draft, locale="en", key=email, now=now).registration


def joined(email: str, *, now: datetime, spots: int = 1, key: str = "", locale: str = "en") -> WaitlistEntry:
    return waitlist.join("demo", "s1", JoinInput(email=email, name="Cleo", spots=spots), locale=locale, key=key or email, now=now).entry


def removed(registration: Registration, now: datetime) -> None:
    remove_registration("demo", public_id("s1", registration.id), by="owner", now=now)


def set_waitlist(**wanted: Any) -> None:
    was = organisations.get("demo")
    organisations.save(replace(was, waitlist=WaitlistSettings(**wanted)))


def entry(named: WaitlistEntry) -> WaitlistEntry:
    return entries.get("demo", "s1", named.id)


def offer_of(named: WaitlistEntry) -> Invitation:
    now_it_is = entry(named)
    assert now_it_is.status == "offered"
    return invitations.get("demo", "s1", now_it_is.invitation)


def accepted(offer: Invitation, now: datetime) -> None:
    form = AcceptInput(email=offer.email, name="Cleo", participants=[ParticipantInput(name="Kim")])
    accept(links.invitation_token(offer), form, locale="en", now=now)


def line() -> dict[int, int]:
    return dict(ledger.read("demo", "s1")[0].waiting_by_size)


@pytest.fixture
def full(open_session: OpenSession, now: datetime) -> list[Registration]:
    """Fill a session of two spots."""
    open_session(spots_total=2)
    return [registered(email, now=now) for email in ("ana@example.org", "ben@example.org")]


def test_the_e_mail_of_an_offer_is_queued_with_it(full: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    """It waits for no record of the roster; the one that comes later adds no second e-mail."""
    cleo = joined("cleo@example.org", now=now)
    removed(full[0], now)
    waitlist.advance("demo", "s1", now=now)
    message_events.handle({"Records": streams.messages.read()}, clock=lambda: now)
    assert ses.texts[0].splitlines()[0] == links.invitation_link(offer_of(cleo))
    streams.drain(now)
    assert ses.subjects.count("Your turn: Pottery") == 1


def test_an_offer_is_in_the_language_in_which_somebody_joined(full: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    cleo = joined("cleo@example.org", now=now, locale="fr")
    removed(full[0], now)
    streams.drain(now)
    resend("demo", public_id("s1", offer_of(cleo).id), rotate=False, now=now + HOUR)
    streams.drain(now + HOUR)
    assert ses.subjects.count("C’est votre tour\xa0: Pottery") == 2


def test_a_freed_spot_is_offered_to_the_first_in_line_and_to_nobody_else(
    full: list[Registration], streams: Streams, ses: Ses, now: datetime
) -> None:
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    with pytest.raises(SessionFull):
        registered("eve@example.org", now=now)
    streams.drain(now)
    offer = offer_of(first)
    assert (entry(second).status, offer.expires_at, offer.remind_at) == ("waiting", now + timedelta(days=1), None)
    assert "Your turn: Pottery" in ses.subjects
    accepted(offer, now)
    streams.drain(now)
    assert (entry(first).status, entry(second).status, line()) == ("accepted", "waiting", {1: 1})


def test_an_offer_that_runs_out_moves_to_the_bottom_and_the_next_one_is_made(
    full: list[Registration], streams: Streams, now: datetime
) -> None:
    set_waitlist(offer_hours=1)
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + timedelta(minutes=1))
    removed(full[0], now)
    streams.drain(now)
    later = now + 2 * HOUR
    schedules.run(later)
    streams.drain(later)
    assert [entry(one).status for one in (first, second)] == ["waiting", "offered"]
    assert [place.entry.id for place in waitlist.read_waitlist("demo", "s1", now=later).places] == [second.id, first.id]
    schedules.run(later + 2 * HOUR)
    streams.drain(later + 2 * HOUR)
    assert (entry(first).status, entry(first).offers) == ("offered", 2)


def test_no_offer_is_made_after_the_cutoff(full: list[Registration], streams: Streams, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    late = now.replace(hour=15) + timedelta(days=1) - HOUR
    removed(full[0], late)
    streams.drain(late)
    assert entry(first).status == "waiting"
    assert registered("eve@example.org", now=late).party_size == 1


def test_no_offer_is_made_once_registration_is_closed_and_it_is_when_registration_opens_again(
    full: list[Registration], streams: Streams, now: datetime
) -> None:
    first = joined("cleo@example.org", now=now)
    edit_session("demo", "s1", SessionChanges(registration_closes_at=now + HOUR), expected=None, now=now)
    later = now + 2 * HOUR
    removed(full[0], later)
    streams.drain(later)
    assert entry(first).status == "waiting"
    assert [why.reason for why in waitlist.explain(waitlist.read_waitlist("demo", "s1", now=later), now=later)] == ["registration_closed"]
    edit_session("demo", "s1", SessionChanges(registration_closes_at=later + HOUR), expected=None, now=later)
    assert waitlist.advance("demo", "s1", now=later) == 1
    assert entry(first).status == "offered"


def test_offers_by_themselves_can_be_turned_off(full: list[Registration], streams: Streams, now: datetime) -> None:
    set_waitlist(auto_offer=False)
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    assert entry(first).status == "waiting"
    made = waitlist.offer_by_hand("demo", public_id("s1", second.id), by="owner", now=now)
    assert (entry(second).status, made.invitation.invited_by) == ("offered", "owner")
    with pytest.raises(AlreadyOffered):
        waitlist.offer_by_hand("demo", public_id("s1", second.id), by="owner", now=now)
    with pytest.raises(SessionFull):
        waitlist.offer_by_hand("demo", public_id("s1", first.id), by="owner", now=now)


def test_more_spots_are_offered_too_and_extras_never(full: list[Registration], streams: Streams, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    draft = InvitationInput(email="guest@example.org", confirm_over_capacity=True)
    guest = invite("demo", "s1", draft, by="owner", key="guest", now=now).invitation
    cancel_invitation("demo", public_id("s1", guest.id), by="owner", now=now)
    streams.drain(now)
    assert entry(first).status == "waiting"
    edit_session("demo", "s1", SessionChanges(spots_total=3), expected=None, now=now)
    streams.drain(now)
    assert entry(first).status == "offered"


def test_a_live_invitation_of_the_same_address_is_its_offer(full: list[Registration], streams: Streams, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    draft = InvitationInput(email="cleo@example.org", confirm_over_capacity=True)
    guest = invite("demo", "s1", draft, by="owner", key="guest", now=now).invitation
    removed(full[0], now)
    streams.drain(now)
    assert (entry(first).invitation, line()) == (guest.id, {})
    accepted(guest, now)
    streams.drain(now)
    schedules.run(now)
    assert entry(first).status == "accepted"


def test_records_that_come_again_make_no_offer_twice(full: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    joined("cleo@example.org", now=now)
    removed(full[0], now)
    records = streams.rosters.read()
    for again in (records, records[::-1], records):
        roster_events.handle({"Records": again}, clock=lambda: now)
    streams.drain(now)
    assert ses.subjects.count("Your turn: Pottery") == 1


def test_the_schedule_finds_what_the_stream_missed(full: list[Registration], streams: Streams, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    removed(full[0], now)
    streams.rosters.read()
    assert schedules.run(now)["offered"] == 1
    assert entry(first).status == "offered"
    assert schedules.run(now)["offered"] == 0


def test_who_unsubscribed_gets_the_offer_all_the_same(
    full: list[Registration], streams: Streams, ses: Ses, organisation: Organisation, now: datetime
) -> None:
    organisations.set_unsubscribed("demo", "cleo@example.org", unsubscribed=True, now=now)
    joined("cleo@example.org", now=now)
    removed(full[0], now)
    streams.drain(now)
    assert "Your turn: Pottery" in ses.subjects
