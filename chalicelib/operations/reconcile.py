"""The reconciler: recounts every session, reports drift, which would be a bug, and repairs it.

Each repair is conditional on the row as it was read, so that it is safe to repeat and to run beside everything else.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.operations import codes, date_reminders, figures, migrate_rows, orders, reconcile_meetings, reconcile_waitlist
from chalicelib.operations.registrations.edit import copy_party_size
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT, Chunk, Hold, SessionFull, TooManyExtras, count, faults
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.reservations import is_reservation
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, customers, invitations, ledger, meetings, registrations, sessions, waitlist
from chalicelib.tables.booking_context import Roster

CLOCKS_DIFFER = timedelta(minutes=1)
"""The largest difference assumed between the clocks of two workers."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One inconsistency. `id` is the number of the chunk, or the id of the hold or row."""

    session: str
    kind: str
    id: str


def reconcile(org: str, *, now: datetime, repair: bool) -> list[Drift]:
    """Return the drift of all sessions of the organisation, and repair it if `repair`."""
    if repair:
        migrate_rows.migrate_rows(org, now=now)
        customers.write_missing(org)
        customers.name_addresses(org)
        date_reminders.check_older(org, now=now)
    every = list(sessions.every(org))
    found = [drift for session in every for drift in reconcile_session(org, session.id, now=now, repair=repair)]
    if repair:
        found += [Drift(id, "miscounted_figures", "") for id in figures.recount_everything(org, [session.id for session in every], now=now)]
    return [*found, *_reconcile_meetings(org, every, repair=repair)]


def _reconcile_meetings(org: str, every: list[Session], *, repair: bool) -> list[Drift]:
    """Return the sessions without some row of a meeting, and rows that are left over. An earlier version has written no rows."""
    incomplete, bare, strays = reconcile_meetings.drifting(org, every)
    is_first = not meetings.is_complete(org)
    if repair:
        for id in bare:
            reconcile_meetings.write_missing(org, id)
        incomplete = [id for id in incomplete if reconcile_meetings.write_missing(org, id)]
        strays = [(row, 0) for row in reconcile_meetings.delete_strays(org, strays)]
        meetings.note_complete(org)
    missing = [] if is_first else [Drift(id, "meeting_without_row", "") for id in incomplete]
    return [*missing, *(Drift(row.session, "stray_meeting", row.meeting) for row, _ in strays)]


def reconcile_session(org: str, session_id: str, *, now: datetime, repair: bool) -> list[Drift]:
    """Return the drift of one session, and repair it if `repair`. Empty for an unknown session."""
    return _of_session(org, session_id, now, repair)[0]


def recount(org: str, session_id: str, *, now: datetime) -> tuple[list[Drift], Session | None]:
    """Repair one session. Return its drift, and the session as it was read, None for an unknown one."""
    return _of_session(org, session_id, now, repair=True)


def _of_session(org: str, session_id: str, now: datetime, repair: bool) -> tuple[list[Drift], Session | None]:
    try:
        roster = booking_context.roster(org, session_id)
    except NotFound:
        return [], None
    found = list(_drift(roster, now))
    if repair:
        reconcile_waitlist.count_first(roster)
        for drift in found:
            _repair(roster, drift, now)
    return found, roster.session


def _drift(roster: Roster, now: datetime) -> Iterator[Drift]:
    session_id = roster.session.id
    for chunk in roster.chunks:
        if faults(chunk):
            yield Drift(session_id, "miscounted", str(chunk.number))
    if reconcile_waitlist.is_miscounted(roster):
        yield Drift(session_id, "line_miscounted", "0")
    if count(roster.chunks, now).total != roster.session.spots_total:
        yield Drift(session_id, "wrong_total", "")
    for hold_id, chunks in _chunks_of(roster).items():
        for chunk_number in chunks[1:]:
            yield Drift(session_id, "held_twice", f"{hold_id}@{chunk_number}")
    for hold_id, hold in roster.holds().items():
        kind = _stray_kind(roster, hold_id, hold, now)
        if kind:
            yield Drift(session_id, kind, hold_id)
    yield from _unlike_their_holds(roster, now)
    yield from (Drift(session_id, "waits_although_offered", entry.id) for entry in reconcile_waitlist.waiting_beside_an_offer(roster))


def _unlike_their_holds(roster: Roster, now: datetime) -> Iterator[Drift]:
    """Yield the rows that differ from the ledger: lost spots, other sizes, and rows of failed requests."""
    session_id, holds = roster.session.id, roster.holds()
    for registration in roster.registrations:
        hold = holds.get(registration.hold)
        has_spots = registration.holds(hold)
        if registration.confirmed_at and not registration.removed_at and not has_spots:
            yield Drift(session_id, "without_spots", registration.id)
        if hold and has_spots and not registration.removed_at and registration.party_size != hold.spots:
            yield Drift(session_id, "other_size", registration.id)
        failed = not registration.confirmed_at and not has_spots and now - registration.created_at > IN_FLIGHT
        if failed and (not registration.order or orders.is_left_behind(registration, now=now)):
            yield Drift(session_id, "left_behind", registration.id)
    for invitation in roster.invitations:
        if status(invitation, holds.get(invitation.id), now) is None and now - invitation.begun_at > IN_FLIGHT:
            yield Drift(session_id, "left_behind", invitation.id)


