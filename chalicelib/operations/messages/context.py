"""The data that an e-mail is rendered from, read when it is sent; or the reason why it is obsolete.

Messages name things; links are derived here, so that no row keeps what opens an account. What `data` holds, by kind:
    session_invitation                    session, invitation
    confirmation, registration_removed    session, registration; and order, if it confirms all registrations that were booked together
    booking_cancelled, booking_changed    session, registration
    registration_moved                    session, registration, moved_from (the id of the registration before, as the world sees it)
    invoice                               session, registration, invoice (its number)
    refund                                session, registration, refund (its id)
    session_moved, session_cancelled      session, and registration, invitation or entry; moved: before {meetings, time_zone, location},
                                          and previous, the id of the notice before it
    meeting_cancelled, meeting_restored   session, meeting, and registration, invitation or entry; restored: previous, the id of the message
                                          about the cancellation
    roster_message                        session, registrations (of one address), job
    staff_invitation                      user, link_version
    minimum_missed                        session, user
    webhook_off                           webhook, user
    order_refunded                        order
    password_reset                        user, nonce
    address_confirmation                  joining
    invitation_reminder, waitlist_offer   session, invitation
    waitlist_joined                       session, entry
    portal_invitation                     customer, link_version, job
    portal_reminder                       customer, link_version
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.emails.declaration import Context
from chalicelib.emails.kinds import declaration
from chalicelib.operations import links
from chalicelib.operations.messages.account_context import (
    about_a_minimum,
    about_a_webhook,
    address_confirmation,
    password_reset,
    portal_invitation,
    staff_invitation,
)
from chalicelib.operations.messages.payment_context import about_a_refund, about_a_refunded_order, about_an_invoice
from chalicelib.operations.messages.session_context import about_a_session, roster_message
from chalicelib.rules.customers import Customer, CustomerMerged, known_name, with_known_names
from chalicelib.rules.messages import (
    Booked,
    Letter,
    Message,
    Withheld,
)
from chalicelib.rules.pictures import LOGO
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
<<<<<<< HEAD
=======
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import Entry, EntryStatus
>>>>>>> 11349f3 (Let a waitlist cost the same whatever waits)
from chalicelib.tables import (
    customers,
    email_templates,
)


def letter(message: Message, *, now: datetime) -> Letter | Withheld:
    """Return the data of the e-mail, or the reason why it is withheld."""
    try:
        gathered = READERS[declaration(message.kind).context](message, now)
    except (NotFound, CustomerMerged):
        return Withheld("skipped", "gone")
    return _with_logo(_with_custom_text(_with_known_names(gathered))) if isinstance(gathered, Letter) else gathered


def _with_logo(letter: Letter) -> Letter:
    home = letter.organisation
    return replace(letter, logo_link=links.picture_link(home.org, LOGO, home.logo)) if home.logo else letter


def _with_known_names(letter: Letter) -> Letter:
    """Return the letter without names that a stranger may have typed together with somebody else's address."""
    registration, waiting = letter.registration, letter.waiting
    if registration and not all(one.is_vouched_for for one in (registration, *(one for _, one in letter.together))):
        known = customers.of_address(registration.org, registration.email)
        together = tuple(Booked(session, _with_known(one, known)) for session, one in letter.together)
        letter = replace(letter, registration=_with_known(registration, known), together=together)
    if waiting and not waiting.entry.by_staff:
        known = customers.of_address(waiting.entry.org, waiting.entry.email)
        letter = replace(letter, waiting=waiting._replace(entry=replace(waiting.entry, name=known_name(known))))
    return letter


def _with_known(registration: Registration, known: Customer | None) -> Registration:
    return registration if registration.is_vouched_for else with_known_names(registration, known)


def _with_custom_text(letter: Letter) -> Letter:
    """Return the letter with the organisation's custom text, unless this sending has its own. Credit notes use the default text."""
    if letter.custom_text or (letter.invoice and letter.invoice.credits):
        return letter
    return replace(letter, custom_text=email_templates.custom_text(letter.organisation.org, letter.kind, letter.locale))


