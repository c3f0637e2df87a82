"""Input of staff on a roster: a registration by hand, changes to it, its billing, its transfer."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.inputs.registrations import AnswersInput, Participants, PartySize
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.money import Price
from chalicelib.rules.registration_history import Billing
from chalicelib.rules.text import Name, Paragraphs, SingleLine


class NewCustomerInput(Input):
    name: Name
    email: Address
    phone: SingleLine = ""


class BillingInput(Input):
    method: Literal["invoice", "later", "paid"] = "later"


class AddInput(Input):
    """A registration by hand, of an existing customer or a new one."""

    customer: Id | None = None
    new_customer: NewCustomerInput | None = None
    participants: Participants
    party_size: PartySize | None = None
    tier: Id | None = None
    discount_code: SingleLine | None = None
    billing: BillingInput = BillingInput()
    answers: AnswersInput = {}
    send_confirmation: bool = False
    confirm_over_capacity: bool = False
    confirm_age: bool = False
    """Whether participants are added whose age on the day does not fit."""

    @model_validator(mode="after")
    def one_customer(self) -> Self:
        if (self.customer is None) == (self.new_customer is None):
            raise PydanticCustomError("customer_or_new", "Name a customer, or write a new one: one of the two.")
        return self

    @model_validator(mode="after")
    def no_more_participants_than_spots(self) -> Self:
        if self.party_size is not None and len(self.participants) > self.party_size:
            raise PydanticCustomError("too_many_participants", "You entered more names than spots. Add spots or remove names.")
        return self

    @property
    def spots(self) -> int:
        return self.party_size or len(self.participants)


class BookingChanges(Changes):
    """Changes that a family makes to its booking; an omitted field stays."""

    party_size: PartySize | None = None
    participants: Participants | None = None
    answers: AnswersInput | None = None


class RegistrationChanges(BookingChanges):
    """Changes of a registration; an omitted field stays."""

    confirm_over_capacity: bool = False
    confirm_age: bool = False


class ContactChanges(Changes):
    """Corrections of the booker's details."""

    name: Name | None = None
    email: Address | None = None
    phone: SingleLine | None = None
    send_confirmation: bool = True
    """Whether the confirmation is sent to a corrected address."""
    bookings_follow: bool = False
    """Whether all rows with the old address get the corrected one too."""


class BillingStatusInput(Input):
    status: Billing
    note: Paragraphs = ""


class PaymentInput(Input):
    amount: Price
    method: Name
    meeting: Id | None = None


class RefundInput(Input):
    amount: Price | None = None
    """All that is left without it."""
    note: Paragraphs = ""


class TransferInput(Input):
    to_session: Id
    tell: bool = True


class OwnMoveInput(Input):
    """The session that a family moves its booking to."""

    to_session: Id
