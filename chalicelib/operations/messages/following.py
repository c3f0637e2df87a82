"""What follows from a change on a roster: rows that say what the ledger has decided, and messages. All of it may be done again."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from chalicelib.operations import codes, customers, discounts, invoices
from chalicelib.operations.messages.queueing import queue
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.ledger import Hold
from chalicelib.rules.messages import Kind
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import invitations, ledger, organisations, registrations, rosters


def hold_came(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Send the invitation whose spots are held now, and note that its discount code is used. Holds of the public have none."""
    try:
        invitation = invitations.get(org, session, hold_id)
    except NotFound:
        return
    if invitation.nonce == hold.v:
        discounts.finish(invitation)
        _queue_invitation(invitation, "held", now=now)


def hold_went(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Note the end of an invitation that had run out when somebody else needed its spots."""
    if hold.live(now):
        return
    try:
        invitations.end(org, session, hold_id, "expired", by="clock", now=now, nonce=hold.v)
    except (NotFound, invitations.NotMovable):
        return


def hold_confirmed(org: str, session: str, hold_id: str, hold: Hold, *, now: datetime) -> None:
    """Note on the rows that the spots are taken, issue the invoice and confirm by e-mail if that is wanted."""
    registration = registrations.mark_confirmed(org, session, hold.r or hold_id, now=now)
    if registration is None or not registration.holds(hold):
        return
    if registration.code:
        codes.finish(registration)
    if registration.invitation:  # With which its use of a discount code was counted.
        invitations.mark_accepted(org, session, hold_id, nonce=hold.v, registration=registration.id, by=registration.email)
    else:
        discounts.finish(registration)
    customers.know(registration, now=now)
    invoices.issue_if_wanted(registration, now=now)
    if registration.send_confirmation:
        queue(
            kind="confirmation",
            org=registration.org,
            to=registration.email,
            locale=registration.locale,
            data={"session": registration.session, "registration": registration.id},
            key=confirmation_key(registration),
            now=now,
        )


def invitation_resent(invitation: Invitation, *, now: datetime) -> None:
    _queue_invitation(invitation, str(invitation.sends), now=now)


def waitlist_joined(entry: Entry, *, now: datetime) -> None:
    """Confirm to somebody who waits that they do, with the link to stop it."""
    queue(
        kind="waitlist_joined",
        org=entry.org,
        to=entry.email,
        locale=entry.locale,
        data={"session": entry.session, "entry": entry.id},
        key=waiting_key(entry),
        now=now,
    )


def invitation_ended(invitation: Invitation) -> None:
    """Make sure that the spots of an ended invitation, and its use of a discount code, are free, whatever became of whoever ended it."""
    try:
        ledger.release(invitation.org, invitation.session, invitation.id, invitation.hold, chunk=invitation.chunk)
    except ledger.HoldConfirmed:
        return
    discounts.give_back(invitation)


def registration_billed(registration: Registration, *, now: datetime) -> None:
    """Make sure that a registration whose status says so is invoiced, whatever became of whoever set it."""
    invoices.issue_if_wanted(registration, now=now)


def registration_invoiced(registration: Registration, *, now: datetime) -> None:
    """Send the invoice that was issued. One that goes along to another session was sent before, and adds nothing."""
    _queue_invoice(registration, registration.invoice, now=now)


def invoice_credited(registration: Registration, number: str, *, now: datetime) -> None:
    """Send the credit note of an invoice that was cancelled."""
    _queue_invoice(registration, invoices.credit_note_of(registration.org, number), now=now)


def registration_resized(registration: Registration, *, now: datetime) -> None:
    """Make sure that an invoiced party is invoiced as it is now."""
    invoices.correct_if_outdated(registration, now=now)


def _queue_invoice(registration: Registration, number: str, *, now: datetime) -> None:
    queue(
        kind="invoice",
        org=registration.org,
        to=registration.email,
        locale=registration.locale,
        data={"session": registration.session, "registration": registration.id, "invoice": number},
        key=number,
        now=now,
    )


def registration_removed(registration: Registration) -> None:
    """Make sure that the spots and the discount code of a removed registration are free, whatever became of whoever removed it."""
    if not registration.moved_to:
        discounts.give_back(registration)
    found = ledger.locate(registration.org, registration.session, registration.hold, chunk=registration.chunk)
    if found and registration.holds(found[1]):
        ledger.release(registration.org, registration.session, registration.hold, found[1], chunk=found[0])


def session_cancelled(session: Session, *, now: datetime) -> None:
    """Tell everybody on the roster that the session does not take place, unless staff would rather tell them themselves."""
    if session.tell_cancelled:
        _tell_everybody("session_cancelled", session, {}, now=now)


def session_moved(before: Session, session: Session, *, now: datetime) -> None:
    """Tell everybody on the roster the new dates and place, unless it is over or cancelled anyway."""
    if session.cancelled_at or session.ends_at <= now:
        return
    meetings = [{"id": m.id, "from": times.written(m.starts_at), "to": times.written(m.ends_at)} for m in before.meetings]
    was = {"meetings": meetings, "time_zone": before.time_zone, "location": before.location}
    _tell_everybody("session_moved", session, {"before": was}, now=now)


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


def _tell_everybody(kind: Kind, session: Session, data: Mapping[str, Any], *, now: datetime) -> None:
    for role, own, to, locale in everybody(session, now=now):
        queue(
            kind=kind,
            org=session.org,
            to=to,
            locale=locale,
            data={"session": session.id, role: own, **data},
            key=told_key(session, own),
            now=now,
        )


def confirmation_key(registration: Registration) -> str:
    return f"{registration.session}-{registration.id}#{registration.nonce}"


def kind_of(invitation: Invitation) -> Kind:
    return "waitlist_offer" if invitation.entry else "session_invitation"


def invitation_key(invitation: Invitation, sending: str) -> str:
    """Return what names one sending of an invitation: `held` when its spots are, then how often it was sent."""
    return f"{invitation.session}-{invitation.id}#{invitation.nonce}#{sending}"


def waiting_key(entry: Entry) -> str:
    return f"{entry.session}-{entry.id}"


def told_key(session: Session, own: str) -> str:
    """Return what names the word to a registration or invitation that the session became what it is in this version."""
    return f"{session.id}-{own}#{session.version}"


def everybody(session: Session, *, now: datetime) -> Iterator[tuple[str, str, str, str]]:
    """Return (registration, invitation or entry, id, address, locale) of all who are on the roster or may still come."""
    roster = rosters.roster(session.org, session.id)
    holds = roster.holds()
    locale = organisations.get(session.org).locale
    for registration in roster.registrations:
        if _stands(registration, holds.get(registration.hold)):
            yield "registration", registration.id, registration.email, registration.locale
    live = [one for one in roster.invitations if _was_live(one, holds.get(one.id), session.cancelled_at or now)]
    for invitation in live:
        yield "invitation", invitation.id, invitation.email, locale
    told = {invitation.id for invitation in live}
    for entry in roster.waitlist:
        if (entry.live or entry.status == "closed") and entry.invitation not in told:
            yield "entry", entry.id, entry.email, entry.locale


def _stands(registration: Registration, hold: Hold | None) -> bool:
    return not registration.removed_at and (registration.confirmed_at is not None or registration.holds(hold))


def _was_live(invitation: Invitation, hold: Hold | None, moment: datetime) -> bool:
    """Whether it was live at that moment: the session's cancellation ends invitations, and they are to hear of it."""
    if invitation.ended == "cancelled" and invitation.ended_at and invitation.ended_at >= moment:
        return True
    return status(invitation, hold, moment) in {"pending", "waiting_for_approval"}
