"""Input of the public to register."""

from typing import Annotated, Protocol, Self, TypeVar

from pydantic import AfterValidator, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.inputs.customers import BirthDate
from chalicelib.rules.inputs.input import Input, example
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.questions import AnswerValue
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import Name, PublicName, SingleLine, paragraphs, without_link

LARGEST_NUMBER = 10**15
MOST_DECIMALS = 9
LONGEST_ANSWER = 5000


def _answer(value: object) -> AnswerValue:
    """Return an answer. Refuses types that no question takes; `questions.problems` checks it against its question."""
    match value:
        case bool():
            return value
        case int() | float() if -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            return round(value, MOST_DECIMALS)
        case int() | float():
            raise PydanticCustomError("out_of_range", "This number is too large.")
        case str() if len(value) <= LONGEST_ANSWER:
            return paragraphs(value)
        case str():
            raise PydanticCustomError("too_long", "This is too long.")
    raise PydanticCustomError("not_an_answer", "Write text here.")


_Number = Annotated[float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
_Text = Annotated[str, Field(max_length=LONGEST_ANSWER)]
AnswersInput = Annotated[
    dict[Id, Annotated[AnswerValue, PlainValidator(_answer, json_schema_input_type=bool | _Number | _Text)]], Field(max_length=30)
]


class ParticipantInput(Input):
    name: Name
    answers: AnswersInput = {}
    """The answers to the questions that are asked for each participant."""
    date_of_birth: BirthDate | None = None
    """Needed where the session is for certain ages."""

    @property
    def born(self) -> str:
        return self.date_of_birth.isoformat() if self.date_of_birth else ""


def _each_once(participants: list[ParticipantInput]) -> list[ParticipantInput]:
    """Refuse a name that occurs twice: a participant has one spot, and two with one name could not be distinguished."""
    named: set[str] = set()
    for index, participant in enumerate(participants):
        if same_participant(participant.name) in named:
            raise PydanticCustomError(
                "named_twice", "This name is there twice. Leave one out, or write the two so that they differ.", {"within": (index, "name")}
            )
        named.add(same_participant(participant.name))
    return participants


PartySize = Annotated[int, Field(ge=1, le=50)]


class HasName(Protocol):
    name: Name


N = TypeVar("N", bound=HasName)


def without_links(participants: list[N]) -> list[N]:
    """Return the participants. Refuses a name with a link or an address in it."""
    for index, participant in enumerate(participants):
        try:
            without_link(participant.name)
        except PydanticCustomError as fault:
            raise PydanticCustomError(fault.type, fault.message_template, {"within": (index, "name")}) from None
    return participants


Participants = Annotated[list[ParticipantInput], Field(min_length=1, max_length=50), AfterValidator(_each_once)]
PublicParticipants = Annotated[Participants, AfterValidator(without_links)]
"""Participants whom anybody may name."""


class RegistrationInput(Input):
    model_config = example(email="ana@example.org", name="Ana Ortiz", participants=[{"name": "Zoé"}], party_size=1)

    email: Address
    name: PublicName
    participants: PublicParticipants
    party_size: Annotated[int, Field(ge=1, le=50)] | None = None
    tier: Id | None = None
    discount_code: SingleLine | None = None
    invitation_code: SingleLine | None = None
    answers: AnswersInput = {}

    @model_validator(mode="after")
    def no_more_participants_than_spots(self) -> Self:
        if self.party_size is not None and len(self.participants) > self.party_size:
            raise PydanticCustomError("too_many_participants", "You entered more names than spots. Add spots or remove names.")
        return self

    @property
    def spots(self) -> int:
        return self.party_size or len(self.participants)


class QuoteInput(Input):
    tier: Id | None = None
    party_size: Annotated[int, Field(ge=1, le=50)] = 1
    discount_code: SingleLine | None = None
    invitation_code: SingleLine | None = None
