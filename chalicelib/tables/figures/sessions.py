"""What reports add up: for each session and month one row with the facts of its days, written whole from the session's rows.

The row `SESSION#id` names the months and has a version. A count writes over the version that it read before it read the session, so that
a count of older rows never replaces one of newer rows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.figures import Debt, FactKind, Facts
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, NEW, Condition, as_read
from chalicelib.tables.dynamodb import Writes
from chalicelib.tables.items import Item, item, plain, stored

MOST_IN_A_TRANSACTION = 100
LABEL = "label"
"""The attribute with the title and tags of the session."""


class Figures(NamedTuple):
    """The figures of a session: its title and tags, its facts, and the amounts owed by currency."""

    session: str
    title: str
    tags: tuple[str, ...]
    facts: Facts
    debts: Mapping[str, Debt]


class MonthFigures(NamedTuple):
    """The figures of a session in a month. Each fact is a list: day, currency, contract, and the numbers of its kind."""

    session: str
    month: str
    title: str
    tags: tuple[str, ...]
    facts: dict[FactKind, list[list[Any]]]


class Header(NamedTuple):
    """The latest count of a session. Version 0: it was never counted."""

    version: int = 0
    months: tuple[str, ...] = ()
    digest: str = ""
    """Of everything that was counted, so that an equal count writes nothing."""
    zone: str = ""
    """The time zone of the days."""


class CountedMeanwhile(Exception):
    """Another count has written since the version was read."""


def headers(org: str, sessions: Sequence[str]) -> dict[str, Header]:
    """Return the state of the latest count of many sessions, a hundred per request."""
    found: dict[str, Header] = {}
    for first in range(0, len(sessions), 100):
        wanted = [keys.figures_of_session(org, session) for session in sessions[first : first + 100]]
        for key, row in dynamodb.batch_get({config().records_table: wanted}).items():
            found[key.sk.partition("#")[2]] = _header_from(row)
    return {session: found.get(session, Header()) for session in sessions}


def all_headers(org: str) -> dict[str, Header]:
    """Return the state of the latest count of all sessions of an organisation."""
    found = dynamodb.query(**_beginning(org, "SESSION#"), ConsistentRead=True)
    return {row["sk"]["S"].partition("#")[2]: _header_from(row) for row in found}


def put_writes(org: str, counted: Figures, was: Header, *, digest: str, zone: str) -> Writes:
    """Return the writes of a session's figures over its latest count."""
    months = _months(counted)
    header = {"version": was.version + 1, "months": list(months), "digest": digest, "zone": zone}
    return [
        _put(keys.figures_of_session(org, counted.session), header, as_read(was.version) if was.version else NEW),
        _debt_write(org, counted),
        *(_put(keys.figures_of_month(org, month, counted.session), row, ALWAYS) for month, row in months.items()),
        *(_delete(keys.figures_of_month(org, month, counted.session)) for month in was.months if month not in months),
    ]


def delete_writes(org: str, session: str, was: Header) -> Writes:
    """Return the writes that delete the figures of a session that is gone."""
    header = dynamodb.delete_write(config().records_table, keys.figures_of_session(org, session), as_read(was.version))
    return [header, _delete(keys.debt(org, session)), *(_delete(keys.figures_of_month(org, month, session)) for month in was.months)]


def write(changes: Sequence[Writes]) -> None:
    """Write the figures of several sessions, each whole, all in one transaction if they fit. Raises CountedMeanwhile."""
    together = [write for writes in changes for write in writes]
    for writes in [together] if len(together) <= MOST_IN_A_TRANSACTION else changes:
        for first in range(0, len(writes), MOST_IN_A_TRANSACTION):
            try:
                dynamodb.transact(writes[first : first + MOST_IN_A_TRANSACTION])
            except dynamodb.TransactionFailed:
                raise CountedMeanwhile from None


def of_months(org: str, first: date, last: date, kinds: Sequence[FactKind]) -> Iterator[MonthFigures]:
    """Yield the facts of these kinds for every session in the months from `first` to `last`; a session once for each month."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ProjectionExpression=", ".join(("sk", LABEL, *kinds)),
        ExpressionAttributeValues={
            ":pk": stored(keys.figures(org)),
            ":first": stored(f"{keys.FIGURES_OF_MONTH}{first:%Y-%m}#"),
            ":last": stored(f"{keys.FIGURES_OF_MONTH}{last:%Y-%m}#~"),
        },
    )
    for row in found:
        month, _, session = row["sk"]["S"].removeprefix(keys.FIGURES_OF_MONTH).partition("#")
        title, tags = json.loads(row[LABEL]["S"])
        yield MonthFigures(session, month, title, tuple(tags), {kind: json.loads(row[kind]["S"]) for kind in kinds if kind in row})


def debts(org: str) -> Iterator[tuple[str, Mapping[str, Debt]]]:
    """Yield each session for which something is owed, with the sums by currency."""
    for row in dynamodb.query(**_beginning(org, keys.DEBT)):
        owed = json.loads(row["owed"]["S"])
        yield row["sk"]["S"].removeprefix(keys.DEBT), {currency: Debt(*sums) for currency, sums in owed.items()}


def is_complete(org: str) -> bool:
    """Whether every session was counted. Data of an earlier version was not before its first recount."""
    return dynamodb.get(config().records_table, keys.figures_complete(org)) is not None


def incomplete_write(org: str) -> dict[str, Any]:
    """Return the transaction write after which every session must be counted anew."""
    return dynamodb.delete_write(config().records_table, keys.figures_complete(org), ALWAYS)


def note_complete(org: str) -> None:
    """Record that every session was counted. Idempotent."""
    dynamodb.put(config().records_table, keys.figures_complete(org).stored(), ALWAYS)


def packed(counted: Figures) -> str:
    """Return everything that is counted as one text: equal for equal figures."""
    return json.dumps([_months(counted), sorted(counted.debts.items())], ensure_ascii=False)


def _months(counted: Figures) -> dict[str, dict[str, str]]:
    """Return the attributes of each month's row: title and tags, and for each kind its facts as one text, which is read fast."""
    months: dict[str, dict[str, list[list[Any]]]] = {}
    for (kind, day, currency, contract), values in sorted(counted.facts.items()):
        months.setdefault(f"{day:%Y-%m}", {}).setdefault(kind, []).append([day.day, currency, contract, *values])
    label = {LABEL: _text([counted.title, counted.tags])}
    return {month: {**label, **{kind: _text(facts) for kind, facts in kinds.items()}} for month, kinds in months.items()}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _debt_write(org: str, counted: Figures) -> dict[str, Any]:
    key = keys.debt(org, counted.session)
    return _put(key, {"owed": json.dumps(counted.debts)}, ALWAYS) if counted.debts else _delete(key)


def _put(key: keys.Key, values: Mapping[str, Any], condition: Condition) -> dict[str, Any]:
    return dynamodb.put_write(config().records_table, {**key.stored(), **item(values)}, condition)


def _delete(key: keys.Key) -> dict[str, Any]:
    return dynamodb.delete_write(config().records_table, key, ALWAYS)


def _header_from(row: Item) -> Header:
    values = plain(row)
    return Header(values["version"], tuple(values["months"]), values["digest"], values["zone"])


def _beginning(org: str, prefix: str) -> dict[str, Any]:
    return {
        "TableName": config().records_table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": {":pk": stored(keys.figures(org)), ":prefix": stored(prefix)},
    }
