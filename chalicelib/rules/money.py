"""Money in integer minor units of one currency."""

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]


class Money(NamedTuple):
    """An amount in minor units: 1250 EUR are twelve euros fifty."""

    amount: int
    currency: str

    def times(self, factor: int) -> "Money":
        return Money(self.amount * factor, self.currency)


class Price(BaseModel):
    """A price as it is written in JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    amount: Annotated[int, Field(ge=0, le=100_000_000, strict=True)]
    currency: Currency

    def money(self) -> Money:
        return Money(self.amount, self.currency)
