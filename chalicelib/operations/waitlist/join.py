"""Joins the waitlist of a full session, or those of several as one party that the first offer takes out of the others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.operations import public_limits, reactions
from chalicelib.operations.identity import derived
from chalicelib.operations.waitlist.queries import find_entry, position
from chalicelib.rules.alternatives import CannotWaitFor, sessions_of
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import count
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.refusals import Conflict, Invalid, NotFound
from chalicelib.rules.sessions import Session, check_not_over, check_public_window
from chalicelib.rules.waitlist import AlreadyWaiting, MoreThanCapacity, SpotsAreFree, WaitlistClosed, WaitlistEntry, place_at
from chalicelib.rules.waitlist_positions import Ahead
from chalicelib.tables import booking_context, customers, ledger, waitlist
from chalicelib.tables.booking_context import BookingContext

KNOWN_AFTERWARDS = timedelta(days=1)
"""How long after the session the link of an unlisted entry works."""


class Joined(NamedTuple):
    """An entry with its position, counted from 1."""

    entry: WaitlistEntry
    session: Session
    position: int


def join(
    org: str, session_id: str, draft: JoinInput, *, locale: str, key: str, source: str = "", signed_in: bool = False, now: datetime
) -> Joined:
    """Join the waitlist of a session with too few spots, and those of its alternatives: all or none. A retry with the same key returns
    the same entry.

    `source` is the client's network address, for which joins are counted; `signed_in`: the owner of the address sent it.
    The entry of any other address is unconfirmed, unless the address is known. An address that waits already gets the same answer, with
    an unlisted entry, and an e-mail about its place unless one was sent lately: nobody else learns that it waits.
    Raises NotFound, SpotsAreFree if the public can book now, RegistrationNotOpen, RegistrationClosed, WaitlistClosed, MoreThanCapacity,
    CannotWaitFor for these on an alternative, TooManyRequests, and AlreadyWaiting for the owner of the address.
    """
    contexts = _contexts(org, session_id, draft, _check_public, now=now)
    entry = _entry(contexts, draft, locale=locale, key=key, now=now)
    if _is_written(contexts, entry, now):
        return _joined(entry, contexts)
    silent = not public_limits.count_place(org, session_id, draft.email, source=source, now=now, times=len(contexts))
    anybody = bool(source) and not signed_in
    vouched = anybody and _is_known(contexts[0])
    entry = replace(entry, silent=silent, unconfirmed=anybody and not vouched, vouched=vouched)
    ahead = _ahead(contexts)
    try:
        return _joined(entry, contexts, made=waitlist.join(entry, ahead=ahead, others=contexts[0].other_addresses))
    except waitlist.AddressWaits as waits:
        if signed_in or not source:
            raise _already_waits(waits, contexts) from None
        return _joined(entry, contexts, made=_write_apart(entry, waits.sessions, contexts, ahead, now=now))


def add_by_staff(org: str, session_id: str, draft: JoinInput, *, key: str, now: datetime) -> Joined:
    """Add somebody to the waitlist and those of its alternatives as staff, regardless of the registration window and the cut-off.

    Raises NotFound, SpotsAreFree, SessionPast, SessionCancelled, MoreThanCapacity, AlreadyWaiting, CannotWaitFor.
    """
    contexts = _contexts(org, session_id, draft, lambda context, now: check_not_over(context.session, now), now=now)
    entry = replace(_entry(contexts, draft, locale=contexts[0].organisation.locale, key=key, now=now), by_staff=True)
    if _is_written(contexts, entry, now):
        return _joined(entry, contexts)
    try:
        made = waitlist.join(entry, ahead=_ahead(contexts), others=contexts[0].other_addresses)
    except waitlist.AddressWaits as waits:
        raise _already_waits(waits, contexts) from None
    return _joined(entry, contexts, made=made)


def _contexts(
    org: str, session_id: str, draft: JoinInput, check: Callable[[BookingContext, datetime], None], *, now: datetime
) -> list[BookingContext]:
    """Return the checked context of the session and of each alternative."""
    sessions = sessions_of(session_id, draft.alternatives) or (session_id,)
    contexts = [booking_context.read_publicly(org, one, email=draft.email) for one in sessions]
    for context in contexts:
        with _about(context.session, contexts):
            check(context, now)
    return contexts


@contextmanager
def _about(session: Session, contexts: Sequence[BookingContext]) -> Iterator[None]:
    """Raise CannotWaitFor in place of a refusal of the block that is about an alternative."""
    try:
        yield
    except (Conflict, Invalid) as refusal:
        if session.id == contexts[0].session.id:
            raise
        raise CannotWaitFor(session.id, session.title, refusal.code) from None


def _check_public(context: BookingContext, now: datetime) -> None:
    check_takes_bookings(context.organisation)
    check_public_window(context.session, now)
    if now >= context.queue.until:
        raise WaitlistClosed


def _already_waits(waits: waitlist.AddressWaits, contexts: Sequence[BookingContext]) -> Conflict:
    found = next(context.session for context in contexts if context.session.id in waits.sessions)
    if found.id == contexts[0].session.id:
        return AlreadyWaiting()
    return CannotWaitFor(found.id, found.title, AlreadyWaiting.code)


def _is_known(context: BookingContext) -> bool:
    """Whether its owner has confirmed the address, or staff have: it is that of a customer who was not made from a public form."""
    if context.email_preferences.confirmed or not context.customer:
        return context.email_preferences.confirmed
    try:
        return not customers.get(context.session.org, context.customer).unconfirmed
    except (NotFound, CustomerMerged):  # Staff have merged or erased it at this moment.
        return False


def _entry(contexts: Sequence[BookingContext], draft: JoinInput, *, locale: str, key: str, now: datetime) -> WaitlistEntry:
    session = contexts[0].session
    return WaitlistEntry(
        org=session.org,
        session=session.id,
        id=derived("waitlist", session.org, session.id, key),
        email=draft.email,
        name=draft.name,
        spots=draft.spots,
        place=place_at(now),
        joined_at=now,
        locale=locale,
        any_of=sessions_of(session.id, draft.alternatives),
    )


def _is_written(contexts: Sequence[BookingContext], entry: WaitlistEntry, now: datetime) -> bool:
    """Whether an earlier try of this request wrote the entry, although spots are free by now.

    Raises SpotsAreFree, MoreThanCapacity, CannotWaitFor.
    """
    try:
        for context in contexts:
            with _about(context.session, contexts):
                _check_must_wait(context, entry.spots, now)
    except (SpotsAreFree, CannotWaitFor) as refusal:
        try:
            find_entry(entry.org, entry.session, entry.id)
        except NotFound:
            raise refusal from None
        return True
    return False


def _ahead(contexts: Sequence[BookingContext]) -> dict[str, Ahead]:
    """Return how many stand before one who joins each session now."""
    unlisted = waitlist.count_unlisted(contexts[0].session.org, [context.session.id for context in contexts])
    return {context.session.id: Ahead(context.first_chunk.live_waitlist_entries, unlisted[context.session.id]) for context in contexts}


def _write_apart(
    entry: WaitlistEntry, waits: Sequence[str], contexts: Sequence[BookingContext], ahead: Mapping[str, Ahead], *, now: datetime
) -> WaitlistEntry | None:
    """Write an unlisted entry on each session where the address waits already, join the others, and return the entry of the first session.

    Where it waits on all, e-mail the one who waits. None when the same request did so before. Raises TooManyRequests when there are too
    many unlisted entries.
    """
    waits_everywhere = len(waits) == len(contexts)
    if waits_everywhere and not entry.silent:
        _remind(entry, contexts[0].other_addresses, now=now)
    made = {
        context.session.id: _write_unlisted(replace(entry, session=context.session.id), context.session, ahead[context.session.id])
        for context in contexts
        if context.session.id in waits
    }
    if not waits_everywhere:
        with suppress(waitlist.AddressWaits):  # It joined there at the same moment by another request.
            listed = waitlist.join(entry, ahead=ahead, without=waits, others=contexts[0].other_addresses)
            made |= {listed.session: listed} if listed else {}
    return made.get(entry.session)


def _write_unlisted(entry: WaitlistEntry, session: Session, ahead: Ahead) -> WaitlistEntry | None:
    unlisted = replace(entry, unconfirmed=True, silent=False, first_position=ahead.position)
    try:
        return unlisted if waitlist.add_unlisted(unlisted, until=session.last_starts_at + KNOWN_AFTERWARDS) else None
    except waitlist.TooManyUnlisted:
        raise TooManyRequests(int(KNOWN_AFTERWARDS.total_seconds())) from None


def _remind(entry: WaitlistEntry, others: Sequence[str], *, now: datetime) -> None:
    """E-mail its place to the entry of the address, or of another address of the same customer."""
    found = (waitlist.find_waiting(entry.org, entry.session, address) for address in (entry.email, *others))
    waiting = next((one for one in found if one and one.status == "waiting"), None)
    if waiting:
        reactions.waitlist_joined(replace(waiting, silent=False), again=entry.id, now=now)


def _joined(entry: WaitlistEntry, contexts: Sequence[BookingContext], *, made: WaitlistEntry | None = None) -> Joined:
    """Return the entry with its position: `made` as it was written just now, or else as it is by now."""
    found = made or find_entry(entry.org, entry.session, entry.id)
    return Joined(found, contexts[0].session, (made and made.first_position) or position(found))


def _check_must_wait(context: BookingContext, wanted: int, now: datetime) -> None:
    session = context.session
    if wanted > session.spots_total:
        raise MoreThanCapacity(session.spots_total)
    if context.full_mark and context.full_mark.refuses(wanted):
        return  # If a spot has become free meanwhile, the entry gets an offer.
    chunks = [context.first_chunk] if session.chunks == 1 else ledger.read(session.org, session.id)
    free = count(chunks, now).free
    if free >= wanted and not ledger.is_reserved(context.first_chunk, free, context.queue, now):
        raise SpotsAreFree(free)
