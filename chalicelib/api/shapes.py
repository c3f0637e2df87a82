"""The shapes that several answers share."""

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer

from chalicelib.api.answers import Out
from chalicelib.rules import times
from chalicelib.rules.ledger import Spots
from chalicelib.rules.money import Money

Moment = Annotated[datetime, PlainSerializer(times.written, return_type=str)]


class MoneyOut(Out):
    """Minor units: 1250 EUR are twelve euros fifty."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> "MoneyOut":
        return cls(amount=money.amount, currency=money.currency)


class SpotsOut(Out):
    """`taken` and `held` include extras."""

    total: int
    taken: int
    held: int
    extra: int
    free: int

    @classmethod
    def of(cls, spots: Spots) -> "SpotsOut":
        return cls(**spots._asdict())
