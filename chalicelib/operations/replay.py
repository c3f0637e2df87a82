"""Finds the reactions to roster changes that are missing in the tables, after a fault older than the stream's retention.

Each reaction is idempotent, so a replay may repeat it and run beside the stream. One thing cannot be found: that a session was moved,
since its earlier dates are not stored.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple

from chalicelib.operations import codes, reactions, recipients, refunds
from chalicelib.operations.invoices import credit_notes
from chalicelib.operations.portal_invitations import note_sent
from chalicelib.rules import transitions
from chalicelib.rules.invitations import LIVE, Invitation, status
from chalicelib.rules.invoices import outdated
from chalicelib.rules.ledger import Hold
from chalicelib.rules.messages import message_id
from chalicelib.rules.portal_invitations import KINDS
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration, confirmation_key
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import booking_context, customers, invoices, messages, sessions
from chalicelib.tables.booking_context import Roster

PERIOD = timedelta(days=30)
"""Sessions that ended earlier are skipped."""
AT_ONCE = 100


class MissedReaction(NamedTuple):
    """A missing reaction: `what` is its cause, `id` the cause's id, and `do` performs it."""

    session: str
    what: str
    id: str
    do: Callable[[], object]


def missed_reactions(org: str, *, now: datetime) -> Iterator[MissedReaction]:
    """Yield the missing reactions of the organisation, including those that the stream is about to perform."""
    for session in sessions.every(org):
        if session.ends_at > now - PERIOD:
            yield from _on(org, session.id, now)
    for message in messages.unnoted(org, sorted(KINDS)):
        yield MissedReaction("", "portal_invitation_sent", message.id, partial(note_sent, message))


def _on(org: str, session_id: str, now: datetime) -> Iterator[MissedReaction]:
    try:
        roster = booking_context.roster(org, session_id)
    except NotFound:
        return
    holds, due = roster.holds(), dict[str, MissedReaction]()
    unaware = {invitation.id for invitation in roster.invitations if not invitation.registration}
    for registration in roster.registrations:
        with suppress(NotFound):  # What it names, such as an invoice, was erased.
            yield from _of_registration(registration, holds.get(registration.hold), unaware, now)
        due |= _written_to(registration, holds.get(registration.hold), now)
    for invitation in roster.invitations:
        yield from _of_invitation(invitation, now)
        due |= _written_about(invitation, holds.get(invitation.id), now)
    for entry in roster.waitlist:
        due |= _waiting(entry, now)
    due |= _cancellation_messages(roster, now)
    due |= _minimum_messages(roster.session, now)
    if roster.session.cancelled_at and codes.uses_left(roster.registrations):
        yield MissedReaction(session_id, "session_cancelled", "codes", partial(codes.return_uses_on, roster))
    if credit_notes.to_credit(roster):
        credit = partial(credit_notes.credit_session, roster, now=now)
        yield MissedReaction(session_id, "session_cancelled", "invoices", credit)
    if refunds.to_refund(roster):
        back = partial(refunds.refund_session, roster, now=now)
        yield MissedReaction(session_id, "session_cancelled", "refunds", back)
    yield from _not_there(org, due)


def _of_registration(registration: Registration, hold: Hold | None, unaware: set[str], now: datetime) -> Iterator[MissedReaction]:
    is_current = registration.holds(hold) and not registration.removed_at
    missed = partial(MissedReaction, registration.session, id=registration.id)
    if is_current and hold and not (_noted(registration) and registration.invitation not in unaware):
        yield _confirmed(registration, hold, now)
    if is_current and transitions.billed(None, registration):
        yield missed("registration_billed", do=partial(reactions.registration_billed, registration, now=now))
    if is_current and registration.invoice and outdated(*invoices.with_registration(registration.org, registration.invoice)):
        yield missed("registration_resized", do=partial(reactions.registration_resized, registration, now=now))
    if registration.removed_at and not registration.moved_to and registration.discount and not registration.discount_returned:
        yield missed("registration_removed", do=partial(reactions.registration_removed, registration, now=now))


def _noted(registration: Registration) -> bool:
    """Whether the row is marked confirmed and its customer exists.

    With a confirmation e-mail the customer is not looked up: the e-mail is queued last, so `_not_there` finds missing rows."""
    if registration.confirmed_at is None or registration.send_confirmation or not registration.email:
        return registration.confirmed_at is not None
    return customers.of_address(registration.org, registration.email) is not None


def _confirmed(registration: Registration, hold: Hold, now: datetime) -> MissedReaction:
    do = partial(reactions.hold_confirmed, registration.org, registration.session, registration.hold, hold, now=now)
    return MissedReaction(registration.session, "hold_confirmed", registration.id, do)


def _written_to(registration: Registration, hold: Hold | None, now: datetime) -> Mapping[str, MissedReaction]:
    """Return the expected messages of a registration, by id, each with the reaction that queues it."""
    if not registration.email:
        return {}
    due = {}
    missed = partial(MissedReaction, registration.session, id=registration.id)
    if hold and registration.holds(hold) and registration.confirmed_at and not registration.removed_at:
        confirmed = _confirmed(registration, hold, now)
        if registration.send_confirmation:
            due[message_id("confirmation", registration.org, reactions.first_confirmation_key(registration))] = confirmed
        if registration.tell_moved:
            due[message_id("registration_moved", registration.org, confirmation_key(registration))] = confirmed
    for change in registration.own_changes:
        if change.kind != "moved" and (change.kind == "cancelled" or not registration.removed_at):
            react = partial(reactions.changed_by_family, registration, change, now=now)
            key = reactions.family_change_key(registration, change)
            due[message_id(reactions.family_change_kind(change), registration.org, key)] = missed("changed_by_family", do=react)
    if registration.tell_removed:
        react = partial(reactions.registration_removed, registration, now=now)
        due[message_id("registration_removed", registration.org, confirmation_key(registration))] = missed("registration_removed", do=react)
    return due | _written_of_money(registration, now)


