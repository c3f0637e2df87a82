"""Reminding customers who were invited to the portal and have not accepted. The index says at whom to look, never a scan.

The message comes first, named by the moment that was due, and then that moment moves: two runs at once queue the same message.
"""

from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.customers import Customer
from chalicelib.rules.messages import Kind, Message, message_id
from chalicelib.rules.organisations import Organisation, Wishes
from chalicelib.rules.portal_invitations import why_not
from chalicelib.rules.reminders import MOST_AT_ONCE, decide
from chalicelib.tables import customers, messages, organisations

KIND: Kind = "portal_reminder"
READ_AT_ONCE = 100


def remind_customers(organisation: Organisation, *, now: datetime, leaves_at: datetime) -> int:
    """Queue the reminders that are due by `now` and return how many. They leave at once, by the real clock."""
    due = customers.due(organisation.org, now, limit=MOST_AT_ONCE)
    return sum(_look(organisation, due[first : first + READ_AT_ONCE], now, leaves_at) for first in range(0, len(due), READ_AT_ONCE))


def _look(organisation: Organisation, owns: list[str], now: datetime, leaves_at: datetime) -> int:
    people = customers.find(organisation.org, owns)
    wishes = organisations.wishes_of(organisation.org, (one.email for one in people.values()))
    return sum(_remind(organisation, one, wishes[one.email], now, leaves_at) for one in people.values())


def _remind(organisation: Organisation, customer: Customer, wishes: Wishes, now: datetime, leaves_at: datetime) -> bool:
    if customer.remind_at is None or customer.remind_at > now:
        return False
    if customer.asked_at is None or why_not(customer, wishes):
        customers.look_again(customer, None)
        return False
    decision = decide(customer.asked_at, organisation.reminder_days, look_at=customer.remind_at, now=now)
    if decision.remind:
        messages.add(_reminder(customer, customer.remind_at, organisation, leaves_at))
    return customers.look_again(customer, decision.look_again_at) and decision.remind


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
