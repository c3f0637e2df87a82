"""Discount codes as staff write them."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.discounts import MOST_LIMITS, MOST_USES, Kind, well_formed
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.text import Name
from chalicelib.rules.times import Moment

MOST_OFF = 100_000_000
EMPTIABLE = {"starts_at", "ends_at", "max_uses", "max_uses_per_customer"}


def _code(value: str) -> str:
    code = value.strip()
    if not well_formed(code):
        raise PydanticCustomError(
            "not_a_discount_code", "Use up to 40 letters from A to Z, digits, hyphens, dots and underscores, without spaces."
        )
    return code


Value = Annotated[int, Field(ge=1, le=MOST_OFF, strict=True)]
Uses = Annotated[int, Field(ge=1, le=MOST_USES, strict=True)]
Sessions = Annotated[list[Id], Field(max_length=MOST_LIMITS)]
Tags = Annotated[list[Name], Field(max_length=MOST_LIMITS)]


class DiscountDraft(Draft):
    """`value` is per cent from 1 to 100, or minor units off the whole registration. Without sessions and tags it is for all sessions."""

    code: Annotated[str, StringConstraints(max_length=200), AfterValidator(_code)]
    kind: Kind
    value: Value
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None
    sessions: Sessions = []
    tags: Tags = []
    active: bool = True


class DiscountChanges(Draft):
    """What changes; what is left out stays, and null takes a limit away."""

    kind: Kind | None = None
    value: Value | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None
    sessions: Sessions | None = None
    tags: Tags | None = None
    active: bool | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        empty = [name for name in self.model_fields_set - EMPTIABLE if getattr(self, name) is None]
        if empty:
            raise PydanticCustomError(
                "null", "Leave out what does not change instead of sending null: {names}.", {"names": ", ".join(empty)}
            )
        return self
