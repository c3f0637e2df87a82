"""Reactions to a change on a roster: rows follow the ledger's decision, and messages are queued. Every reaction may run twice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations import codes, customers, discounts, invoices
from chalicelib.operations.messages.queue import queue, queue_new
from chalicelib.operations.orders.follow import follow, record_payment
from chalicelib.operations.recipients import move_is_announced, recipients
from chalicelib.rules import times
from chalicelib.rules.change_notices import ChangeNotice
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import correctable
from chalicelib.rules.ledger import Hold
from chalicelib.rules.letters import SessionBefore
from chalicelib.rules.messages import EmailKind, Message, message_id
from chalicelib.rules.orders import Order
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registration_history import OwnChange, Refund
from chalicelib.rules.registrations import Registration, confirmation_key
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import invitations, ledger, messages, orders, organisations, registrations, staff, waitlist


def hold_added(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Queue the invitation whose spots are now held, and make its discount use final. Other holds have no invitation."""
    try:
        invitation = invitations.get(org, session, hold_id)
    except NotFound:
        return
    if hold.is_for(invitation):
        discounts.finish(invitation)
        _queue_invitation(invitation, "held", now=now)


def hold_removed(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """End the expired invitation whose hold a claim removed to use its spots."""
    if hold.is_live(now):
        return
    try:
        invitations.end(org, session, hold_id, "expired", by="clock", now=now, nonce=hold.nonce)
    except (NotFound, invitations.NotMovable):
        return


def hold_confirmed(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Mark the rows confirmed, ensure the customer, and issue the invoice and queue the confirmation if wanted."""
    registration = registrations.mark_confirmed(org, session, hold.registration or hold_id, now=now)
    if registration is None or not registration.holds(hold):
        return
    if registration.code:
        codes.finish(registration)
    if registration.invitation:  # Its discount use was counted with the invitation.
        invitations.mark_accepted(org, session, hold_id, nonce=hold.nonce, registration=registration.id, by=registration.email)
    else:
        discounts.finish(registration)
    customers.ensure_customer(registration, now=now)
    if registration.order and registration.invitation:  # Its hold was confirmed by the write that booked the order, before it was followed.
        booked = record_payment(orders.get(org, registration.order))
        registration = next((one for one in booked if one.id == registration.id), registration)
    invoices.issue_if_wanted(registration, now=now)
    if registration.send_confirmation:
        _queue_confirmation(registration, now=now)
    if registration.tell_moved:
        _queue_to_booker("registration_moved", registration, now=now, moved_from=registration.moved_from)


def _queue_confirmation(registration: Registration, *, now: datetime) -> None:
    """Queue the confirmation of a registration. Those that were booked together have one, which the first to be confirmed queues."""
    if not registration.order:
        _queue_to_booker("confirmation", registration, now=now)
        return
    first = orders.get(registration.org, registration.order).lines[0]
    queue(
        kind="confirmation",
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": first.session, "registration": first.registration, "order": registration.order},
        key=first_confirmation_key(registration),
        now=now,
    )


def order_booked(order: Order, *, now: datetime) -> None:
    """Confirm the holds of an order's lines, in case the request that booked it failed to."""
    follow(order, now=now)


def confirmation_resent(registration: Registration, *, now: datetime) -> None:
    """Queue the confirmation that is sent again."""
    _queue_to_booker("confirmation", registration, now=now, sending=registration.confirmations)


def registration_readdressed(registration: Registration, *, now: datetime) -> None:
    """Ensure that the corrected address of a registration is a customer's, and send it the open invoice, whose earlier link has ended."""
    if registration.confirmed_at and not registration.removed_at:
        customers.ensure_customer(registration, now=now)
    if registration.invoice and invoices.read_by_number(registration.org, registration.invoice).due.amount:
        _queue_invoice(registration, registration.invoice, again=str(registration.link_version), now=now)


def invitation_resent(invitation: Invitation, *, now: datetime) -> None:
    _queue_invitation(invitation, str(invitation.sends), now=now)


def waitlist_joined(entry: Entry, *, again: str = "", now: datetime) -> None:
    """Queue the e-mail that confirms a waitlist entry, with the link to leave, unless it is silent. Alternatives have one together.

    `again` names what asks for it once more.
    """
    if entry.silent:
        return
    entry = _first_of(entry)
    queue(
        kind="waitlist_joined",
        org=entry.org,
        to=entry.email,
        locale=entry.locale,
        data={"session": entry.session, "entry": entry.id},
        key=f"{waitlist_key(entry)}#{again}" if again else waitlist_key(entry),
        now=now,
    )


def _first_of(entry: Entry) -> Entry:
    """Return the first live one of the entry and its alternatives; the entry itself without any."""
    found = {one.session: one for one in (entry, *waitlist.list_alternatives(entry)) if one.is_live}
    return next((found[session] for session in entry.any_of if session in found), entry)


def invitation_ended(invitation: Invitation) -> None:
    """Free the spots of an ended invitation and return its discount use, in case the request that ended it failed to."""
    try:
        ledger.release(invitation.org, invitation.session, invitation.id, invitation.hold, chunk=invitation.chunk)
    except ledger.HoldConfirmed:
        return
    discounts.give_back(invitation)


def registration_billed(registration: Registration, *, now: datetime) -> None:
    """Issue the invoice of a registration set to `invoiced`, in case the request that set it failed to."""
    invoices.issue_if_wanted(registration, now=now)


def registration_invoiced(registration: Registration, *, now: datetime) -> None:
    """Queue the issued invoice. An invoice that went along to another session was sent before, and is not sent again."""
    _queue_invoice(registration, registration.invoice, now=now)


def invoice_credited(registration: Registration, number: str, *, now: datetime) -> None:
    """Queue the credit note of a cancelled invoice, and close its payment pages, in case the request that cancelled it failed to."""
    invoices.close_later(registration.org, [number], now=now)
    _queue_invoice(registration, invoices.credit_note_of(registration.org, number), now=now)


def registration_resized(registration: Registration, *, now: datetime) -> None:
    """Correct the invoice of a party whose size has changed."""
    invoices.correct_if_outdated(registration, now=now)


def _queue_to_booker(kind: EmailKind, registration: Registration, *, now: datetime, sending: int = 0, key: str = "", **more: str) -> None:
    queue(
        kind=kind,
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": registration.session, "registration": registration.id, **more},
        key=key or confirmation_key(registration, sending),
        now=now,
    )


def _queue_invoice(registration: Registration, number: str, *, again: str = "", now: datetime) -> None:
    queue(
        kind="invoice",
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": registration.session, "registration": registration.id, "invoice": number},
        key=f"{number}#{again}" if again else number,
        now=now,
    )


def refunded(registration: Registration, refund: Refund, *, now: datetime) -> None:
    """Queue the e-mail that tells how much went back."""
    _queue_to_booker("refund", registration, now=now, key=refund_key(registration, refund), refund=refund.id)


def registration_removed(registration: Registration, *, now: datetime) -> None:
    """Free the spots of a removed registration and return its discount use, in case the request that removed it failed to."""
    if not registration.moved_to:
        discounts.give_back(registration)
    found = ledger.place_of(registration)
    if found and registration.holds(found.hold):
        ledger.release(registration.org, registration.session, registration.hold, found.hold, chunk=found.chunk)
    if registration.tell_removed:
        _queue_to_booker("registration_removed", registration, now=now)


def changed_by_family(registration: Registration, change: OwnChange, *, now: datetime) -> None:
    """Queue the e-mail that tells the family what it did, and cancel the open invoice of a booking that it cancelled.

    A move is told by the e-mail about the transfer.
    """
    if change.kind == "moved":
        return
    if change.kind == "cancelled" and correctable(registration):
        invoices.credit(registration, now=now)
    kind = own_change_kind(change)
    _queue_to_booker(kind, registration, now=now, key=own_change_key(registration, change))


def own_change_kind(change: OwnChange) -> EmailKind:
    return "booking_cancelled" if change.kind == "cancelled" else "booking_changed"


def session_cancelled(session: Session, *, now: datetime) -> None:
    """Queue the e-mail about the cancellation to everybody on the roster, unless staff chose to send none."""
    if session.tell_cancelled:
        _tell_everybody("session_cancelled", session, {}, now=now)


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
    """Queue the e-mail about the new dates and place to everybody on the roster, unless the session is past or cancelled."""
    if not move_is_announced(session, now=now):
        return
    was = messages.DATES.write(SessionBefore.of(before))
    for role, id, to, locale in recipients(session, now=now):
        data = {"session": session.id, role: id, "before": was}
        _notify(session, id, Message(session.org, "", "session_moved", to, locale, now, data))


def meeting_cancelled(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Queue the e-mail about a date that was cancelled alone to everybody whom it concerns, unless staff chose to send none."""
    _tell_of_meeting("meeting_cancelled", session, meeting, now=now)


def meeting_restored(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Queue the e-mail about a date that takes place after all. `meeting` is as it was while it was cancelled."""
    _tell_of_meeting("meeting_restored", session, meeting, now=now)


def _tell_of_meeting(kind: EmailKind, session: Session, meeting: Meeting, *, now: datetime) -> None:
    if not meeting.tell_cancelled or meeting.ends_at <= now:
        return
    for role, id, to, locale in recipients(session, now=now, meeting=meeting):
        key = meeting_key(session, id, meeting)
        earlier = {"previous": message_id("meeting_cancelled", session.org, key)} if kind == "meeting_restored" else {}
        data = {"session": session.id, role: id, "meeting": meeting.id, **earlier}
        queue(kind=kind, org=session.org, to=to, locale=locale, data=data, key=key, now=now)


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


def _queue_invitation(invitation: Invitation, sending: str, *, now: datetime) -> None:
    queue(
        kind=kind_of(invitation),
        org=invitation.org,
        to=invitation.email,
        locale=organisations.get(invitation.org).locale,
        data={"session": invitation.session, "invitation": invitation.id},
        key=invitation_key(invitation, sending),
        now=now,
    )


def _tell_everybody(kind: EmailKind, session: Session, data: Mapping[str, Any], *, now: datetime) -> None:
    for role, id, to, locale in recipients(session, now=now):
        queue(
            kind=kind,
            org=session.org,
            to=to,
            locale=locale,
            data={"session": session.id, role: id, **data},
            key=notice_key(session, id, session.version),
            now=now,
        )


def kind_of(invitation: Invitation) -> EmailKind:
    return "waitlist_offer" if invitation.entry else "session_invitation"


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


def own_change_key(registration: Registration, change: OwnChange) -> str:
    """Return the key of the e-mail about a change that the family made by itself."""
    return f"{confirmation_key(registration)}#own-{change.number}"


def waitlist_key(entry: Entry) -> str:
    """Return the key of the e-mail that confirms a waitlist entry and its alternatives; a corrected address gets one of its own."""
    first = public_id((entry.any_of or (entry.session,))[0], entry.id)
    return first if entry.link_version == 1 else f"{first}#{entry.link_version}"


def meeting_key(session: Session, id: str, meeting: Meeting) -> str:
    """Return the key of the e-mail about a cancellation of one date to a registration, invitation or entry."""
    moment = times.written(meeting.cancelled_at) if meeting.cancelled_at else ""
    return f"{session.id}-{id}#{meeting.id}#{moment}"


def notice_key(session: Session, id: str, version: int) -> str:
    """Return the key of the e-mail about this version of the session to a registration, invitation or entry."""
    return f"{session.id}-{id}#{version}"
