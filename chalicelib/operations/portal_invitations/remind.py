"""Reminders of unaccepted portal invitations.

The message comes first, named by the moment that was due, and then that moment moves: two runs at once queue the same message.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.messages import EmailKind, Message, message_id
from chalicelib.rules.organisations import EmailPreferences, Organisation
from chalicelib.rules.portal_invitations import skip_reason
from chalicelib.rules.reminders import check_while_off, decide
from chalicelib.tables import customers, messages, organisations

KIND: EmailKind = "portal_reminder"


def remind_customers(organisation: Organisation, ids: Sequence[str], *, now: datetime, leaves_at: datetime) -> int:
    """Queue the reminders of these customers that are due by `now` and return how many.

    `leaves_at` is the real time, by which the outbox sends them.
    """
    people = customers.find(organisation.org, ids)
    preferences = organisations.email_preferences_of(organisation.org, (one.email for one in people.values()))
    return sum(_remind(organisation, one, preferences[one.email], now, leaves_at) for one in people.values())


def pause(org: str, ids: Sequence[str], *, now: datetime) -> None:
    """Look at these customers again later, since reminders are off."""
    for one in customers.find(org, ids).values():
        if one.remind_at is not None and one.remind_at <= now:
            customers.reschedule_reminder(one, check_while_off(one.asked_at or now, now))


def _remind(organisation: Organisation, customer: Customer, preferences: EmailPreferences, now: datetime, leaves_at: datetime) -> bool:
    if customer.remind_at is None or customer.remind_at > now:
        return False
    if customer.asked_at is None or skip_reason(customer, preferences):
        customers.reschedule_reminder(customer, None)
        return False
    decision = decide(customer.asked_at, organisation.reminder_days, since=customer.remind_at, now=now)
    if decision.remind:
        messages.add(_reminder(customer, customer.remind_at, organisation, leaves_at))
    return customers.reschedule_reminder(customer, decision.next_check_at) and decision.remind


def _reminder(customer: Customer, due: datetime, organisation: Organisation, leaves_at: datetime) -> Message:
    return Message(
        org=customer.org,
        id=message_id(KIND, customer.org, f"{customer.id}#{customer.link_version}#{times.written(due)}"),
        kind=KIND,
        to=customer.email,
        locale=organisation.locale,
        created_at=leaves_at,
        data={"customer": customer.id, "link_version": customer.link_version},
    )
