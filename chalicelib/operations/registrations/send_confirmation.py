"""Sends the confirmation of a registration again."""

from datetime import datetime

from chalicelib.operations.registrations.remove import read_registration
from chalicelib.rules.messages import message_id
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registration_history import Resend
from chalicelib.rules.registration_refusals import AddressUnreachable, AlreadyRemoved
from chalicelib.rules.registrations import Registration, confirmation_key, resends_left
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.tables import organisations, registrations, sessions

ATTEMPTS = 5


def send_confirmation(org: str, public_id: str, *, key: str, now: datetime) -> str:
    """Send the confirmation again and return the id of its message; a retry under the same key sends nothing more.

    Raises NotFound, AlreadyRemoved, SessionCancelled, AddressUnreachable, and ConfirmedTooOften above five times an hour.
    """
    for _ in range(ATTEMPTS):
        registration, hold = read_registration(org, public_id)
        sent = next((resend for resend in registration.resends if resend.request == key), None)
        if sent:
            return _message(registration, sent)
        if hold is None:
            raise AlreadyRemoved
        _check_arrives(registration)
        resend = Resend(now, key, registration.confirmations + 1)
        try:
            registrations.note_resend(registration, (*resends_left(registration, now), resend))
        except ChangedMeanwhile:
            continue
        return _message(registration, resend)
    raise Busy


def _check_arrives(registration: Registration) -> None:
    """Refuse an e-mail that would not be sent. Raises SessionCancelled, AddressUnreachable."""
    if sessions.get(registration.org, registration.session).cancelled_at:
        raise SessionCancelled
    suppressed_for = organisations.email_preferences(registration.org, registration.email).suppressed_for
    if suppressed_for:
        raise AddressUnreachable(registration.email, suppressed_for)


def _message(registration: Registration, resend: Resend) -> str:
    return message_id("confirmation", registration.org, confirmation_key(registration, resend.number))
