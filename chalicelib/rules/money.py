"""Money in integer minor units of one currency."""

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

NO_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
FOUR_DECIMALS = {"CLF", "UYW"}
MINOR_UNITS = {**dict.fromkeys(NO_DECIMALS, 0), **dict.fromkeys(THREE_DECIMALS, 3), **dict.fromkeys(FOUR_DECIMALS, 4)}
"""Decimal places by ISO 4217 where they are not two. CLDR's differ: it leaves out places that are out of use."""
LARGEST_AMOUNT = 100_000_000
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]


class Money(NamedTuple):
    """An amount in minor units: 1250 EUR are twelve euros fifty."""

    amount: int
    currency: str

    def times(self, factor: int) -> "Money":
        return Money(self.amount * factor, self.currency)


def decimal(money: Money) -> str:
    """Return the amount in major units with a decimal point, which spreadsheets read as a number."""
    digits = MINOR_UNITS.get(money.currency, 2)
    return f"{money.amount / 10**digits:.{digits}f}"


class Price(BaseModel):
    """A price in JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    amount: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, strict=True)]
    currency: Currency

    def money(self) -> Money:
        return Money(self.amount, self.currency)
