"""A customer: a person that the organisation knows, one for each address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.rules.refusals import NotFound, Refusal, marked
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import without_accents

PortalStatus = Literal["added", "invited", "accepted"]


class CustomerExists(Refusal):
    """One customer for each address."""

    code = "customer_exists"
    sentence = marked("There is a customer with this address already. Open that one instead of making another.")

    def __init__(self, customer: str) -> None:
        self.customer = customer


class CustomerMerged(NotFound):
    """The customer became one with another."""

    code = "customer_merged"
    sentence = marked("This customer was merged into another one. Open that one instead.")

    def __init__(self, customer: str) -> None:
        self.customer = customer


class NotACustomer(NotFound):
    """Somebody who has signed in asks for their own pages, and is no customer of this organisation."""

    sentence = marked("Your account does not belong to this organisation yet. Register to add it; your password stays the same.")


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody for whom a customer books: usually a child."""

    name: str
    date_of_birth: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    org: str
    id: str
    email: str
    name: str
    created_at: datetime
    phone: str = ""
    participants: tuple[Participant, ...] = ()
    groups: tuple[str, ...] = ()
    """The ids of the groups that it belongs to."""
    fields: tuple[tuple[str, str], ...] = ()
    """What else the organisation notes, by names of its own."""
    addresses: tuple[str, ...] = ()
    """Further addresses that it has or had, latest last: what they booked is its history, unless an address is somebody else's by now."""
    status: PortalStatus = "added"
    user: str = ""
    """The account with which it signs in to the portal."""
    link_version: int = 0
    """Of the portal invitation's link: a newer one kills the older."""
    invitations: int = 0
    """How many portal invitations and reminders were sent since it was first invited."""
    invited_at: datetime | None = None
    """When the last one was sent."""
    asked_at: datetime | None = None
    """When staff's latest invitation was sent: reminders count from it."""
    remind_at: datetime | None = None
    """When the schedule reminds it, if it has not accepted by then."""
    sessions_from: datetime | None = None
    """Access tokens of before this moment count no more."""
    version: int = 1


MARK = "|"
"""Stands before every word that a search may begin with."""
MOST_WORDS = 10


def sought(customer: Customer) -> str:
    """Return the text in which a search looks: the words of names, and the addresses; without case and accents."""
    names = " ".join((customer.name, *(participant.name for participant in customer.participants)))
    emails = (customer.email, *customer.addresses)
    return "".join(f"{MARK}{word}" for word in (*without_accents(names).split(), *map(without_accents, emails)))


def beginnings(q: str) -> list[str]:
    """Return what must stand in that text for a search: every word of it begins one there."""
    return [f"{MARK}{word}" for word in without_accents(q).replace(MARK, " ").split()[:MOST_WORDS]]


def with_more(customer: Customer, named: Iterable[Participant]) -> tuple[Participant, ...]:
    """Return the customer's participants and those of the named who are not among them yet."""
    known = {same_participant(participant.name) for participant in customer.participants}
    more: list[Participant] = []
    for participant in named:
        if same_participant(participant.name) not in known:
            known.add(same_participant(participant.name))
            more.append(participant)
    return (*customer.participants, *more)
