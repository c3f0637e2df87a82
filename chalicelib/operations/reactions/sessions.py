"""Reactions to a session that was cancelled or moved, to a date that was cancelled alone, and to a minimum that was missed."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.messages.queue import queue, queue_new
from chalicelib.operations.reactions.message_keys import cancellation_key, meeting_key, minimum_key, notice_key
from chalicelib.operations.recipients import Recipient, move_is_announced, recipients, recipients_on
from chalicelib.operations.side_by_side import for_each
from chalicelib.rules.change_notices import ChangeNotice
from chalicelib.rules.letters import SessionBefore
from chalicelib.rules.messages import EmailKind, Message, message_id
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import messages, organisations, staff
from chalicelib.tables.booking_context import Roster


def session_cancelled(roster: Roster, *, now: datetime) -> None:
    """Queue the e-mail about the cancellation to everybody on the roster, unless staff chose to send none."""
    session = roster.session
    if not session.tell_cancelled:
        return
    for role, id, to, locale in recipients_on(roster, now=now):
        key, data = cancellation_key(session, id), {"session": session.id, role: id}
        queue(kind="session_cancelled", org=session.org, to=to, locale=locale, data=data, key=key, now=now)


def minimum_decided(session: Session, *, now: datetime) -> None:
    """Queue the e-mail about a minimum that was not reached to the staff who may edit sessions."""
    organisation = organisations.get(session.org)
    for member in minimum_recipients(session):
        queue(
            kind="minimum_missed",
            org=session.org,
            to=member.email,
            locale=member.language or organisation.locale,
            data={"session": session.id, "user": member.user},
            key=minimum_key(session, member),
            now=now,
        )


def minimum_recipients(session: Session) -> list[StaffMember]:
    """Return the staff who get an e-mail about the minimum that the clock found not reached; nobody for other sessions."""
    if session.minimum is None or session.minimum.outcome not in {"asked", "cancelled"}:
        return []
    return [member for member in staff.every(session.org) if member.status == "active" and member.may("edit_sessions")]


def session_moved(before: Session, session: Session, *, now: datetime) -> None:
    """Queue the e-mail about the new dates and location to everybody on the roster, unless the session is past or cancelled."""
    if not move_is_announced(session, now=now):
        return
    was = messages.DATES.write(SessionBefore.of(before))

    def tell(recipient: Recipient) -> None:
        role, id, to, locale = recipient
        data = {"session": session.id, role: id, "before": was}
        _notify(session, id, Message(session.org, "", "session_moved", to, locale, now, data))

    for_each(recipients(session, now=now), tell)


def meeting_cancelled(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Queue the e-mail about a date that was cancelled alone to everybody whom it concerns, unless staff chose to send none."""
    _queue_about_meeting("meeting_cancelled", session, meeting, now=now)


def meeting_restored(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Queue the e-mail about a date that takes place after all. `meeting` is as it was while it was cancelled."""
    _queue_about_meeting("meeting_restored", session, meeting, now=now)


def _queue_about_meeting(kind: EmailKind, session: Session, meeting: Meeting, *, now: datetime) -> None:
    if not meeting.tell_cancelled or meeting.ends_at <= now:
        return

    def tell(recipient: Recipient) -> None:
        role, id, to, locale = recipient
        key = meeting_key(session, id, meeting)
        earlier = {"previous": message_id("meeting_cancelled", session.org, key)} if kind == "meeting_restored" else {}
        data = {"session": session.id, role: id, "meeting": meeting.id, **earlier}
        queue(kind=kind, org=session.org, to=to, locale=locale, data=data, key=key, now=now)

    for_each(recipients(session, now=now, meeting=meeting), tell)


def _notify(session: Session, id: str, message: Message) -> None:
    """Queue a notice to one recipient: at once, or gathering changes when the notice shortly before it went to this recipient too.

    A repeated record queues nothing that would tell something twice.
    """
    notice = session.notice or ChangeNotice(session.version, message.created_at)
    earlier = _notice_id(session, id, notice.after or notice.version)
    if not queue_new(replace(message, id=earlier)) and notice.after:
        gathering = {**message.data, "previous": earlier}
        queue_new(replace(message, id=_notice_id(session, id, notice.version), data=gathering, due_at=notice.leaves_at))


def _notice_id(session: Session, id: str, version: int) -> str:
    return message_id("session_moved", session.org, notice_key(session, id, version))
