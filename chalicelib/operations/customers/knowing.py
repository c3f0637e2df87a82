"""Whoever registers or accepts an invitation becomes a customer, if they are none yet."""

from dataclasses import replace
from datetime import datetime

from chalicelib.operations.identity import derived
from chalicelib.rules.customers import Customer, CustomerExists, Participant, with_more
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.tables import customers

ATTEMPTS = 5


def know(registration: Registration, *, now: datetime) -> None:
    """Make sure that whoever registered is a customer, and that their participants are known. It may be done again.

    Whoever was erased is nobody.
    """
    if not registration.email:
        return
    for _ in range(ATTEMPTS):
        known = customers.of_address(registration.org, registration.email)
        try:
            if known is None:
                customers.create(_from(registration, now))
            else:
                _note_participants(known, registration)
        except (ChangedMeanwhile, CustomerExists):
            continue
        return


def _from(registration: Registration, now: datetime) -> Customer:
    return Customer(
        org=registration.org,
        id=derived("customer", registration.org, registration.session, registration.id),
        email=registration.email,
        name=registration.name,
        created_at=now,
        phone=registration.phone,
        participants=tuple(Participant(name) for name in registration.participants),
    )


def _note_participants(known: Customer, registration: Registration) -> None:
    noted = with_more(known, map(Participant, registration.participants))
    if noted != known.participants:
        customers.save(replace(known, participants=noted), was=known)
