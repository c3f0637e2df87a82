"""What staff write on a roster: a registration by hand, changes to one, its billing, where it moves."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.registrations import Answers, Participants
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.money import Price
from chalicelib.rules.registrations import Billing
from chalicelib.rules.text import Line, Name, Paragraphs

PartySize = Annotated[int, Field(ge=1, le=50)]


class NewCustomer(Draft):
    name: Name
    email: Address
    phone: Line = ""


class BillingDraft(Draft):
    method: Literal["invoice", "later", "paid"] = "later"


class Addition(Draft):
    """Somebody whom staff put on the roster: a customer they know, or a new one."""

    customer: Id | None = None
    new_customer: NewCustomer | None = None
    participants: Participants
    party_size: PartySize | None = None
    tier: Id | None = None
    billing: BillingDraft = BillingDraft()
    answers: Answers = {}
    send_confirmation: bool = False
    confirm_over_capacity: bool = False

    @model_validator(mode="after")
    def one_customer(self) -> Self:
        if (self.customer is None) == (self.new_customer is None):
            raise PydanticCustomError("customer_or_new", "Name a customer, or write a new one: one of the two.")
        return self

    @model_validator(mode="after")
    def no_more_participants_than_spots(self) -> Self:
        if self.party_size is not None and len(self.participants) > self.party_size:
            raise PydanticCustomError("too_many_participants", "Name at most as many participants as the party has spots.")
        return self

    @property
    def spots(self) -> int:
        return self.party_size or len(self.participants)


class RegistrationChanges(Draft):
    """What of a registration changes; what is left out stays."""

    party_size: PartySize | None = None
    participants: Participants | None = None
    answers: Answers | None = None
    confirm_over_capacity: bool = False


class ContactChanges(Draft):
    """Who booked, corrected."""

    name: Name | None = None
    email: Address | None = None
    phone: Line | None = None


class BillingStep(Draft):
    status: Billing
    note: Paragraphs = ""


class PaymentDraft(Draft):
    amount: Price
    method: Name
    meeting: Id | None = None


class Transferring(Draft):
    to_session: Id
