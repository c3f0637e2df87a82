"""How many invitation codes were made and handed out: counters for each contract and month, changed in the transactions of the codes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, NEW, Update, as_read
from chalicelib.tables.items import Item, item, plain, stored


class CodeDay(NamedTuple):
    """A day on which codes of a contract were made or handed out."""

    what: Literal["made", "handed_out"]
    day: date
    currency: str
    """Of their price."""


NAMES: Mapping[str, Literal["made", "handed_out"]] = {"made": "made", "handed_out": "handed_out"}
CodeCounts = Mapping[CodeDay, int]
"""How many codes, by day."""
Versions = Mapping[str, int]
"""The version of each month's row."""


def code_writes(org: str, contract: str, change: CodeCounts) -> list[dict[str, Any]]:
    """Return the writes that add a change to the counters, for the transaction of the codes. Their conditions always hold."""
    return [
        dynamodb.update_write(
            config().records_table, keys.figures_of_codes(org, month, contract), Update().add(version=1, **counts), ALWAYS
        )
        for month, counts in _by_month(change).items()
    ]


def code_versions(org: str, contract: str) -> dict[str, int]:
    """Return the versions of the counters of a contract, by month."""
    return {month: int(row["version"]["N"]) for month, of, row in _rows(org, "0", "9") if of == contract}


def write_codes(org: str, contract: str, counted: CodeCounts, seen: Versions) -> bool:
    """Write all counters of a contract anew. False when one has changed since `seen` was read."""
    months = {**{month: dict[str, int]() for month in seen}, **_by_month(counted)}
    try:
        for month, counts in months.items():
            key, version = keys.figures_of_codes(org, month, contract), seen.get(month, 0)
            row = {**key.stored(), **item({**counts, "version": version + 1})}
            dynamodb.put(config().records_table, row, as_read(version) if version else NEW)
    except dynamodb.ConditionFailed:
        return False
    return True


def codes_of_months(org: str, first: date, last: date) -> Iterator[tuple[str, CodeDay, int]]:
    """Yield (contract, day, how many) for the months from `first` to `last`."""
    for month, contract, row in _rows(org, f"{first:%Y-%m}", f"{last:%Y-%m}"):
        for name, count in plain(row).items():
            what, _, rest = name.partition("#")
            day, _, currency = rest.partition("#")
            if day:
                yield contract, CodeDay(NAMES[what], date(int(month[:4]), int(month[5:]), int(day)), currency), count


def _by_month(change: CodeCounts) -> dict[str, dict[str, int]]:
    months: dict[str, Counter[str]] = {}
    for (what, day, currency), count in change.items():
        months.setdefault(f"{day:%Y-%m}", Counter())[f"{what}#{day.day}#{currency}"] += count
    return {month: {name: count for name, count in counts.items() if count} for month, counts in months.items() if any(counts.values())}


def _rows(org: str, first: str, last: str) -> Iterator[tuple[str, str, Item]]:
    """Yield (month, contract, row) for the months from `first` to `last`."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":pk": stored(keys.figures(org)),
            ":first": stored(f"{keys.FIGURES_OF_CODES}{first}"),
            ":last": stored(f"{keys.FIGURES_OF_CODES}{last}#~"),
        },
        ConsistentRead=True,
    )
    for row in found:
        month, _, contract = row["sk"]["S"].removeprefix(keys.FIGURES_OF_CODES).partition("#")
        yield month, contract, row
