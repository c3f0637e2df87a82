"""All rows of one organisation, of every kind: read for an export, written by an import, deleted with the organisation.

Those of Records are found by their partitions. Of the others some lie where no key of the organisation leads: an order that was never
booked, an e-mail about no session. They are found by scanning: e-mails in an index, which has an eighth of what the table has. So this is
for operators, never for a request.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from chalicelib import clients
from chalicelib.config import config
from chalicelib.tables import dynamodb, keys, organisation_records
from chalicelib.tables.conditions import NEW, THERE, Update, present
from chalicelib.tables.items import Item, stored
from chalicelib.tables.keys import Key

IMPORTED = "imported"
"""The attribute of a row that an import brought. Nothing follows from its arrival: it all followed where the row comes from."""
LEAVING = "deleting"
"""The attribute of a row that is about to be deleted with its organisation, and of the organisation's own row from the beginning on.
Nothing follows from that either: an entry of the audit log, say, would come when the log is gone."""
MOST_SCANNED = 50
"""DynamoDB takes 300 operators in an expression."""
LASTING = ("codes", "messages", "rosters", "records")
"""The tables that a backup covers; beside them there is Memory, in which everything expires."""


class NotImported(Exception):
    """Another row has the key, which no import brought."""


def table_of(name: str) -> str:
    return str(getattr(config(), f"{name}_table"))


def every(org: str, name: str) -> Iterator[Item]:
    """Yield the organisation's rows of a table, in no order, with as few rows of others read as its keys allow."""
    match name:
        case "records":
            return organisation_records.rows(org)
        case "messages":
            return _messages(org)
        case _:
            return scanned([org], name)


def scanned(orgs: Sequence[str], name: str) -> Iterator[Item]:
    """Yield the rows of up to `MOST_SCANNED` organisations, wherever in a table they lie. It reads the table once."""
    return dynamodb.scan(TableName=table_of(name), ConsistentRead=True, **_in_partitions(orgs))


def _messages(org: str) -> Iterator[Item]:
    """Yield the e-mails, found by the index of addresses, and the call for overdue ones, which has none."""
    index = {"IndexName": "recipient", "ProjectionExpression": "pk"}
    found = (Key(row["pk"]["S"]) for row in dynamodb.scan(TableName=table_of("messages"), **index, **_in_partitions([org])))
    wanted = chain([keys.overdue(org)], found)
    while some := list(islice(wanted, dynamodb.MOST_READ)):
        yield from dynamodb.batch_get({table_of("messages"): some}).values()


def bring(name: str, row: Item) -> None:
    """Write a row of an import; one that an earlier attempt brought is written again. Raises NotImported."""
    try:
        dynamodb.put(table_of(name), {**row, IMPORTED: stored(True)}, NEW | present(IMPORTED))
    except dynamodb.ConditionFailed:
        raise NotImported(row["pk"]["S"]) from None


def drop(name: str, row: Item) -> None:
    """Delete a row for good, so that nothing follows. One that is gone already is left alone."""
    key = Key(row["pk"]["S"], row["sk"]["S"] if "sk" in row else "")
    try:
        if name != "memory":
            dynamodb.update(table_of(name), key, Update().set(**{LEAVING: True}), THERE, want="NONE")
        dynamodb.delete(table_of(name), key, THERE)
    except dynamodb.ConditionFailed:
        return


def files(org: str) -> Iterator[tuple[str, str]]:
    """Yield (bucket, key) of the organisation's files and pictures; the bucket by its name in the settings."""
    for name in ("imports", "pictures"):
        pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket_of(name), Prefix=f"{org}/")
        yield from ((name, file["Key"]) for page in pages for file in page.get("Contents", ()))


def bucket_of(name: str) -> str:
    return str(getattr(config(), f"{name}_bucket"))


def _in_partitions(orgs: Sequence[str]) -> dict[str, Any]:
    values = {f":{kind}{index}": stored(f"{org}{end}") for index, org in enumerate(orgs) for kind, end in (("is", ""), ("in", "#"))}
    either = " OR ".join(f"pk = :is{index} OR begins_with(pk, :in{index})" for index in range(len(orgs)))
    return {"FilterExpression": either, "ExpressionAttributeValues": values}
