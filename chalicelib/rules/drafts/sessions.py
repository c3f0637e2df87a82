"""A session as staff write it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.ledger import MOST_SPOTS
from chalicelib.rules.money import Price
from chalicelib.rules.questions import Kind
from chalicelib.rules.text import Line, Name, Paragraphs
from chalicelib.rules.times import Moment, Zone

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Spots = Annotated[int, Field(ge=0, le=MOST_SPOTS)]
LONGEST_MEETING = timedelta(days=31)


class MeetingDraft(Draft):
    id: Id | None = None
    starts_at: Moment
    ends_at: Moment

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("ends_before_it_starts", "The end must be after the start.")
        if self.ends_at - self.starts_at > LONGEST_MEETING:
            raise PydanticCustomError("too_long", "A meeting lasts at most 31 days.")
        return self


class TierDraft(Draft):
    id: Id | None = None
    name: Name
    price: Price


class QuestionDraft(Draft):
    id: Id | None = None
    label: Name
    kind: Kind
    required: bool = False
    options: Annotated[list[Name], Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def choice_has_options(self) -> Self:
        if self.kind == "choice" and not self.options:
            raise PydanticCustomError("options_needed", "A choice needs its options.")
        if self.kind != "choice" and self.options:
            raise PydanticCustomError("options_not_expected", "Only a choice has options.")
        return self


class SessionDraft(Draft):
    title: Name
    meetings: Annotated[list[MeetingDraft], Field(min_length=1, max_length=200)]
    time_zone: Zone
    spots_total: Spots
    tiers: Annotated[list[TierDraft], Field(min_length=1, max_length=6)]
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    description: Paragraphs = ""
    location: Line = ""
    tags: Annotated[list[Name], Field(max_length=20)] = []
    questions: Annotated[list[QuestionDraft], Field(max_length=30)] = []

    @model_validator(mode="after")
    def one_currency(self) -> Self:
        if len({tier.price.currency for tier in self.tiers}) > 1:
            raise PydanticCustomError("mixed_currencies", "All prices of a session are in one currency.")
        return self

    @model_validator(mode="after")
    def ids_differ(self) -> Self:
        _check_ids_differ(self.meetings, self.tiers, self.questions)
        return self

    @model_validator(mode="after")
    def closes_after_it_opens(self) -> Self:
        opens, closes = self.registration_opens_at, self.registration_closes_at
        if opens and closes and closes <= opens:
            raise PydanticCustomError("closes_before_it_opens", "Registration must close after it opens.")
        return self


class SessionChanges(Draft):
    """What of a session changes; what is left out stays."""

    title: Name | None = None
    meetings: Annotated[list[MeetingDraft], Field(min_length=1, max_length=200)] | None = None
    time_zone: Zone | None = None
    spots_total: Spots | None = None
    confirm_below_use: bool = False
    tiers: Annotated[list[TierDraft], Field(min_length=1, max_length=6)] | None = None
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    description: Paragraphs | None = None
    location: Line | None = None
    tags: Annotated[list[Name], Field(max_length=20)] | None = None
    questions: Annotated[list[QuestionDraft], Field(max_length=30)] | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        empty = [name for name in self.model_fields_set if getattr(self, name) is None]
        if empty:
            raise PydanticCustomError(
                "null", "Leave out what does not change instead of sending null: {names}.", {"names": ", ".join(empty)}
            )
        return self

    @model_validator(mode="after")
    def ids_differ(self) -> Self:
        _check_ids_differ(self.meetings or [], self.tiers or [], self.questions or [])
        return self


class Cancelling(Draft):
    reason: Paragraphs = ""
    tell: bool = True


def _check_ids_differ(*lists: Sequence[MeetingDraft] | Sequence[TierDraft] | Sequence[QuestionDraft]) -> None:
    for things in lists:
        ids = [thing.id for thing in things if thing.id]
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("same_id_twice", "Two entries carry the same id.")