<<<<<<< HEAD
=======
def _about_a_session(message: Message, now: datetime) -> Letter | Withheld:
    data = message.data
    if "order" in data:
        return _about_an_order(message)
    context = booking_context.read(message.org, message.session, invitation=data.get("invitation", ""))
    registration = registrations.get(message.org, message.session, data["registration"]) if "registration" in data else None
    if registration and message.kind in ENDING:
        registration = replace(registration, removed_at=None)  # As it stood, so that its dates are found.
    waiting = _waiting(message, data["entry"]) if "entry" in data else None
    outdated = _outdated(message.kind, context, registration or waiting, now)
    if outdated:
        return Withheld("skipped", outdated)
    if corrected := _corrected(message, registration or (waiting.entry if waiting else context.invitation)):
        return corrected
    meeting = context.session.meeting(data["meeting"]) if "meeting" in data else None
    if outdated := _outdated_about(message, meeting, now):
        return Withheld("skipped", outdated)
    before = _told_before(message) if "before" in data else None
    if before and not transitions.differs(before, SessionBefore.of(context.session), now):
        return Withheld("skipped", "as_told_before")
    letter = _about_a_booking(message, context, registration, waiting)
    return replace(letter, before=before, meeting=meeting, moved_from=_moved_from(message) if "moved_from" in data else None)


def _about_an_order(message: Message) -> Letter | Withheld:
    """Return the letter about all registrations of an order that still stand under its address. Its link is the first one's.

    One whose address was corrected since has a confirmation of its own.
    """
    booked = orders.registrations_of(orders.get(message.org, message.data["order"]))
    found = sessions.several(message.org, {one.session for one in booked})
    together = tuple(
        Booked(found[one.session], one)
        for one in booked
        if one.session in found and not (one.removed_at or found[one.session].cancelled_at)
    )
    if not together:
        return Withheld("skipped", "registration_removed")
    together = tuple(one for one in together if compared(one.registration.email) == compared(message.to)) or together
    session, registration = together[0]
    if corrected := _corrected(message, registration):
        return corrected
    context = booking_context.read(message.org, session.id)
    letter = _about_a_booking(message, context, registration, None)
    return replace(letter, together=together if len(together) > 1 else ())


def _about_a_booking(
    message: Message, context: booking_context.BookingContext, registration: Registration | None, waiting: WaitlistPosition | None
) -> Letter:
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=context.organisation,
        link=_link(message, registration or waiting, context.invitation),
        session=context.session,
        invitation=context.invitation,
        registration=registration,
        waiting=waiting or _offered(context.invitation),
        **_unsubscribe_links(message),
    )


def _moved_from(message: Message) -> MovedFrom:
    """Return the registration and session before a transfer, the registration as it stood and without names, which the new one has."""
    _, session, id = Ref.parse(message.org, message.data["moved_from"])
    earlier = registrations.get(message.org, session, id)
    return MovedFrom(sessions.get(message.org, session), replace(earlier, removed_at=None, participants=()))


def _corrected(message: Message, about: Registration | Invitation | Entry | None) -> Withheld | None:
    """Return where the message goes instead if the address was corrected since it was queued: its link is for the new address alone."""
    if about is None or compared(message.to) == compared(about.email):
        return None
    return Withheld("skipped", "address_corrected", about.email)


def _waiting(message: Message, id: str) -> WaitlistPosition:
    entry = waitlist.get(message.org, message.session, id)
    position = waitlist.count_up_to(entry) if entry.is_live else 0
    return WaitlistPosition(entry, position, _elsewhere(entry, {"waiting"}))


def _offered(invitation: Invitation | None) -> WaitlistPosition | None:
    """Return the waitlist entry that the invitation is an offer for, None for a plain invitation."""
    entry = waitlist.find(invitation.org, invitation.session, invitation.entry) if invitation and invitation.entry else None
    return WaitlistPosition(entry, 0, _elsewhere(entry, {"offered_elsewhere"})) if entry else None