def _written_of_money(registration: Registration, now: datetime) -> dict[str, MissedReaction]:
    """Return the expected messages about refunds, invoices and credit notes of a registration."""
    due, missed = dict[str, MissedReaction](), partial(MissedReaction, registration.session, id=registration.id)
    for refund in registration.refunds:
        if refund.state == "made" and not registration.moved_to:
            tell_of = partial(reactions.refunded, registration, refund, now=now)
            due[message_id("refund", registration.org, reactions.refund_key(registration, refund))] = missed("refunded", do=tell_of)
    if registration.invoice:
        issue = partial(reactions.registration_invoiced, registration, now=now)
        due[message_id("invoice", registration.org, registration.invoice)] = missed("registration_invoiced", do=issue)
    for number in registration.invoices_before:
        if note := _note_of(registration.org, number):
            credit = partial(reactions.invoice_credited, registration, number, now=now)
            due[message_id("invoice", registration.org, note)] = missed("invoice_credited", do=credit)
    return due


def _note_of(org: str, number: str) -> str:
    """Return the number of the credit note of an invoice; empty without one, and for an invoice that is gone."""
    with suppress(NotFound):
        return invoices.get(org, number).credited_by
    return ""


def _of_invitation(invitation: Invitation, now: datetime) -> Iterator[MissedReaction]:
    if invitation.ended and invitation.discount and not invitation.discount_returned:
        yield MissedReaction(invitation.session, "invitation_ended", invitation.id, partial(reactions.invitation_ended, invitation))


def _written_about(invitation: Invitation, hold: Hold | None, now: datetime) -> Mapping[str, MissedReaction]:
    """Return the expected message of a live invitation: its latest sending."""
    if hold is None or status(invitation, hold, now) not in LIVE:
        return {}
    resent = bool(invitation.sent_at) and invitation.sent_at[-1] > invitation.begun_at
    sending = str(invitation.sends) if resent else "held"
    come = partial(reactions.hold_added, invitation.org, invitation.session, invitation.id, hold, now=now)
    do = partial(reactions.invitation_resent, invitation, now=now) if resent else come
    id = message_id(reactions.kind_of(invitation), invitation.org, reactions.invitation_key(invitation, sending))
    return {id: MissedReaction(invitation.session, "invitation_resent" if resent else "hold_added", invitation.id, do)}


def _waiting(entry: WaitlistEntry, now: datetime) -> Mapping[str, MissedReaction]:
    """Return the expected message of a live waitlist entry. Offers need no replay: the schedule makes them."""
    if not (entry.is_live and entry.email):
        return {}
    id = message_id("waitlist_joined", entry.org, reactions.waitlist_key(entry))
    return {id: MissedReaction(entry.session, "waitlist_joined", entry.id, partial(reactions.waitlist_joined, entry, now=now))}


def _cancellation_messages(roster: Roster, now: datetime) -> Mapping[str, MissedReaction]:
    """Return the expected messages about the cancellation of the session, or of dates of it."""
    session = roster.session
    if not session.cancelled_at:
        return {id: tell for meeting in session.meetings for id, tell in _meeting_messages(session, meeting, now)}
    if not session.tell_cancelled:
        return {}
    tell = MissedReaction(session.id, "session_cancelled", session.id, partial(reactions.session_cancelled, roster, now=now))
    keys = (reactions.cancellation_key(session, id) for _, id, to, _ in recipients.recipients_on(roster, now=now) if to)
    return {message_id("session_cancelled", session.org, key): tell for key in keys}


def _minimum_messages(session: Session, now: datetime) -> Mapping[str, MissedReaction]:
    """Return the expected messages to staff about a minimum that was not reached, while the session lies ahead."""
    if session.ends_at <= now:
        return {}
    tell = MissedReaction(session.id, "minimum_decided", session.id, partial(reactions.minimum_decided, session, now=now))
    recipients = reactions.minimum_recipients(session)
    return {message_id("minimum_missed", session.org, reactions.minimum_key(session, member)): tell for member in recipients}


def _meeting_messages(session: Session, meeting: Meeting, now: datetime) -> Iterator[tuple[str, MissedReaction]]:
    """Yield the expected messages about a date that was cancelled alone and lies ahead."""
    if meeting.cancelled_at and meeting.tell_cancelled and meeting.ends_at > now:
        do = partial(reactions.meeting_cancelled, session, meeting, now=now)
        tell = MissedReaction(session.id, "meeting_cancelled", meeting.id, do)
        for _, id, to, _ in recipients.recipients(session, now=now, meeting=meeting):
            if to:
                yield message_id("meeting_cancelled", session.org, reactions.meeting_key(session, id, meeting)), tell


def _not_there(org: str, due: Mapping[str, MissedReaction]) -> Iterator[MissedReaction]:
    """Yield the reaction that queues each missing message, without duplicates."""
    waiting, yielded = iter(due), set[MissedReaction]()
    while some := list(islice(waiting, AT_ONCE)):
        there = messages.find(org, some)
        for id in some:
            if id not in there and due[id] not in yielded:
                yielded.add(due[id])
                yield due[id]
