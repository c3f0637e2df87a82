"""How a waitlist, its entries and its offers end."""

from datetime import datetime, timedelta

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.events import schedules
from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import cancel_invitation, decline, revive
from chalicelib.operations.sessions import cancel_session, delete_session
from chalicelib.operations.waitlist.offer import make_offer
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.rules.session_refusals import SessionInUse
from chalicelib.tables import booking_context, clock, invitations, organisations
from chalicelib.tables import waitlist as entries
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.waitlist.test_advance import HOUR, entry, full, joined, line, offer_of, removed, set_waitlist

__all__ = ["full"]


def test_an_offer_that_comes_too_late_queues_no_e_mail(full: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    cleo = joined("cleo@example.org", now=now)
    context = booking_context.read("demo", "s1", email=cleo.email)
    removed(full[0], now)
    entries.leave(cleo, "left")
    with pytest.raises(ChangedMeanwhile):
        make_offer(cleo, context, by="waitlist", now=now)
    streams.drain(now)
    assert "Your turn: Pottery" not in ses.subjects


def test_a_declined_offer_ends_the_entry_and_goes_to_the_next(full: list[Registration], streams: Streams, now: datetime) -> None:
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    decline(links.invitation_token(offer_of(first)), now=now)
    streams.drain(now)
    assert [entry(one).status for one in (first, second)] == ["declined", "offered"]


def test_an_offer_that_staff_take_back_is_not_made_again_by_itself(full: list[Registration], streams: Streams, now: datetime) -> None:
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    cancel_invitation("demo", public_id("s1", offer_of(first).id), by="owner", now=now)
    streams.drain(now)
    assert (entry(first).held_back, entry(second).status) == ("revoked", "offered")
    removed(full[1], now)
    streams.drain(now)
    assert (entry(first).status, line()) == ("waiting", {})
    assert waitlist.offer_by_hand("demo", public_id("s1", first.id), by="owner", now=now).invitation.email == "cleo@example.org"


def test_an_address_that_bounces_keeps_nobody_waiting(full: list[Registration], streams: Streams, now: datetime) -> None:
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + HOUR)
    organisations.note_bounce("demo", "cleo@example.org", sent_at=now, now=now)
    removed(full[0], now)
    streams.drain(now)
    assert (entry(first).held_back, entry(second).status) == ("suppressed", "offered")


def test_when_the_first_leaves_the_next_may_fit(full: list[Registration], streams: Streams, now: datetime) -> None:
    first, second = joined("cleo@example.org", spots=2, now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    waitlist.leave(links.waitlist_token(first), now=now)
    streams.drain(now)
    assert entry(second).status == "offered"


def test_leaving_with_an_offer_declines_it(full: list[Registration], streams: Streams, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    removed(full[0], now)
    streams.drain(now)
    offer = offer_of(first)
    waitlist.leave(links.waitlist_token(first), now=now)
    assert invitations.get("demo", "s1", offer.id).ended == "declined"
    assert entry(first).status == "left"


def test_a_cancelled_session_ends_the_waitlist_and_tells_everybody_once(
    full: list[Registration], streams: Streams, ses: Ses, now: datetime
) -> None:
    first, second = joined("cleo@example.org", now=now), joined("dan@example.org", now=now + HOUR)
    removed(full[0], now)
    streams.drain(now)
    cancel_session("demo", "s1", CancelInput(), by="owner", now=now)
    records = streams.rosters.read()
    for _ in range(2):
        roster_events.handle({"Records": records}, clock=lambda: now)
    streams.drain(now)
    assert [entry(one).status for one in (first, second)] == ["closed", "closed"]
    told = [to for to, subject in zip(ses.recipients, ses.subjects, strict=True) if "cancel" in subject.lower()]
    assert sorted(told) == ["ben@example.org", "cleo@example.org", "dan@example.org"]


def test_a_waitlist_ends_with_its_session(full: list[Registration], streams: Streams, now: datetime) -> None:
    first = joined("cleo@example.org", now=now)
    schedules.run(now.replace(hour=15) + timedelta(days=1))
    assert (entry(first).status, line(), clock.entries_of_waitlists("0")) == ("closed", {}, [])


def test_a_session_that_somebody_waited_for_is_not_deleted(full: list[Registration], streams: Streams, now: datetime) -> None:
    joined("cleo@example.org", now=now)
    for registration in full:
        removed(registration, now)
    with pytest.raises(SessionInUse):
        delete_session("demo", "s1")


def test_an_offer_that_staff_revive_is_still_one(full: list[Registration], streams: Streams, ses: Ses, now: datetime) -> None:
    organisations.set_unsubscribed("demo", "cleo@example.org", unsubscribed=True, now=now)
    set_waitlist(offer_hours=1)
    first = joined("cleo@example.org", now=now)
    removed(full[0], now)
    streams.drain(now)
    offer = offer_of(first)
    waitlist.leave(links.waitlist_token(first), now=now)
    streams.drain(now)
    again = revive("demo", public_id("s1", offer.id), ReviveInput(), by="owner", key="again", now=now).invitation
    streams.drain(now)
    assert (again.mail, again.remind_at) == ("queued", None)
    assert ses.subjects.count("Your turn: Pottery") == 2
