"""A registration as the public writes it."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.questions import Answer
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import Line, Name, paragraphs

LARGEST_NUMBER = 10**15
DECIMAL_PLACES = 9
LONGEST_ANSWER = 5000


def _answer(value: object) -> Answer:
    """Return an answer of whatever kind, or refuse what no question takes. Whether it fits its question is for `questions.problems`."""
    match value:
        case bool():
            return value
        case int() | float() if -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            return round(value, DECIMAL_PLACES)
        case int() | float():
            raise PydanticCustomError("out_of_range", "This number is too large.")
        case str() if len(value) <= LONGEST_ANSWER:
            return paragraphs(value)
        case str():
            raise PydanticCustomError("too_long", "This is too long.")
    raise PydanticCustomError("not_an_answer", "Write text here.")


_Number = Annotated[float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
_Text = Annotated[str, Field(max_length=LONGEST_ANSWER)]
Answers = Annotated[
    dict[Id, Annotated[Answer, PlainValidator(_answer, json_schema_input_type=bool | _Number | _Text)]], Field(max_length=30)
]


class ParticipantDraft(Draft):
    name: Name


def _each_once(participants: list[ParticipantDraft]) -> list[ParticipantDraft]:
    """Refuse whoever is named twice: one participant has one spot, and two of one name could not be told apart."""
    named: set[str] = set()
    for place, participant in enumerate(participants):
        if same_participant(participant.name) in named:
            raise PydanticCustomError(
                "named_twice", "This name is there twice. Leave one out, or write the two so that they differ.", {"within": (place, "name")}
            )
        named.add(same_participant(participant.name))
    return participants


Participants = Annotated[list[ParticipantDraft], Field(min_length=1, max_length=50), AfterValidator(_each_once)]


class RegistrationDraft(Draft):
    email: Address
    name: Name
    participants: Participants
    party_size: Annotated[int, Field(ge=1, le=50)] | None = None
    tier: Id | None = None
    discount_code: Line | None = None
    invitation_code: Line | None = None
    answers: Answers = {}

    @model_validator(mode="after")
    def no_more_participants_than_spots(self) -> Self:
        if self.party_size is not None and len(self.participants) > self.party_size:
            raise PydanticCustomError("too_many_participants", "Name at most as many participants as the party has spots.")
        return self

    @property
    def spots(self) -> int:
        return self.party_size or len(self.participants)


class QuoteDraft(Draft):
    tier: Id | None = None
    party_size: Annotated[int, Field(ge=1, le=50)] = 1
    discount_code: Line | None = None
    invitation_code: Line | None = None
