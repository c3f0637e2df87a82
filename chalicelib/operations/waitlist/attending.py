"""Bringing a waitlist up to date: what became of its offers, and who gets the spots that are free.

It looks at what is there, not at what happened, so it may be called for any reason, again, and by several at once: each step is a
transaction on what was seen, and an offer's id follows from its entry and how many it had before.
"""

from contextlib import suppress
from datetime import datetime

from chalicelib.operations.waitlist.keeping import end_offer
from chalicelib.operations.waitlist.offering import InvitationOnItsWay, make_offer
from chalicelib.rules.invitations import AlreadyAccepted, Invitation
from chalicelib.rules.ledger import Chunk, SessionFull, count
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Session, SessionCancelled, SessionPast
from chalicelib.rules.waitlist import Entry, Outcome, awaited, bottom, in_order, line, outcome
from chalicelib.tables import invitations, organisations, sessions, waitlist

BY_ITSELF = "waitlist"
"""Who made an offer that nobody of the staff made."""
ATTEMPTS = 12
MOST_OFFERS = 200
"""At one time; what is left over is found by the next look."""


def attend_all(org: str, *, now: datetime) -> int:
    """Attend to every waitlist on which somebody waits or has an offer, and return how many offers were made.

    One on which too much happens just now is left to the next look.
    """
    made = 0
    for session in waitlist.live(org):
        with suppress(Busy):
            made += attend(org, session, now=now)
    return made


def attend(org: str, session_id: str, *, now: datetime) -> int:
    """Follow what became of offers and offer what is free, in order; return how many offers were made.

    Raises Busy when too much changes meanwhile: whoever called calls again.
    """
    made = failed = 0
    while made < MOST_OFFERS and failed < ATTEMPTS:
        try:
            if not _step(org, session_id, now=now):
                return made
            made += 1
        except ChangedMeanwhile:
            failed += 1
    if made == MOST_OFFERS:
        return made
    raise Busy


def _step(org: str, session_id: str, *, now: datetime) -> bool:
    """Look, follow, and make at most one offer. Raises ChangedMeanwhile when somebody else moved first."""
    live = [entry for entry in waitlist.list_entries(org, session_id) if entry.live]
    if not live:
        return False
    try:
        session, chunks = sessions.get_with_ledger(org, session_id)
    except NotFound:
        return False
    entries = _followed(live, chunks, now)
    if session.cancelled_at or session.last_starts_at <= now:
        _close(entries, cancelled=session.cancelled_at is not None, now=now)
        return False
    return _offer_next(organisations.get(org), session, chunks, entries, now=now)


def _close(entries: list[Entry], *, cancelled: bool, now: datetime) -> None:
    """End the waitlist with its session; and with one that is cancelled an offer that was made at that very moment."""
    for entry in entries:
        if cancelled and entry.status == "offered":
            with suppress(AlreadyAccepted):
                end_offer(entry, "cancelled", by=BY_ITSELF, now=now)
        if entry.live:
            waitlist.leave(entry, "closed")


def _followed(entries: list[Entry], chunks: list[Chunk], now: datetime) -> list[Entry]:
    """Move every entry whose offer is over, the first in line before the others, and return the entries as they are then."""
    offers, holds = _offers(entries), {own: hold for chunk in chunks for own, hold in chunk.holds.items()}
    followed = in_order(entries)
    for place, entry in enumerate(followed):
        if entry.invitation:
            became = outcome(offers.get(entry.invitation), holds.get(entry.invitation))
            followed[place] = _follow(entry, became, followed, now)
    return followed


def _offers(entries: list[Entry]) -> dict[str, Invitation]:
    named = [(entry.session, entry.invitation) for entry in entries if entry.invitation]
    batches = [named[first : first + 100] for first in range(0, len(named), 100)]
    return {found.id: found for batch in batches for found in invitations.find_all(entries[0].org, batch)}


def _follow(entry: Entry, became: Outcome | None, entries: list[Entry], now: datetime) -> Entry:
    """Move one entry. Somebody who waits again has accepted after all when two clocks disagreed."""
    if became == "accepted":
        return waitlist.leave(entry, "accepted")
    if entry.status == "waiting" or became is None:
        return entry
    if became == "declined":
        return waitlist.leave(entry, "declined")
    if became == "revoked":
        return waitlist.hold_back(entry, "revoked")
    return waitlist.return_to_line(entry, bottom(entries, now))


def _offer_next(organisation: Organisation, session: Session, chunks: list[Chunk], entries: list[Entry], *, now: datetime) -> bool:
    order = line(session, organisation.waitlist)
    if not organisation.waitlist.auto_offer or now >= order.until:
        return False
    free = count(chunks, now).free
    following = awaited(entries, free, order)
    if following is None:
        return False
    if organisations.wishes(organisation.org, following.email).suppressed:
        waitlist.hold_back(following, "suppressed")
        return True
    if following.spots > free:
        return False
    try:
        make_offer(following, by=BY_ITSELF, now=now)
    except InvitationOnItsWay:
        return False  # The schedule looks again; the stream's other records need not wait for that.
    except (SessionFull, SessionCancelled, SessionPast, NotFound):
        raise ChangedMeanwhile from None
    return True
