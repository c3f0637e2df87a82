"""A customer: a person that the organisation knows, one for each address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.rules.refusals import Refusal, marked

PortalStatus = Literal["added", "invited", "accepted"]


class CustomerExists(Refusal):
    """One customer for each address."""

    code = "customer_exists"
    sentence = marked("There is a customer with this address already. Open that one instead of making another.")

    def __init__(self, customer: str) -> None:
        self.customer = customer


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
    status: PortalStatus = "added"
    version: int = 1


def sought(customer: Customer) -> str:
    """Return the text in which a search looks: name, address, participants, without case."""
    return " ".join((customer.name, customer.email, *(participant.name for participant in customer.participants))).casefold()
