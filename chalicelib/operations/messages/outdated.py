"""Whether a message is still true."""

from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.invitations import LIVE, Invitation, status
from chalicelib.rules.letters import WaitlistPosition
from chalicelib.rules.messages import EmailKind, Message, MessageState
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting
from chalicelib.tables import booking_context, ledger, messages

ENDING: frozenset[EmailKind] = frozenset({"registration_removed", "booking_cancelled"})
"""The e-mails about a registration that has ended."""
REACHED: frozenset[MessageState] = frozenset({"sending", "sent", "delivered"})
"""States of a message that its recipient has or may have."""


def why_outdated(
    kind: EmailKind, context: booking_context.BookingContext, about: Registration | WaitlistPosition | None, now: datetime
) -> str:
    """Return why the message is obsolete, empty if it is current. Raises NotFound if its subject does not exist."""
    if about is None and context.invitation is None:
        raise NotFound
    if isinstance(about, Registration) and about.removed_at:
        return "registration_removed"
    if isinstance(about, WaitlistPosition) and about.entry.status in {"left", "removed"}:
        return "left_the_waitlist"
    if kind == "session_cancelled":
        return ""
    if context.session.cancelled_at:
        return "session_cancelled"
    if kind in ENDING and isinstance(about, Registration) and not about.remaining(context.session, now):
        return "session_over"
    if context.invitation:
        now_it_is = _status(context.invitation, context, now)
        return "" if now_it_is in LIVE else f"invitation_{now_it_is}"
    return ""


def why_date_outdated(message: Message, meeting: Meeting | None, now: datetime) -> str:
    """Return why a message about one date is obsolete; empty if it is current, or about no single date."""
    if "meeting" not in message.data:
        return ""
    if meeting is None or meeting.ends_at <= now:
        return "meeting_over"
    if message.kind == "date_reminder":
        return _outdated_reminder(message, meeting, now)
    if message.kind == "meeting_cancelled":
        return "" if meeting.cancelled_at else "meeting_restored"
    if meeting.cancelled_at:
        return "meeting_cancelled"
    earlier = messages.get(message.org, message.data["previous"])
    return "" if earlier and earlier.state in REACHED else "cancellation_not_sent"


def _outdated_reminder(message: Message, meeting: Meeting, now: datetime) -> str:
    if meeting.cancelled_at:
        return "meeting_cancelled"
    if times.written(meeting.starts_at) != message.data["starts_at"]:
        return "meeting_moved"
    return "meeting_over" if meeting.starts_at <= now else ""


def _status(invitation: Invitation, context: booking_context.BookingContext, now: datetime) -> str:
    hold = context.first_chunk.holds.get(invitation.id)
    if hold is None and context.session.chunks > 1:
        hold = ledger.hold_of(invitation)
    return status(invitation, hold, now) or "never_held"
