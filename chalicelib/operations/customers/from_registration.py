"""Creates or updates the customer of a registration or an accepted invitation.

Anybody can type the address of an existing customer. So a registration adds participants to one only if staff entered it or the
owner of the address sent it, signed in or by an invitation to that address. Any other registration creates an unconfirmed customer.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import beyond_quota
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import MOST_PARTICIPANTS, Customer, CustomerExists, Participant, with_new_participants
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers

ATTEMPTS = 5


def ensure_customer(registration: Registration, *, now: datetime) -> None:
    """Create the registration's customer, or add its participants to an existing one. Safe to repeat; skips an erased registration."""
    if not registration.email:
        return
    for _ in range(ATTEMPTS):
        known = customers.of_address(registration.org, registration.email)
        try:
            if known is None:
                made = _from(registration, now)
                beyond_quota(made.org, "customers", partial(customers.create, made))
            elif registration.is_vouched_for:
                _note_participants(known, registration)
        except (ChangedMeanwhile, CustomerExists):
            continue
        return


def _from(registration: Registration, now: datetime) -> Customer:
    return Customer(
        org=registration.org,
        id=derived("customer", registration.org, registration.session, registration.id, *_corrected(registration)),
        email=registration.email,
        name=registration.name,
        created_at=now,
        phone=registration.phone,
        participants=tuple(_participants(registration)),
        unconfirmed=not registration.is_vouched_for,
    )


def _participants(registration: Registration) -> list[Participant]:
    return [Participant(name, registration.details_at(index).date_of_birth) for index, name in enumerate(registration.participants)]


def _corrected(registration: Registration) -> tuple[str, ...]:
    """Return what distinguishes the customer of a corrected address from the one of the registration's first address."""
    return (compared(registration.email),) if registration.link_version > 1 else ()


def _note_participants(known: Customer, registration: Registration) -> None:
    noted = with_new_participants(known, _participants(registration))[:MOST_PARTICIPANTS]
    if noted != known.participants or known.unconfirmed:
        customers.save(replace(known, participants=noted, unconfirmed=False), was=known)
