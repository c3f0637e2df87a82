"""Joins the waitlist of a full session."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.operations import public_limits, reactions
from chalicelib.operations.identity import derived
from chalicelib.operations.waitlist.queries import all_entries
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import count
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.sessions import Session, check_not_over, check_public_window
from chalicelib.rules.waitlist import (
    AlreadyWaiting,
    Entry,
    MoreThanCapacity,
    SpotsAreFree,
    WaitlistClosed,
    place_at,
    position_of,
)
from chalicelib.tables import booking_context, customers, ledger, waitlist

KNOWN_AFTERWARDS = timedelta(days=1)
"""How long after the session the link of an unlisted entry works."""


class Joined(NamedTuple):
    """An entry with its position, counted from 1."""

    entry: Entry
    session: Session
    position: int


def join(
    org: str, session_id: str, draft: JoinInput, *, locale: str, key: str, source: str = "", signed_in: bool = False, now: datetime
) -> Joined:
    """Join the waitlist of a session with too few spots. A retry with the same key returns the same entry.

    `source` is the client's network address, for which joins are counted; `signed_in`: the owner of the address sent it.
    The entry of any other address is unconfirmed, unless the address is known. An address that waits already gets the same answer, with
    an unlisted entry, and an e-mail about its place unless one was sent lately: nobody else learns that it waits.
    Raises NotFound, SpotsAreFree if the public can book now, RegistrationNotOpen, RegistrationClosed, WaitlistClosed, MoreThanCapacity,
    TooManyRequests, and AlreadyWaiting for the owner of the address.
    """
    context = booking_context.read(org, session_id, email=draft.email)
    check_takes_bookings(context.organisation)
    check_public_window(context.session, now)
    if now >= context.queue.until:
        raise WaitlistClosed
    entry = _entry(context.session, draft, locale=locale, key=key, now=now)
    if _is_written(context, entry, now):
        return _joined(org, context.session, entry.id)
    public_limits.count("waitlist", org, draft.email, source=source, now=now)
    silent = bool(source) and not public_limits.may_confirm_place(org, session_id, draft.email, now=now)
    anybody = bool(source) and not signed_in
    vouched = anybody and (context.email_preferences.confirmed or _is_known(org, draft.email))
    entry = replace(entry, silent=silent, unconfirmed=anybody and not vouched, vouched=vouched)
    try:
        return _write(entry, context)
    except AlreadyWaiting:
        if signed_in or not source:
            raise
    return _write_unlisted(entry, context, now=now)


def add_by_staff(org: str, session_id: str, draft: JoinInput, *, key: str, now: datetime) -> Joined:
    """Add somebody to the waitlist as staff, regardless of the registration window and the cut-off.

    Raises NotFound, SpotsAreFree, SessionPast, SessionCancelled, MoreThanCapacity, AlreadyWaiting.
    """
    context = booking_context.read(org, session_id, email=draft.email)
    check_not_over(context.session, now)
    entry = _entry(context.session, draft, locale=context.organisation.locale, key=key, now=now)
    if _is_written(context, entry, now):
        return _joined(org, context.session, entry.id)
    return _write(replace(entry, by_staff=True), context)


def _is_known(org: str, email: str) -> bool:
    """Whether staff or its owner have vouched for the address: it is that of a customer who was not made from a public form."""
    known = customers.of_address(org, email)
    return known is not None and not known.unconfirmed


def _entry(session: Session, draft: JoinInput, *, locale: str, key: str, now: datetime) -> Entry:
    return Entry(
        org=session.org,
        session=session.id,
        id=derived("waitlist", session.org, session.id, key),
        email=draft.email,
        name=draft.name,
        spots=draft.spots,
        place=place_at(now),
        joined_at=now,
        locale=locale,
    )


def _is_written(context: booking_context.BookingContext, entry: Entry, now: datetime) -> bool:
    """Whether an earlier try of this request wrote the entry, although spots are free by now. Raises SpotsAreFree, MoreThanCapacity."""
    try:
        _check_must_wait(context, entry.spots, now)
    except SpotsAreFree:
        if entry.id not in {one.id for one in all_entries(entry.org, entry.session)}:
            raise
        return True
    return False


def _write(entry: Entry, context: booking_context.BookingContext) -> Joined:
    try:
        waitlist.join(entry, others=context.other_addresses)
    except waitlist.AddressWaits:
        raise AlreadyWaiting from None
    return _joined(entry.org, context.session, entry.id)


def _write_unlisted(entry: Entry, context: booking_context.BookingContext, *, now: datetime) -> Joined:
    """Write an entry that is on no list, and e-mail the one who waits. Raises TooManyRequests when there are too many of them."""
    if not entry.silent:
        _remind(entry, context.other_addresses, now=now)
    try:
        waitlist.add_unlisted(replace(entry, unconfirmed=True, silent=False), until=context.session.last_starts_at + KNOWN_AFTERWARDS)
    except waitlist.TooManyUnlisted:
        raise TooManyRequests(int(KNOWN_AFTERWARDS.total_seconds())) from None
    return _joined(entry.org, context.session, entry.id)


def _remind(entry: Entry, others: Sequence[str], *, now: datetime) -> None:
    """E-mail its place to the entry of the address, or of another address of the same customer."""
    found = (waitlist.find_waiting(entry.org, entry.session, address) for address in (entry.email, *others))
    waiting = next((one for one in found if one and one.status == "waiting"), None)
    if waiting:
        reactions.waitlist_joined(replace(waiting, silent=False), again=entry.id, now=now)


def _joined(org: str, session: Session, id: str) -> Joined:
    entries = {entry.id: entry for entry in all_entries(org, session.id)}
    return Joined(entries[id], session, position_of(id, entries.values()))


def _check_must_wait(context: booking_context.BookingContext, wanted: int, now: datetime) -> None:
    session = context.session
    if wanted > session.spots_total:
        raise MoreThanCapacity(session.spots_total)
    chunks = [context.first_chunk] if session.chunks == 1 else ledger.read(session.org, session.id)
    free = count(chunks, now).free
    if free >= wanted and not ledger.is_reserved(context.first_chunk, free, context.queue, now):
        raise SpotsAreFree(free)
