"""Input of the public to price and to place a basket."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.languages import Locale
from chalicelib.rules.addresses import Address
from chalicelib.rules.baskets import MOST_LINES
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import AnswersInput, PartySize, PublicParticipants
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.text import PublicName, SingleLine


class BasketLineInput(Input):
    """A session, who takes part, and at which of its prices; or an invitation or an invitation code, which has its own price."""

    session: Id
    participants: PublicParticipants
    party_size: PartySize | None = None
    tier: Id | None = None
    answers: AnswersInput = {}
    invitation: Annotated[str, Field(max_length=200)] | None = None
    """The token of the invitation's link."""
    invitation_code: SingleLine | None = None

    @model_validator(mode="after")
    def no_more_participants_than_spots(self) -> Self:
        if self.party_size is not None and len(self.participants) > self.party_size:
            raise PydanticCustomError("too_many_participants", "You entered more names than spots. Add spots or remove names.")
        return self

    @model_validator(mode="after")
    def one_price(self) -> Self:
        if self.invitation and self.invitation_code:
            raise PydanticCustomError("one_code_only", "An invitation has its own price. Leave the invitation code out.")
        return self

    @property
    def spots(self) -> int:
        return self.party_size or len(self.participants)

    def acceptance(self, email: str, name: str) -> AcceptInput:
        """Return what the line says as the answer to its invitation. Its fields are validated already."""
        return AcceptInput.model_construct(email=email, name=name, participants=self.participants, tier=self.tier, answers=self.answers)


def _each_once(lines: list[BasketLineInput]) -> list[BasketLineInput]:
    """Refuse an invitation that occurs twice: it can be accepted once."""
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.invitation in seen:
            raise PydanticCustomError(
                "named_twice", "This invitation is in the basket twice. Leave one out.", {"within": (index, "invitation")}
            )
        seen |= {line.invitation} if line.invitation else set()
    return lines


Lines = Annotated[list[BasketLineInput], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_each_once)]


class BasketInput(Input):
    """Everything that is booked together."""

    email: Address
    name: PublicName
    locale: Locale | None = None
    """The language of the e-mails; else that of the request."""
    discount_code: SingleLine | None = None
    lines: Lines


class BasketQuoteInput(Input):
    """A basket whose price is asked for. Who books need not be known yet."""

    email: Address | None = None
    name: PublicName | None = None
    locale: Locale | None = None
    discount_code: SingleLine | None = None
    lines: Lines
