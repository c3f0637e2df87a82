"""Who acts: staff, an API key, a customer, the operator or the clock."""

from typing import Literal, NamedTuple

from chalicelib.rules.api_keys import KeyHolder
from chalicelib.rules.auth import Account
from chalicelib.rules.organisations import StaffMember

ActorKind = Literal["staff", "key", "customer", "operator", "clock"]
SEPARATOR = "#"


class Actor(NamedTuple):
    """Who acts: `name` is an address of staff or the name of an API key. Customers, operators and the clock have none."""

    kind: ActorKind
    id: str = ""
    name: str = ""

    def written(self) -> str:
        """Return the actor as the attribute `written_by` of a row."""
        return SEPARATOR.join(self)


CLOCK = Actor("clock")
CUSTOMER = Actor("customer")
OPERATOR = Actor("operator")
ERASURE = Actor("clock", "erasure")
"""Rewrites rows in order to forget people. What it removes must not enter the log."""


def actor_from(text: str | None) -> Actor | None:
    """Return the actor that wrote a row; None for a row of an older version, which names none."""
    if not text:
        return None
    kind, id, name = text.split(SEPARATOR, 2)
    return Actor(kind, id, name)  # type: ignore[arg-type]


def staff_actor(member: StaffMember) -> Actor:
    """Return the actor of a member of staff, or of the API key that stands in their place."""
    if isinstance(member, KeyHolder):
        return Actor("key", member.key, member.name)
    return Actor("staff", member.user, member.email)


def actor_of(member: StaffMember | None, person: Account | None) -> Actor:
    """Return the actor of a request: the staff member, or else a customer, who may be known by a link only."""
    if member:
        return staff_actor(member)
    return Actor("customer", person.user) if person else CUSTOMER
