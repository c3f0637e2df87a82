"""The reconciler: recounts every session and reports drift. Nothing should ever drift; this is how we would know.

A repair is a write on what was seen, so it may be run again and beside everything else.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.operations import codes
from chalicelib.operations.registrations.changing import follow_ledger
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT, Chunk, Hold, SessionFull, TooManyExtras, count, faults
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import invitations, keys, ledger, registrations, rosters, sessions
from chalicelib.tables.rosters import Roster

CLOCKS_DIFFER = timedelta(minutes=1)
"""At most: who booked may have a clock that is ahead of ours by so much."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as it must be. `thing` names the chunk, hold or registration."""

    session: str
    kind: str
    thing: str


def reconcile(org: str, *, now: datetime, repair: bool) -> list[Drift]:
    """Return all drift of the organisation's sessions, and repair it if asked."""
    return [drift for session in sessions.every(org) for drift in reconcile_session(org, session.id, now=now, repair=repair)]


def reconcile_session(org: str, session_id: str, *, now: datetime, repair: bool) -> list[Drift]:
    """Return the drift of one session as it was when it was read, and repair it if asked."""
    try:
        roster = rosters.roster(org, session_id)
    except NotFound:
        return []
    found = list(_drift(roster, now))
    if repair:
        for drift in found:
            _repair(roster, drift, now)
    return found


def _drift(roster: Roster, now: datetime) -> Iterator[Drift]:
    session_id = roster.session.id
    for chunk in roster.chunks:
        if faults(chunk):
            yield Drift(session_id, "miscounted", str(chunk.number))
    if _counted(roster.chunks[0]) != _in_line(roster):
        yield Drift(session_id, "line_miscounted", "0")
    if count(roster.chunks, now).total != roster.session.spots_total:
        yield Drift(session_id, "wrong_total", "")
    for hold_id, chunks in _places(roster).items():
        for chunk_number in chunks[1:]:
            yield Drift(session_id, "held_twice", f"{hold_id}@{chunk_number}")
    for hold_id, hold in roster.holds().items():
        kind = _stray(roster, hold_id, hold, now)
        if kind:
            yield Drift(session_id, kind, hold_id)
    yield from _unlike_their_holds(roster, now)


def _unlike_their_holds(roster: Roster, now: datetime) -> Iterator[Drift]:
    """Rows that say one thing where the ledger says another: spots that are missing, and requests that died half-way."""
    session_id, holds = roster.session.id, roster.holds()
    for entry in roster.registrations:
        if entry.confirmed_at and not entry.removed_at and not entry.holds(holds.get(entry.hold)):
            yield Drift(session_id, "without_spots", entry.id)
        if not entry.removed_at and entry.holds(holds.get(entry.hold)) and entry.party_size != holds[entry.hold].n:
            yield Drift(session_id, "other_size", entry.id)
        if not entry.confirmed_at and not entry.holds(holds.get(entry.hold)) and now - entry.created_at > IN_FLIGHT:
            yield Drift(session_id, "left_behind", entry.id)
    for invitation in roster.invitations:
        if status(invitation, holds.get(invitation.id), now) is None and now - invitation.begun_at > IN_FLIGHT:
            yield Drift(session_id, "left_behind", invitation.id)


def _counted(first: Chunk) -> tuple[dict[int, int], int]:
    return dict(first.waiting), first.waits


def _in_line(roster: Roster) -> tuple[dict[int, int], int]:
    """Return how many parties of each size are in line, and how many in all."""
    sizes = Counter(entry.spots for entry in roster.waitlist if entry.in_line)
    return dict(sizes), sizes.total()


def _places(roster: Roster) -> dict[str, list[int]]:
    """Return on which chunks each hold lies; where it is confirmed, if it is anywhere, comes first."""
    places: dict[str, list[int]] = {}
    for chunk in roster.chunks:
        for hold_id in chunk.holds:
            places.setdefault(hold_id, []).append(chunk.number)
    chunks = {chunk.number: chunk for chunk in roster.chunks}
    return {own: sorted(numbers, key=lambda number: chunks[number].holds[own].s != "C") for own, numbers in places.items()}


