"""A registration as the public writes it."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.text import Line, Name, Paragraphs

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Answers = Annotated[dict[Id, bool | int | Number | Paragraphs], Field(max_length=30)]


class ParticipantDraft(Draft):
    name: Name


class RegistrationDraft(Draft):
    email: Address
    name: Name
    participants: Annotated[list[ParticipantDraft], Field(min_length=1, max_length=50)]
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
