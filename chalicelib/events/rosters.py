"""The Rosters stream: updates the rows and sends the messages that follow from a change on a roster."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib import telemetry
from chalicelib.events import audit, metrics
from chalicelib.events.records import Clock, RecordChange, each, real_time
from chalicelib.operations import attendance, cancellation, figures, invoices, notifications, pictures, reactions, refunds, waitlist
from chalicelib.rules import notification_triggers, times, transitions
from chalicelib.rules import refunds as refund_rules
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import keys, ledger
from chalicelib.tables.invitations import invitation_from
from chalicelib.tables.orders import order_from
from chalicelib.tables.registrations import registration_from
from chalicelib.tables.sessions.rows import session_from
from chalicelib.tables.waitlist import entry_from


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """React to every record.

    Records may be repeated and reordered. Notifications and the audit log go last, so that a failure there cannot block the essential
    steps.
    """
    waitlists = waitlist.Waitlists()
    return each(event, lambda change: _react_and_record(change, clock(), waitlists))


def _react_and_record(change: RecordChange, now: datetime, waitlists: waitlist.Waitlists) -> None:
    react(change, now=now, waitlists=waitlists)
    if _is_counted(change):
        figures.note_change(change.old, change.new, change=change.id or times.written(now), now=now)
    audit.record(change, lambda: now)


def _is_counted(change: RecordChange) -> bool:
    """Whether the change may alter the figures of its session. A registration counts once it is confirmed."""
    row = change.new or change.old or {"sk": {"S": ""}}
    sort_key = row["sk"]["S"]
    if sort_key.startswith(keys.REGISTRATION):
        return "confirmed_at" in row
    if sort_key == keys.SESSION and change.old and change.new and change.old["version"] == change.new["version"]:
        return False
    return sort_key.startswith(COUNTED) or (sort_key.startswith(keys.ATTENDANCE) and "counts" in row)


def react(change: RecordChange, *, now: datetime, waitlists: waitlist.Waitlists | None = None) -> None:
    """React to one change. `waitlists` are those of its batch."""
    if change.new is None:
        return
    waitlists = waitlists or waitlist.Waitlists()
    sort_key = change.new["sk"]["S"]
    if sort_key.startswith(keys.LEDGER):
        _chunk(change, now, waitlists)
    elif sort_key.startswith(keys.INVITATION):
        _invitation(change, now, waitlists)
    elif sort_key.startswith(keys.REGISTRATION):
        _registration(change, now)
    elif sort_key.startswith(keys.WAITLIST_ENTRY):
        _entry(change, now, waitlists)
    elif sort_key == keys.SESSION:
        _session(change, now)
    elif sort_key == keys.ORDER:
        _order(change, now)


def _chunk(change: RecordChange, now: datetime, waitlists: waitlist.Waitlists) -> None:
    assert change.new
    org, _, session = change.new["pk"]["S"].partition("#")
    old, new = ledger.chunk_from(change.old) if change.old else None, ledger.chunk_from(change.new)
    for what, hold_id, hold in transitions.hold_changes(old.holds if old else {}, new.holds):
        REACTIONS[what](org, session, hold_id, hold, now=now)
        if what == "held":
            audit.record_held(change, hold_id, hold, now)
    if transitions.has_more_room(old, new):
        ledger.remove_full_mark(org, session)
    if transitions.freed(old, new):
        waitlists.advance(org, session, now=now)
    notifications.record_sold_out(org, session, old, new, now=now)


def _invitation(change: RecordChange, now: datetime, waitlists: waitlist.Waitlists) -> None:
    assert change.new
    old, new = invitation_from(change.old) if change.old else None, invitation_from(change.new)
    _count(metrics.of_invitation(old, new))
    if transitions.resent(old, new):
        reactions.invitation_resent(new, now=now)
    if transitions.ended(old, new):
        reactions.invitation_ended(new)
    if new.entry and transitions.answered(old, new):
        waitlists.advance(new.org, new.session, now=now)
    notifications.record(new.org, notification_triggers.of_invitation(old, new), now=now)


def _registration(change: RecordChange, now: datetime) -> None:
    assert change.new
    old, new = registration_from(change.old) if change.old else None, registration_from(change.new)
    _count(metrics.of_registration(old, new))
    if transitions.removed(old, new):
        reactions.registration_removed(new, now=now)
    if transitions.readdressed(old, new):
        reactions.registration_readdressed(new, now=now)
    if transitions.confirmed_again(old, new):
        reactions.confirmation_resent(new, now=now)
    _invoice(old, new, now)
    _refunds(old, new, now)
    for by_family in transitions.own_changes(old, new):
        reactions.changed_by_family(new, by_family, now=now)
    if transitions.changes_attendance(old, new):
        attendance.recount_marks(new.org, new.session, now=now)
    notifications.record(new.org, notification_triggers.of_registration(old, new), now=now)


def _invoice(old: Registration | None, new: Registration, now: datetime) -> None:
    """Issue or correct the invoice of a changed registration."""
    if transitions.billed(old, new):
        reactions.registration_billed(new, now=now)
    if transitions.invoiced(old, new):
        reactions.registration_invoiced(new, now=now)
    if old and transitions.credited(old, new):
        reactions.invoice_credited(new, old.invoice, now=now)
    if transitions.settled(old, new):
        invoices.close_settled(new, now=now)
    if transitions.resized(old, new):
        reactions.registration_resized(new, now=now)


def _refunds(old: Registration | None, new: Registration, now: datetime) -> None:
    """Continue refunds that were asked for, and queue the e-mails about those that were made. A transfer copies those told before."""
    if old is None and new.moved_from:
        return
    if requested := refund_rules.newly_requested(old, new):
        refunds.complete_later(new, requested, now=now)
    for refund in refund_rules.made(old, new):
        reactions.refunded(new, refund, now=now)


def _session(change: RecordChange, now: datetime) -> None:
    if not (change.old and change.new):
        return
    old, new = session_from(change.old), session_from(change.new)
    attendance.relist_counts(old, new)
    if transitions.cancelled(old, new):
        _cancelled(new, now)
    else:
        _edited(old, new, now)
    if transitions.decided(old, new):
        reactions.minimum_decided(new, now=now)
        notifications.record_decision(new, now=now)
    if old.picture and transitions.is_picture_replaced(old, new):
        pictures.delete_picture_if_left(old.org, old.id, old.picture.name)


def _cancelled(session: Session, now: datetime) -> None:
    cancellation.complete_cancellation(session, now=now)
    waitlist.advance(session.org, session.id, now=now)


def _edited(old: Session, new: Session, now: datetime) -> None:
    for meeting in transitions.meetings_cancelled(old, new):
        reactions.meeting_cancelled(new, meeting, now=now)
    for meeting in transitions.meetings_restored(old, new):
        reactions.meeting_restored(new, meeting, now=now)
    if transitions.moved(old, new, now):
        reactions.session_moved(old, new, now=now)
        waitlist.advance(new.org, new.id, now=now)


def _entry(change: RecordChange, now: datetime, waitlists: waitlist.Waitlists) -> None:
    assert change.new
    old, entry = entry_from(change.old) if change.old else None, entry_from(change.new)
    if old is None or transitions.readdressed(old, entry):
        reactions.waitlist_joined(entry, now=now)
    if entry.status not in {"offered", "closed"}:
        (waitlists.advance if old else waitlists.advance_if_room)(entry.org, entry.session, now=now)
    notifications.record(entry.org, notification_triggers.of_entry(old, entry), now=now)


def _order(change: RecordChange, now: datetime) -> None:
    assert change.new
    old, new = order_from(change.old) if change.old else None, order_from(change.new)
    if transitions.order_booked(old, new):
        reactions.order_booked(new, now=now)


def _count(names: Iterable[str]) -> None:
    for name in names:
        telemetry.count(name)


REACTIONS = {"gone": reactions.hold_removed, "held": reactions.hold_added, "confirmed": reactions.hold_confirmed}
COUNTED = (keys.SESSION, keys.INVITATION, keys.WAITLIST_ENTRY)
"""The rows beside registrations that figures are counted from, by the beginning of their keys."""
