"""Shapes that several answers share."""

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from chalicelib.api.responses import Out
from chalicelib.rules import times
from chalicelib.rules.ledger import Spots
from chalicelib.rules.money import Money

Moment = Annotated[
    datetime,
    PlainSerializer(times.written, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class MoneyOut(Out):
    """An amount in minor units: 1250 EUR is €12.50."""

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