def _elsewhere(entry: Entry, statuses: Collection[EntryStatus]) -> tuple[Session, ...]:
    """Return the sessions of the entry's alternatives that have one of these statuses."""
    named = [one.session for one in waitlist.list_alternatives(entry) if one.status in statuses]
    found = sessions.several(entry.org, named) if named else {}
    return tuple(found[session] for session in named if session in found)


def _outdated(
    kind: EmailKind, context: booking_context.BookingContext, about: Registration | WaitlistPosition | None, now: datetime
) -> str:
    """Return why the message is obsolete, empty if it is current. Raises NotFound if nothing of what it is about exists."""
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


def _outdated_about(message: Message, meeting: Meeting | None, now: datetime) -> str:
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


def _link(message: Message, about: Registration | WaitlistPosition | None, invitation: Invitation | None) -> str:
    if message.kind in {"session_cancelled", *ENDING}:
        return links.sessions_page(message.org)
    if invitation:
        return links.invitation_link(invitation)
    if about is None:
        raise NotFound
    return links.booking_link(about) if isinstance(about, Registration) else links.mailed_waitlist_link(about.entry)


def _told_before(message: Message) -> SessionBefore:
    """Return the dates and place that the recipient was told last: by the notice before this one, if it was sent."""
    earlier = messages.get(message.org, message.data["previous"]) if "previous" in message.data else None
    if earlier is None:
        return messages.DATES.read(message.data["before"])
    return messages.DATES.read(earlier.told) if earlier.told else _told_before(earlier)


def _unsubscribe_links(message: Message) -> dict[str, Any]:
    declared = declaration(message.kind)
    if not (declared.unsubscribable or declared.optional):
        return {}
    token = links.unsubscribe_token(message.org, message.to, kind=links.DATE_REMINDERS if declared.optional else links.UNSUBSCRIBE)
    found = UnsubscribeLinks(links.unsubscribe_page(token), links.unsubscribe_call(token), token)
    return {"unsubscribe_links": found, "secrets": (token,)}


def _roster_message(message: Message, _now: datetime) -> Letter | Withheld:
    """Return the letter of a roster message, also for a past or cancelled session."""
    context, job = booking_context.read(message.org, message.session), jobs.get(message.org, message.data["job"])
    entries = (registrations.find(message.org, message.session, id) for id in message.data["registrations"])
    registration = next((entry for entry in entries if entry and not entry.removed_at), None)
    if registration is None:
        return Withheld("skipped", "registration_removed")
    if corrected := _corrected(message, registration):
        return corrected
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=context.organisation,
        link=links.booking_link(registration),
        session=context.session,
        registration=registration,
        staff_text=StaffText(job.data["subject"], job.data["text"]),
    )


def _invoice(message: Message, now: datetime) -> Letter | Withheld:
    invoice, registration = invoices.with_registration(message.org, message.data["invoice"])
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=links.invoice_link(registration, invoice.number),
        registration=registration,
        invoice=invoice,
    )


