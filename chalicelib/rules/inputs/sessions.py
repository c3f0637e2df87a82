"""Input of staff about sessions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.date_reminders import MOST_HOURS
from chalicelib.rules.inputs.input import Changes, Input, example
from chalicelib.rules.ledger import MOST_SPOTS
from chalicelib.rules.minimum import BelowMinimum, Minimum, MinimumOutcome
from chalicelib.rules.money import Price
from chalicelib.rules.questions import QuestionKind, QuestionScope
from chalicelib.rules.text import Name, Paragraphs, SingleLine, filled, single_line
from chalicelib.rules.times import Moment, Zone

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
SpotsTotal = Annotated[int, Field(ge=0, le=MOST_SPOTS)]
Leaders = Annotated[list[Address], Field(max_length=20)]
Age = Annotated[int, Field(ge=0, le=120)]
ReminderHours = Annotated[int, Field(ge=0, le=MOST_HOURS)]
LONGEST_MEETING = timedelta(days=31)
LONGEST_LABEL, LONGEST_WORDING = 200, 1000
MOST_HOURS_BEFORE = 24 * 90
HoursBefore = Annotated[int, Field(ge=0, le=MOST_HOURS_BEFORE)]


class MeetingInput(Input):
    id: Id | None = None
    starts_at: Moment
    ends_at: Moment
    cancelled_at: Moment | None = None
    cancel_reason: Paragraphs = ""
    """Both as they were read, and ignored: one date is cancelled and restored by requests of their own."""

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("ends_before_it_starts", "The end must be after the start.")
        if self.ends_at - self.starts_at > LONGEST_MEETING:
            raise PydanticCustomError("too_long", "A meeting lasts at most 31 days.")
        return self


class TierInput(Input):
    id: Id | None = None
    name: Name
    price: Price


Label = Annotated[str, StringConstraints(max_length=LONGEST_WORDING), AfterValidator(single_line), AfterValidator(filled)]
"""A question of up to 200 characters, or the longer wording of a consent."""


class QuestionInput(Input):
    """A question. A consent is always required, whatever `required` says: a registration without it is refused."""

    id: Id | None = None
    label: Label
    kind: QuestionKind
    required: bool = False
    options: Annotated[list[Name], Field(max_length=50)] | None = None
    at_door: bool = False
    per: QuestionScope = "party"

    @model_validator(mode="after")
    def choice_has_options(self) -> Self:
        if self.kind == "choice" and not self.options:
            raise PydanticCustomError("options_needed", "A choice needs its options.")
        if self.kind != "choice" and self.options:
            raise PydanticCustomError("options_not_expected", "Only a choice has options.")
        return self

    @model_validator(mode="after")
    def only_consents_are_long(self) -> Self:
        if self.kind != "consent" and len(self.label) > LONGEST_LABEL:
            raise PydanticCustomError(
                "too_long", "A question has at most 200 characters; only what people must agree to is longer.", {"within": ("label",)}
            )
        return self


class MinimumInput(Input):
    """How many participants a session needs: decided at a moment, or some hours before the first date starts."""

    participants: Annotated[int, Field(ge=1, le=MOST_SPOTS)]
    below: BelowMinimum = "ask"
    """What happens when there are fewer: the session is cancelled, or staff are asked."""
    decide_at: Moment | None = None
    """As it was read, and ignored, where `hours_before` is given."""
    hours_before: Annotated[int, Field(ge=1, le=MOST_HOURS_BEFORE)] | None = None
    outcome: MinimumOutcome | None = None
    counted: int | None = None
    """As they were read, and ignored: a new minimum is undecided, an unchanged one keeps its outcome."""

    @model_validator(mode="after")
    def has_moment(self) -> Self:
        if self.decide_at is None and self.hours_before is None:
            raise PydanticCustomError("decide_at_or_hours_before", "Say when to decide: at a moment, or some hours before the first date.")
        return self

    def minimum(self) -> Minimum:
        """Return it as a minimum that is yet to be decided."""
        return Minimum(self.participants, self.below, None if self.hours_before else self.decide_at, self.hours_before)


POTTERY = {
    "title": "Pottery for beginners",
    "meetings": [{"starts_at": "2027-03-02T16:00:00Z", "ends_at": "2027-03-02T17:30:00Z"}],
    "time_zone": "Europe/Paris",
    "spots_total": 8,
    "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
}


class SessionInput(Input):
    model_config = example(**POTTERY)

    title: Name
    meetings: Annotated[list[MeetingInput], Field(min_length=1, max_length=200)]
    time_zone: Zone
    spots_total: SpotsTotal
    tiers: Annotated[list[TierInput], Field(min_length=1, max_length=6)]
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    description: Paragraphs = ""
    location: SingleLine = ""
    tags: Annotated[list[Name], Field(max_length=20)] = []
    questions: Annotated[list[QuestionInput], Field(max_length=30)] = []
    min_age: Age | None = None
    """The least age in years on the day of the first meeting that somebody attends."""
    max_age: Age | None = None
    leaders: Leaders = []
    minimum: MinimumInput | None = None
    cancel_until_hours: HoursBefore | None = None
    """So many hours before a date families may cancel by themselves; null for what the organisation says."""
    date_reminder_hours: ReminderHours | None = None
    """Hours before each date; null as the settings say, 0 for no reminders."""

    @model_validator(mode="after")
    def one_currency(self) -> Self:
        if len({tier.price.currency for tier in self.tiers}) > 1:
            raise PydanticCustomError(
                "mixed_currencies", "All prices of a session must have the same currency. Change the price that differs."
            )
        return self

    @model_validator(mode="after")
    def ids_differ(self) -> Self:
        _check_ids_differ(self.meetings, self.tiers, self.questions)
        return self

    @model_validator(mode="after")
    def ages_in_order(self) -> Self:
        if self.min_age is not None and self.max_age is not None and self.max_age < self.min_age:
            raise PydanticCustomError("ages_reversed", "The oldest age must not be below the youngest.", {"within": ("max_age",)})
        return self

    @model_validator(mode="after")
    def closes_after_it_opens(self) -> Self:
        opens, closes = self.registration_opens_at, self.registration_closes_at
        if opens and closes and closes <= opens:
            raise PydanticCustomError("closes_before_it_opens", "Registration must close after it opens.")
        return self


class SessionChanges(Changes):
    """Changes of a session; an omitted field stays. `tell`: whether people get an e-mail when its dates or location change.

    `scope`: this session alone, or also those of its series that follow it.
    """

    title: Name | None = None
    meetings: Annotated[list[MeetingInput], Field(min_length=1, max_length=200)] | None = None
    time_zone: Zone | None = None
    spots_total: SpotsTotal | None = None
    confirm_below_use: bool = False
    tell: bool = True
    scope: Literal["this", "following"] = "this"
    tiers: Annotated[list[TierInput], Field(min_length=1, max_length=6)] | None = None
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    description: Paragraphs | None = None
    location: SingleLine | None = None
    tags: Annotated[list[Name], Field(max_length=20)] | None = None
    questions: Annotated[list[QuestionInput], Field(max_length=30)] | None = None
    min_age: Age | None = None
    max_age: Age | None = None
    leaders: Leaders | None = None
    minimum: MinimumInput | None = None
    """Null removes it."""
    cancel_until_hours: HoursBefore | None = None
    """Null for what the organisation says."""
    date_reminder_hours: ReminderHours | None = None
    nullable: ClassVar[frozenset[str]] = frozenset({"cancel_until_hours", "minimum", "min_age", "max_age", "date_reminder_hours"})

    @model_validator(mode="after")
    def ids_differ(self) -> Self:
        _check_ids_differ(self.meetings or [], self.tiers or [], self.questions or [])
        return self


class CancelInput(Input):
    reason: Paragraphs = ""
    tell: bool = True
    credit_invoices: bool = False
    """Whether credit notes cancel the open invoices of the registrations on it."""
    refund_payments: bool = False
    """Whether everything that was paid online for it goes back through Stripe."""


class CancelMeetingInput(Input):
    reason: Paragraphs = ""
    tell: bool = True


def _check_ids_differ(*lists: Sequence[MeetingInput] | Sequence[TierInput] | Sequence[QuestionInput]) -> None:
    for given in lists:
        ids = [one.id for one in given if one.id]
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("same_id_twice", "Two entries carry the same id.")
