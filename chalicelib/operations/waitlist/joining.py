"""Joining the waitlist of a full session."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.rules.drafts.waitlist import Joining
from chalicelib.rules.ledger import count
from chalicelib.rules.sessions import Session, check_not_over, check_public_window
from chalicelib.rules.waitlist import AlreadyWaiting, Entry, MoreThanTheSession, SpotsAreFree, WaitlistClosed, in_order, place_at, reserved
from chalicelib.tables import ledger, rosters, waitlist


class Joined(NamedTuple):
    """An entry, and how many are before it, itself counted."""

    entry: Entry
    session: Session
    position: int


def join(org: str, session_id: str, draft: Joining, *, locale: str, key: str, now: datetime) -> Joined:
    """Wait for spots on a session that has too few. A retry under the same key is the same entry.

    Raises SpotsAreFree when the public could book now, RegistrationNotOpen, RegistrationClosed, WaitlistClosed, MoreThanTheSession,
    AlreadyWaiting.
    """
    desk = rosters.desk(org, session_id)
    check_public_window(desk.session, now)
    if now >= desk.line.until:
        raise WaitlistClosed
    return _join(desk, draft, locale=locale, key=key, now=now)


def put_in_line(org: str, session_id: str, draft: Joining, *, key: str, now: datetime) -> Joined:
    """Let staff put somebody on the waitlist: the registration window and the cut-off do not bind them.

    Raises SpotsAreFree, SessionPast, SessionCancelled, MoreThanTheSession, AlreadyWaiting.
    """
    desk = rosters.desk(org, session_id)
    check_not_over(desk.session, now)
    return _join(desk, draft, locale=desk.organisation.locale, key=key, now=now, by_staff=True)


def _join(desk: rosters.Desk, draft: Joining, *, locale: str, key: str, now: datetime, by_staff: bool = False) -> Joined:
    org, session_id = desk.session.org, desk.session.id
    own = derived("waitlist", org, session_id, key)
    try:
        _check_must_wait(desk, draft.spots, now)
    except SpotsAreFree:
        if waitlist.find(org, session_id, own) is None:
            raise
        return _joined(org, desk.session, own)
    entry = Entry(
        org=org,
        session=session_id,
        id=own,
        email=draft.email,
        name=draft.name,
        spots=draft.spots,
        place=place_at(now),
        joined_at=now,
        locale=locale,
        by_staff=by_staff,
    )
    try:
        waitlist.join(entry)
    except waitlist.AddressWaits:
        raise AlreadyWaiting from None
    return _joined(org, desk.session, own)


def _joined(org: str, session: Session, own: str) -> Joined:
    entries = {entry.id: entry for entry in waitlist.list_entries(org, session.id)}
    ahead = [entry.id for entry in in_order(entries.values())]
    return Joined(entries[own], session, ahead.index(own) + 1 if own in ahead else 0)


def _check_must_wait(desk: rosters.Desk, wanted: int, now: datetime) -> None:
    session = desk.session
    if wanted > session.spots_total:
        raise MoreThanTheSession(session.spots_total)
    chunks = [desk.first_chunk] if session.chunks == 1 else ledger.read(session.org, session.id)
    free = count(chunks, now).free
    if free >= wanted and not reserved(desk.first_chunk.waiting, free, desk.line, now):
        raise SpotsAreFree(free)
