"""Input of staff about sessions that are made: new, repeated or copied."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.inputs.input import Input, example
from chalicelib.rules.inputs.sessions import POTTERY, SessionInput
from chalicelib.rules.recurrence import MOST_DATES, Recurrence
from chalicelib.rules.session_filter import WEEKDAYS, Weekday
from chalicelib.rules.text import Name
from chalicelib.rules.times import Day, LastDay, Moment


class RepeatInput(Input):
    """How a session repeats: every few weeks, on the weekday of its first date or on those given, until a last day or so many times."""

    every: Annotated[int, Field(ge=1, le=8)] = 1
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    until: LastDay | None = None
    times: Annotated[int, Field(ge=2, le=MOST_DATES)] | None = None
    """How many dates are made. Those left out do not count."""
    left_out: Annotated[list[Day], Field(max_length=400, alias="except")] = []
    result: Annotated[Literal["course", "series"], Field(alias="as")]
    """One session with all the dates, or a session for each."""

    @model_validator(mode="after")
    def ends_once(self) -> Self:
        if (self.until is None) == (self.times is None):
            raise PydanticCustomError("until_or_times", "Give either the last day or the number of dates.")
        return self

    @property
    def recurrence(self) -> Recurrence:
        weekdays = tuple(WEEKDAYS.index(day) for day in self.weekdays or ())
        return Recurrence(self.every, weekdays, self.until, self.times, frozenset(self.left_out))


class NewSessionInput(SessionInput):
    """A new session, which may repeat."""

    repeat: RepeatInput | None = None


class RepeatedSessionInput(NewSessionInput):
    """A new session that repeats."""

    model_config = example(**POTTERY, repeat={"every": 1, "times": 10, "as": "course"})

    repeat: RepeatInput


class DuplicateInput(Input):
    """The start of the first date of a copy, and its title; without one, that of the session."""

    starts_at: Moment
    title: Name | None = None