def _refund(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a refund, withheld if the money came back meanwhile."""
    registration = registrations.get(message.org, message.session, message.data["registration"])
    refund = next((one for one in registration.refunds if one.id == message.data["refund"] and one.state == "made"), None)
    if refund is None:
        return Withheld("skipped", "refund_failed")
    if corrected := _corrected(message, registration):
        return corrected
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=links.booking_link(registration),
        session=sessions.get(message.org, registration.session),
        registration=registration,
        refund=refund,
    )


def _staff_invitation(message: Message, now: datetime) -> Letter | Withheld:
    user, version = message.data["user"], message.data["link_version"]
    member = staff.get(message.org, user)
    if member is None or member.status != "invited":
        return Withheld("skipped", "not_invited_any_more")
    if member.link_version != version:
        return Withheld("skipped", "link_replaced")
    return _about_an_account(message, links.staff_activation_link(message.org, user, version), member=member)


def _minimum(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a minimum that was not reached, withheld once staff have decided."""
    roster, member = booking_context.roster(message.org, message.session), staff.get(message.org, message.data["user"])
    if member is None or not member.may("edit_sessions"):
        return Withheld("skipped", "gone")
    outcome = roster.session.minimum.outcome if roster.session.minimum else ""
    if outcome != "cancelled" and (outcome != "asked" or roster.session.cancelled_at):
        return Withheld("skipped", "decided_meanwhile")
    refunds = tuple(refundable(roster.registrations)) if roster.session.cancelled_at else ()
    link = links.decision_page(message.org, message.session)
    return replace(_about_an_account(message, link, member=member, session=roster.session, refunds=refunds), secrets=())


def _webhook(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a webhook that was switched off by itself, withheld once it is on again."""
    webhook, member = webhooks.get(message.org, message.data["webhook"]), staff.get(message.org, message.data["user"])
    if member is None or not member.may("manage_integrations"):
        return Withheld("skipped", "gone")
    if not webhook.off_reason:
        return Withheld("skipped", "decided_meanwhile")
    return replace(_about_an_account(message, links.integrations_page(message.org), member=member, webhook=webhook), secrets=())


def _refunded_order(message: Message, _now: datetime) -> Letter | Withheld:
    """Return the letter about a payment that came in too late. The order's registrations are taken back, so it names nobody."""
    order = orders.get(message.org, message.data["order"])
    known = sessions.several(message.org, {line.session for line in order.lines})
    missed = tuple({line.session: known[line.session] for line in order.lines if line.session in known}.values())
    letter = _about_an_account(message, links.sessions_page(message.org), session=missed[0] if missed else None, missed=missed)
    return replace(letter, refunded=order.total, secrets=())


def _password_reset(message: Message, now: datetime) -> Letter | Withheld:
    return _about_an_account(message, links.password_reset_link(message.data["user"], message.data["nonce"]))


def _address_confirmation(message: Message, now: datetime) -> Letter | Withheld:
    return _about_an_account(message, links.confirmation_link(message.org, message.data["joining"]))


def _about_an_account(message: Message, link: str, **more: Any) -> Letter:
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=link,
        secrets=(link.rpartition("/")[2],),
        **more,
    )


def _portal_invitation(message: Message, _now: datetime) -> Letter | Withheld:
    """Return the letter of a portal invitation, withheld if the customer has accepted or has a newer link."""
    customer, version = customers.get(message.org, message.data["customer"]), message.data["link_version"]
    if customer.status == "accepted":
        return Withheld("skipped", "already_accepted")
    if version < customer.link_version:
        return Withheld("skipped", "link_replaced")
    letter = _about_an_account(
        message, links.portal_activation_link(message.org, customer.id, version, email=message.to), customer=customer
    )
    unsubscribe = _unsubscribe_links(message)
    secrets = (*letter.secrets, *unsubscribe.pop("secrets"))
    return replace(letter, secrets=secrets, custom_text=_text_of_job(message), **unsubscribe)


def _text_of_job(message: Message) -> TemplateText | None:
    """Return the wording that staff chose for this sending, None for the template's."""
    chosen = jobs.get(message.org, message.data["job"]).data["wording"] if "job" in message.data else None
    return TemplateText(**chosen) if chosen else None


>>>>>>> 11349f3 (Let a waitlist cost the same whatever waits)
READERS: dict[Context, Callable[[Message, datetime], Letter | Withheld]] = {
    "session": about_a_session,
    "roster_message": roster_message,
    "invoice": about_an_invoice,
    "staff_invitation": staff_invitation,
    "password_reset": password_reset,
    "address_confirmation": address_confirmation,
    "portal_invitation": portal_invitation,
    "minimum": about_a_minimum,
    "webhook": about_a_webhook,
    "refund": about_a_refund,
    "order": about_a_refunded_order,
}
"""One reader for each context that a kind of e-mail may declare."""