def _chunks_of(roster: Roster) -> dict[str, list[int]]:
    """Return the chunks of each hold, those where it is confirmed first."""
    found_on: dict[str, list[int]] = {}
    for chunk in roster.chunks:
        for hold_id in chunk.holds:
            found_on.setdefault(hold_id, []).append(chunk.number)
    chunks = {chunk.number: chunk for chunk in roster.chunks}
    return {id: sorted(numbers, key=lambda number: not chunks[number].holds[id].is_taken) for id, numbers in found_on.items()}


def _stray_kind(roster: Roster, hold_id: str, hold: Hold, now: datetime) -> str | None:
    """Return the kind of drift of a hold without a live owner, None if it has one."""
    if hold.is_taken:
        registration = _registration(roster, hold.registration or hold_id)
        if registration is None:
            return "nobodys"
        return "outlived" if registration.removed_at else None
    invitation = _invitation(roster, hold_id)
    if invitation is None:
        if is_reservation(hold_id):
            return None  # Its job releases it, or it expires.
        of_order = (row := _registration(roster, hold_id)) is not None and row.order != ""
        return None if of_order or _booking_with_a_code(hold, now) else "nobodys"
    return "outlived" if invitation.ended and hold.is_for(invitation) else None


def _booking_with_a_code(hold: Hold, now: datetime) -> bool:
    """Whether the hold may belong to a booking in progress. If that has failed, the hold expires."""
    return hold.expires_at is not None and hold.expires_at <= (now + IN_FLIGHT + CLOCKS_DIFFER).timestamp()


def _registration(roster: Roster, id: str) -> Registration | None:
    return next((registration for registration in roster.registrations if registration.id == id), None)


def _invitation(roster: Roster, id: str) -> Invitation | None:
    return next((invitation for invitation in roster.invitations if invitation.id == id), None)


def _repair(roster: Roster, drift: Drift, now: datetime) -> None:
    org, session_id = roster.session.org, roster.session.id
    match drift.kind:
        case "miscounted":
            ledger.recount(org, session_id, _chunk(roster, int(drift.id)))
        case "line_miscounted":
            reconcile_waitlist.recount(roster)
        case "wrong_total":
            _resize(roster, now)
        case "held_twice":
            hold_id, _, number = drift.id.partition("@")
            chunk = _chunk(roster, int(number))
            ledger.release_on(org, session_id, hold_id, chunk.holds[hold_id], chunk=chunk.number)
        case "nobodys" | "outlived":
            with suppress(ledger.HoldConfirmed):
                ledger.release(org, session_id, drift.id, roster.holds()[drift.id], chunk=_chunks_of(roster)[drift.id][0])
        case "without_spots":
            _claim_lost_spots(roster, drift.id, now)
        case "other_size":
            copy_party_size(org, public_id(session_id, drift.id), now=now)
        case "left_behind":
            _delete_left_behind(roster, drift.id, now)
        case "waits_although_offered":
            entry = next(one for one in roster.waitlist if one.id == drift.id)
            with suppress(ChangedMeanwhile):
                waitlist.leave(entry, "offered_elsewhere")


def _delete_left_behind(roster: Roster, id: str, now: datetime) -> None:
    """Delete the row of a failed request, unless a new attempt of the request has renewed it."""
    registration, invitation = _registration(roster, id), _invitation(roster, id)
    if registration and registration.order:
        orders.resolve(registration, now=now)
    elif registration and registration.code:
        codes.delete_attempt(registration, now=now)
    elif registration:
        registrations.delete_attempt(registration)
    if invitation:
        invitations.delete_attempt(invitation)


def _chunk(roster: Roster, number: int) -> Chunk:
    return next(chunk for chunk in roster.chunks if chunk.number == number)


def _resize(roster: Roster, now: datetime) -> None:
    again = ledger.read(roster.session.org, roster.session.id)
    if [chunk.cap for chunk in again] != [chunk.cap for chunk in roster.chunks]:
        return  # Spots moved between two chunks while they were read one after the other, so the sum was wrong.
    missing = roster.session.spots_total - count(roster.chunks, now).total
    try:
        sessions.save(roster.session, roster.chunks, missing, was=roster.session)
    except ChangedMeanwhile:
        return


def _claim_lost_spots(roster: Roster, id: str, now: datetime) -> None:
    """Claim spots for a registration that lost them, extra ones if the session is full.

    If that fails too, the next run finds the drift again.
    """
    registration = _registration(roster, id)
    if registration is None:
        return
    registration_id = None if registration.hold == registration.id else registration.id
    hold = Hold(spots=registration.party_size, state="taken", nonce=registration.nonce, registration=registration_id)
    with suppress(Busy, TooManyExtras):
        try:
            ledger.claim_with_full_ledger(registration.org, registration.session, registration.hold, hold, now=now)
        except SessionFull:
            extra = hold._replace(extra=registration.party_size)
            ledger.claim_extra(registration.org, registration.session, registration.hold, extra, now=now)
