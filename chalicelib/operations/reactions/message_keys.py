"""The keys of e-mails that follow from changes on a roster. A key names the cause, so that a repeated reaction queues nothing twice."""

from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refs import public_id
from chalicelib.rules.registration_history import FamilyChange, Refund
from chalicelib.rules.registrations import Registration, confirmation_key
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import WaitlistEntry


def first_confirmation_key(registration: Registration) -> str:
    """Return the key of the e-mail that confirms a registration at first: one for all that were booked together."""
    return f"order#{registration.order}" if registration.order else confirmation_key(registration)


def invitation_key(invitation: Invitation, sending: str) -> str:
    """Return the key of one sending of an invitation: `sending` is `held` for the first, then the number of sendings."""
    return f"{invitation.public_id}#{invitation.nonce}#{sending}"


def minimum_key(session: Session, member: StaffMember) -> str:
    """Return the key of the e-mail to a member of staff about one decision."""
    decided_at = session.minimum.decided_at if session.minimum else None
    return f"{session.id}#{times.written(decided_at) if decided_at else ''}#{member.user}"


def refund_key(registration: Registration, refund: Refund) -> str:
    """Return the key of the e-mail about a refund."""
    return f"{registration.public_id}#{registration.nonce}#{refund.id}"


def family_change_key(registration: Registration, change: FamilyChange) -> str:
    """Return the key of the e-mail about a change that the family made."""
    return f"{confirmation_key(registration)}#own-{change.number}"


def waitlist_key(entry: WaitlistEntry) -> str:
    """Return the key of the e-mail that confirms a waitlist entry and its alternatives; a corrected address gets one of its own."""
    first = public_id((entry.any_of or (entry.session,))[0], entry.id)
    return first if entry.link_version == 1 else f"{first}#{entry.link_version}"


def meeting_key(session: Session, id: str, meeting: Meeting) -> str:
    """Return the key of the e-mail about a cancellation of one date to a registration, invitation or entry."""
    moment = times.written(meeting.cancelled_at) if meeting.cancelled_at else ""
    return f"{session.id}-{id}#{meeting.id}#{moment}"


def cancellation_key(session: Session, id: str) -> str:
    """Return the key of the e-mail about the session's cancellation to a registration, invitation or entry."""
    return notice_key(session, id, session.cancelled_version or session.version)


def notice_key(session: Session, id: str, version: int) -> str:
    """Return the key of the e-mail about this version of the session to a registration, invitation or entry."""
    return f"{session.id}-{id}#{version}"
