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
    invitation_reminder                   session, invitation
    waitlist_offer                        session, invitation, offered_to (the id of the entry; not in messages of earlier versions)
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
from chalicelib.rules.letters import Booked, Letter
from chalicelib.rules.messages import Message, Withheld
from chalicelib.rules.pictures import LOGO
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers, email_templates


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
