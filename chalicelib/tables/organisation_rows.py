"""All rows of one organisation, of every kind: read for an export, written by an import, deleted with the organisation.

They are found by scanning, since not every row lies in a partition or an index that leads to all of its kind: an e-mail, say. So this is
for operators and for the jobs of a deletion, never for a request.
"""

from collections.abc import Iterator
from typing import Any

from chalicelib import clients
from chalicelib.config import config
from chalicelib.tables import dynamodb
from chalicelib.tables.conditions import NEW, THERE, Update, present
from chalicelib.tables.items import Item, stored
from chalicelib.tables.keys import Key

IMPORTED = "imported"
"""The attribute of a row that an import brought. Nothing follows from its arrival: it all followed where the row comes from."""
LEAVING = "deleting"
"""The attribute of a row that is about to be deleted with its organisation, and of the organisation's own row from the beginning on.
Nothing follows from that either: an entry of the audit log, say, would come when the log is gone."""
LASTING = ("codes", "messages", "rosters", "records")
"""The tables that a backup covers; beside them there is Memory, in which everything expires."""


class NotImported(Exception):
    """Another row has the key, which no import brought."""


def table_of(name: str) -> str:
    return str(getattr(config(), f"{name}_table"))


def every(org: str, name: str) -> Iterator[Item]:
    """Yield the organisation's rows of a table, in no order."""
    return dynamodb.scan(TableName=table_of(name), ConsistentRead=True, **_own(org))


def page(org: str, name: str, *, start: Item | None) -> tuple[list[Item], Item | None]:
    """Return the organisation's rows in the next megabyte of a table, perhaps none, and where to go on; None at the end."""
    return dynamodb.scan_page(TableName=table_of(name), ConsistentRead=True, **_own(org), **({"ExclusiveStartKey": start} if start else {}))


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


def _own(org: str) -> dict[str, Any]:
    values = {":org": stored(org), ":own": stored(f"{org}#")}
    return {"FilterExpression": "pk = :org OR begins_with(pk, :own)", "ExpressionAttributeValues": values}
