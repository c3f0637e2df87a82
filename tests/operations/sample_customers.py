"""Customers of demo who are invited to the portal, for tests."""

from datetime import datetime
from typing import Any

from chalicelib.operations import links, portal_invitations
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.messages import Message
from chalicelib.rules.portal_invitations import Audience
from chalicelib.tables import customers, messages
from tests.operations.simulated_aws import Streams
from tests.operations.simulated_queue import Worker

EVERYBODY = Audience()


def known(number: int, *, now: datetime, **facts: Any) -> list[str]:
    """Add this number of customers and return their ids."""
    owns = [f"c{index}" for index in range(number)]
    for own in owns:
        customers.create(Customer("demo", own, f"{own}@example.org", f"Customer {own}", now, **facts))
    return owns


def invited_again(*owns: str, now: datetime, key: str = "k") -> list[str]:
    """Invite each customer by hand and return the jobs."""
    return [portal_invitations.invite_customer("demo", own, CustomTextInput(), by="owner", key=f"{key} {own}", now=now) for own in owns]


def everybody(now: datetime, key: str = "all") -> str:
    return portal_invitations.invite_audience("demo", EVERYBODY, CustomTextInput(), by="owner", key=key, now=now)


def carried(worker: Worker, streams: Streams, now: datetime) -> None:
    """Let the jobs queue their messages, and the streams carry them."""
    worker.work()
    streams.drain(now)
    streams.drain(now)


def accept(own: str) -> Customer:
    return customers.accept(customers.get("demo", own), f"user-{own}")


def mail_to(own: str) -> list[Message]:
    """Return the messages to a customer, oldest first."""
    found, _ = messages.to_address("demo", f"{own}@example.org", limit=200, start=None)
    return found[::-1]


def link_of(own: str) -> str:
    """Return the link that works now."""
    customer = customers.get("demo", own)
    return links.portal_activation_link("demo", own, customer.link_version, email=customer.email)
