"""The data of e-mails about a session: to people who are registered, invited or waiting."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.emails.kinds import declaration
from chalicelib.operations import links
from chalicelib.operations.messages.outdated import ENDING, why_date_outdated, why_outdated
from chalicelib.rules import transitions
from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.letters import Booked, Letter, MovedFrom, SessionBefore, StaffText, UnsubscribeLinks, WaitlistPosition
from chalicelib.rules.messages import Message, Withheld
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import EntryStatus, WaitlistEntry
from chalicelib.rules.waitlist_positions import recent_first_position
from chalicelib.tables import booking_context, jobs, messages, orders, registrations, sessions, waitlist


def about_a_session(message: Message, now: datetime) -> Letter | Withheld:
    """Return the letter about a booking, an invitation or a place on a waitlist, withheld once it is no longer true."""
    data = message.data
    if "order" in data:
        return _about_an_order(message)
    context = booking_context.read_for_letter(message.org, message.session, invitation=data.get("invitation", ""))
    registration = registrations.get(message.org, message.session, data["registration"]) if "registration" in data else None
    if registration and message.kind in ENDING:
        registration = replace(registration, removed_at=None)  # As it stood, so that its dates are found.
    waiting = _waiting(message, data["entry"], now) if "entry" in data else None
    outdated = why_outdated(message.kind, context, registration or waiting, now)
    if outdated:
        return Withheld("skipped", outdated)
    if corrected := address_corrected(message, registration or (waiting.entry if waiting else context.invitation)):
        return corrected
    meeting = context.session.meeting(data["meeting"]) if "meeting" in data else None
    if outdated := why_date_outdated(message, meeting, now):
        return Withheld("skipped", outdated)
    before = _announced_before(message) if "before" in data else None
    if before and not transitions.differs(before, SessionBefore.of(context.session), now):
        return Withheld("skipped", "as_told_before")
    letter = _about_a_booking(message, context, registration, waiting)
    return replace(letter, before=before, meeting=meeting, moved_from=_moved_from(message) if "moved_from" in data else None)


def _about_an_order(message: Message) -> Letter | Withheld:
    """Return the letter about all registrations of an order that still have its address. Its link is the first one's.

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
    if corrected := address_corrected(message, registration):
        return corrected
    context = booking_context.read_for_letter(message.org, session.id)
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
        **unsubscribe_links(message),
    )


def _moved_from(message: Message) -> MovedFrom:
    """Return the registration and session before a transfer, the registration as it stood and without names, which the new one has."""
    _, session, id = Ref.parse(message.org, message.data["moved_from"])
    earlier = registrations.get(message.org, session, id)
    return MovedFrom(sessions.get(message.org, session), replace(earlier, removed_at=None, participants=()))


def address_corrected(message: Message, about: Registration | Invitation | WaitlistEntry | None) -> Withheld | None:
    """Withhold the message if the address was corrected since it was queued: its link is for the new address alone."""
    if about is None or compared(message.to) == compared(about.email):
        return None
    return Withheld("skipped", "address_corrected", about.email)


def _waiting(message: Message, id: str, now: datetime) -> WaitlistPosition:
    entry = waitlist.get(message.org, message.session, id)
    position = (recent_first_position(entry, now) or waitlist.count_up_to(entry)) if entry.is_live else 0
    return WaitlistPosition(entry, position, _elsewhere(entry, {"waiting"}))


def _offered(invitation: Invitation | None) -> WaitlistPosition | None:
    """Return the waitlist entry that the invitation is an offer for, None for a plain invitation."""
    entry = waitlist.find(invitation.org, invitation.session, invitation.entry) if invitation and invitation.entry else None
    return WaitlistPosition(entry, 0, _elsewhere(entry, {"offered_elsewhere"})) if entry else None


def _elsewhere(entry: WaitlistEntry, statuses: Collection[EntryStatus]) -> tuple[Session, ...]:
    """Return the sessions of the entry's alternatives that have one of these statuses."""
    named = [one.session for one in waitlist.list_alternatives(entry) if one.status in statuses]
    found = sessions.several(entry.org, named) if named else {}
    return tuple(found[session] for session in named if session in found)


def _link(message: Message, about: Registration | WaitlistPosition | None, invitation: Invitation | None) -> str:
    if message.kind in {"session_cancelled", *ENDING}:
        return links.sessions_page(message.org)
    if invitation:
        return links.invitation_link(invitation)
    if about is None:
        raise NotFound
    return links.booking_link(about) if isinstance(about, Registration) else links.mailed_waitlist_link(about.entry)


def _announced_before(message: Message) -> SessionBefore:
    """Return the dates and place that the recipient was told last: by the notice before this one, if it was sent."""
    earlier = messages.get(message.org, message.data["previous"]) if "previous" in message.data else None
    if earlier is None:
        return messages.DATES.read(message.data["before"])
    return messages.DATES.read(earlier.told) if earlier.told else _announced_before(earlier)


def unsubscribe_links(message: Message) -> dict[str, Any]:
    declared = declaration(message.kind)
    if not (declared.unsubscribable or declared.optional):
        return {}
    token = links.unsubscribe_token(message.org, message.to, kind=links.DATE_REMINDERS if declared.optional else links.UNSUBSCRIBE)
    found = UnsubscribeLinks(links.unsubscribe_page(token), links.unsubscribe_call(token), token)
    return {"unsubscribe_links": found, "secrets": (token,)}


def roster_message(message: Message, _now: datetime) -> Letter | Withheld:
    """Return the letter of a roster message, also for a past or cancelled session."""
    context, job = booking_context.read_for_letter(message.org, message.session), jobs.get(message.org, message.data["job"])
    found = (registrations.find(message.org, message.session, id) for id in message.data["registrations"])
    registration = next((one for one in found if one and not one.removed_at), None)
    if registration is None:
        return Withheld("skipped", "registration_removed")
    if corrected := address_corrected(message, registration):
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