def _stray(roster: Roster, hold_id: str, hold: Hold, now: datetime) -> str | None:
    """Return why the hold should not be: nobody's, or of something that has ended."""
    if hold.s == "C":
        registration = _registration(roster, hold.r or hold_id)
        if registration is None:
            return "nobodys"
        return "outlived" if registration.removed_at else None
    invitation = _invitation(roster, hold_id)
    if invitation is None:
        return None if _booking_with_a_code(hold, now) else "nobodys"
    return "outlived" if invitation.ended and invitation.nonce == hold.v else None


def _booking_with_a_code(hold: Hold, now: datetime) -> bool:
    """Whether the hold may be that of a booking under way, or of one that did not come through: it runs out by itself."""
    return hold.e is not None and hold.e <= (now + IN_FLIGHT + CLOCKS_DIFFER).timestamp()


def _registration(roster: Roster, own: str) -> Registration | None:
    return next((entry for entry in roster.registrations if entry.id == own), None)


def _invitation(roster: Roster, own: str) -> Invitation | None:
    return next((entry for entry in roster.invitations if entry.id == own), None)


def _repair(roster: Roster, drift: Drift, now: datetime) -> None:
    org, session_id = roster.session.org, roster.session.id
    match drift.kind:
        case "miscounted":
            ledger.recount(org, session_id, _chunk(roster, int(drift.thing)))
        case "line_miscounted":
            ledger.recount_line(org, session_id, roster.chunks[0], _in_line(roster)[0])
        case "wrong_total":
            _resize(roster, now)
        case "held_twice":
            hold_id, _, number = drift.thing.partition("@")
            chunk = _chunk(roster, int(number))
            ledger.release_on(org, session_id, hold_id, chunk.holds[hold_id], chunk=chunk.number)
        case "nobodys" | "outlived":
            with suppress(ledger.HoldConfirmed):
                ledger.release(org, session_id, drift.thing, roster.holds()[drift.thing], chunk=_places(roster)[drift.thing][0])
        case "without_spots":
            _seat(roster, drift.thing, now)
        case "other_size":
            follow_ledger(org, keys.joined(session_id, drift.thing), now=now)
        case "left_behind":
            _tidy(roster, drift.thing, now)


def _tidy(roster: Roster, own: str, now: datetime) -> None:
    """Delete a row that never got its spots; another attempt of the same request is left alone."""
    registration, invitation = _registration(roster, own), _invitation(roster, own)
    if registration and registration.code:
        codes.take_back(registration, now=now)
    elif registration:
        registrations.take_back(registration)
    if invitation:
        invitations.take_back(invitation)


def _chunk(roster: Roster, number: int) -> Chunk:
    return next(chunk for chunk in roster.chunks if chunk.number == number)


def _resize(roster: Roster, now: datetime) -> None:
    again = ledger.read(roster.session.org, roster.session.id)
    if [chunk.cap for chunk in again] != [chunk.cap for chunk in roster.chunks]:
        return  # Chunks are read one by one: spots were moving between two of them, which is no drift.
    missing = roster.session.spots_total - count(roster.chunks, now).total
    try:
        sessions.save(roster.session, roster.chunks, missing)
    except ChangedMeanwhile:
        return


def _seat(roster: Roster, own: str, now: datetime) -> None:
    """Give a registration that lost its spots new ones; extra ones when the session is full: nobody is dropped.

    Where not even that is possible now, the drift is found again by the next run.
    """
    entry = _registration(roster, own)
    if entry is None:
        return
    hold = Hold(n=entry.party_size, s="C", v=entry.nonce, r=None if entry.hold == entry.id else entry.id)
    with suppress(Busy, TooManyExtras):
        try:
            ledger.claim_patiently(entry.org, entry.session, entry.hold, hold, now=now)
        except SessionFull:
            ledger.claim_extra(entry.org, entry.session, entry.hold, hold._replace(x=entry.party_size), now=now)
