"""Input of staff about discount codes."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.rules.discounts import MOST_LIMITS, MOST_USES, DiscountKind, well_formed
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.text import Name
from chalicelib.rules.times import Moment

MOST_OFF = 100_000_000


def _code(value: str) -> str:
    code = value.strip()
    if not well_formed(code):
        raise PydanticCustomError(
            "not_a_discount_code", "Use up to 40 letters from A to Z, digits, hyphens, dots and underscores, without spaces."
        )
    return code


DiscountValue = Annotated[int, Field(ge=1, le=MOST_OFF, strict=True)]
Uses = Annotated[int, Field(ge=1, le=MOST_USES, strict=True)]
Sessions = Annotated[list[Id], Field(max_length=MOST_LIMITS)]
Tags = Annotated[list[Name], Field(max_length=MOST_LIMITS)]


class DiscountInput(Input):
    """A discount code. `value`: per cent (1 to 100), or minor units off the whole registration. Without sessions and tags: for all."""

    code: Annotated[str, StringConstraints(max_length=200), AfterValidator(_code)]
    kind: DiscountKind
    value: DiscountValue
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None
    sessions: Sessions = []
    tags: Tags = []
    active: bool = True


class DiscountChanges(Changes):
    nullable = frozenset({"starts_at", "ends_at", "max_uses", "max_uses_per_customer"})

    kind: DiscountKind | None = None
    value: DiscountValue | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None
    sessions: Sessions | None = None
    tags: Tags | None = None
    active: bool | None = None
