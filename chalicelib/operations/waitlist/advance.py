"""Advances a waitlist: records the outcomes of its offers, and offers free spots to the next in line.

It decides by the current state, not by the event, so it may be called for any reason, again, and by several at once: each step is a
transaction on the state that was read, and an offer's id follows from its entry and how many it had before.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.operations.turns import Turns
from chalicelib.operations.waitlist.entries import end_offer
from chalicelib.operations.waitlist.offer import InvitationOnItsWay, Offered, Room, make_offer
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation, InvitationAccepted
from chalicelib.rules.ledger import Chunk, SessionFull, count
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.session_refusals import SessionCancelled, SessionPast
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import (
    UNANSWERED_OFFERS,
    OfferOutcome,
    WaitlistEntry,
    entry_with_reserved_spots,
    in_order,
    last_place,
    outcome,
    queue_of,
)
from chalicelib.tables import booking_context, clock, invitations, organisations, sessions, waitlist
from chalicelib.tables.booking_context import BookingContext
from chalicelib.tables.keys import Key

BY_WAITLIST = "waitlist"
"""The `by` of automatic offers."""
ATTEMPTS = 12
MOST_OFFERS = 200
"""In one call. The next one continues."""
CONTEXTS_AT_ONCE = 25
"""So many offers are made from what one request read: it is a second old at most."""


def advance_all(*, now: datetime, turns: Turns | None = None) -> int:
    """Advance waitlists with live entries and return the number of offers made. Skips one that is busy until the next run.

    The stream advances a waitlist when something changes; this finds what time alone changes. One run looks at so many of them, from a
    place that differs from run to run, so that each has its turn.
    """

    def advance_one(org: str, rows: Sequence[Key]) -> int:
        with suppress(Busy):
            return advance(org, rows[0].pk.partition("#")[2], now=now)
        return 0

    entries = {one.key.pk: one for one in reversed(clock.entries_of_waitlists(derived(times.written(now))))}
    return (turns or Turns()).take("offered", entries.values(), advance_one)


def advance(org: str, session_id: str, *, now: datetime) -> int:
    """Record the outcomes of offers, then offer free spots in order; return the number of offers made.

    Raises Busy if the session keeps changing meanwhile. The caller retries.
    """
    made = failed = 0
    while failed < ATTEMPTS:
        before = made
        try:
            for _ in _pass(org, session_id, now=now):
                made += 1
                if made == MOST_OFFERS:
                    return made
        except ChangedMeanwhile:
            failed += 1
        else:
            if made == before:
                return made
    raise Busy


def _pass(org: str, session_id: str, *, now: datetime) -> Iterator[WaitlistEntry]:
    """Read the waitlist once, record the outcomes of its offers, and yield each entry that got one. Raises ChangedMeanwhile.

    What has changed since the reading makes the transaction of an offer fail; spots that were freed since have a record of their own.
    """
    live = [entry for entry in waitlist.list_entries(org, session_id) if entry.is_live]
    if not live:
        return
    try:
        session, chunks = sessions.get_with_ledger(org, session_id)
    except NotFound:
        return
    entries = _with_outcomes(live, chunks, now)
    if session.cancelled_at or session.last_starts_at <= now:
        _close(entries, cancelled=session.cancelled_at is not None, now=now)
        return
    yield from _offers_in_order(organisations.get(org), session, chunks, entries, now=now)


def _close(entries: list[WaitlistEntry], *, cancelled: bool, now: datetime) -> None:
    """Close the entries of a past or cancelled session. On a cancellation, also end an offer made at the same moment."""
    for entry in entries:
        if cancelled and entry.status == "offered":
            with suppress(InvitationAccepted):
                end_offer(entry, "cancelled", by=BY_WAITLIST, now=now)
        if entry.is_live:
            waitlist.leave(entry, "closed")


def _with_outcomes(entries: list[WaitlistEntry], chunks: list[Chunk], now: datetime) -> list[WaitlistEntry]:
    """Update every entry whose offer has ended, in order, and return the entries as updated."""
    offers, holds = _offers(entries), {id: hold for chunk in chunks for id, hold in chunk.holds.items()}
    updated = in_order(entries)
    for index, entry in enumerate(updated):
        if entry.invitation:
            became = outcome(offers.get(entry.invitation), holds.get(entry.invitation))
            updated[index] = _apply_outcome(entry, became, updated, now)
    return updated


def _offers(entries: list[WaitlistEntry]) -> dict[str, Invitation]:
    named = [(entry.session, entry.invitation) for entry in entries if entry.invitation]
    batches = [named[first : first + 100] for first in range(0, len(named), 100)]
    return {found.id: found for batch in batches for found in invitations.find_all(entries[0].org, batch)}


def _apply_outcome(entry: WaitlistEntry, became: OfferOutcome | None, entries: list[WaitlistEntry], now: datetime) -> WaitlistEntry:
    """Update one entry by the outcome of its offer. A waiting entry too can have an accepted offer, if two clocks differed."""
    if became == "accepted":
        return waitlist.leave(entry, "accepted")
    if entry.status == "waiting" or became is None:
        return entry
    if became == "declined":
        return waitlist.leave(entry, "declined")
    if became == "revoked":
        return waitlist.hold_back(entry, "revoked")
    if entry.unconfirmed and entry.offers >= UNANSWERED_OFFERS:
        return waitlist.hold_back(entry, "unanswered")
    return waitlist.return_to_line(entry, last_place(entries, now))


def _offers_in_order(
    organisation: Organisation, session: Session, chunks: list[Chunk], entries: list[WaitlistEntry], *, now: datetime
) -> Iterator[WaitlistEntry]:
    order = queue_of(session, organisation.waitlist)
    if organisation.suspended_at or not organisation.waitlist.auto_offer or now >= order.until:
        return
    left = [entry for entry in in_order(entries) if entry.in_line]
    free, room, contexts = count(chunks, now).free, Room(chunks), dict[str, BookingContext]()
    while next_entry := entry_with_reserved_spots(left, free, order):
        if next_entry.email not in contexts:
            contexts = _contexts(next_entry, left, free)
        left.remove(next_entry)
        if contexts[next_entry.email].email_preferences.suppressed:
            waitlist.hold_back(next_entry, "suppressed")
        elif next_entry.spots > free:
            return
        else:
            made = _offer(next_entry, contexts[next_entry.email], room, now)
            if made is None:
                return
            free -= next_entry.spots if made.invitation.entry == next_entry.id else 0  # An invitation of staff holds spots already.
        yield next_entry


def _contexts(next_entry: WaitlistEntry, left: list[WaitlistEntry], free: int) -> dict[str, BookingContext]:
    """Return the context of this entry's address, and of those that come next as far as spots are free, in one request."""
    emails = dict.fromkeys([next_entry.email, *(entry.email for entry in left[:free])])
    try:
        return booking_context.read_many(next_entry.org, next_entry.session, [*emails][:CONTEXTS_AT_ONCE])
    except NotFound:
        raise ChangedMeanwhile from None


def _offer(entry: WaitlistEntry, context: BookingContext, room: Room, now: datetime) -> Offered | None:
    """Offer spots to the entry. None while its address may be invited by another request: the schedule will retry, where raising would
    block the stream's other records.
    """
    try:
        return make_offer(entry, context, by=BY_WAITLIST, room=room, now=now)
    except InvitationOnItsWay:
        return None
    except (SessionFull, SessionCancelled, SessionPast, NotFound):
        raise ChangedMeanwhile from None
