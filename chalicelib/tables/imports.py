"""Imports: a row each. The file and the result of its check are in the bucket."""

from chalicelib.config import config
from chalicelib.rules.imports.imports import Import
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.conditions import Condition, Update, equals, present
from chalicelib.tables.items import Item, item, plain

BEGUN = present("job")
IMPORTS = Codec(Import, elsewhere={"id"})


def create(made: Import) -> Import:
    """Write a new import and return it; for a repeated request, the existing one."""
    try:
        dynamodb.put_new(config().records_table, _item(made))
    except dynamodb.ConditionFailed as failed:
        if failed.old is None:
            raise
        return import_from(failed.old)
    return made


def find(org: str, id: str) -> Import | None:
    found = dynamodb.get(config().records_table, keys.import_(org, id))
    return import_from(found) if found else None


def get(org: str, id: str) -> Import:
    """Return the import. Raises NotFound."""
    found = find(org, id)
    if found is None:
        raise NotFound
    return found


def begin(found: Import, job: str) -> Import:
    """Record the job that completes the import. Idempotent. Raises ChangedMeanwhile when another job completes it."""
    not_begun_by_another = equals("status", "valid") | equals("job", job)
    return import_from(_update(found, Update().set(status="completing", job=job), not_begun_by_another))


def finish(found: Import) -> None:
    """Mark the import as done. Idempotent. Raises ChangedMeanwhile for an import that was not begun."""
    _update(found, Update().set(status="done"), BEGUN)


def page(org: str, contract: str, *, limit: int) -> list[Import]:
    """Return the latest imports into a contract, or of customers, latest first."""
    found, _ = dynamodb.query_page(
        TableName=config().records_table,
        IndexName="directory",
        KeyConditionExpression="directory = :imports",
        ExpressionAttributeValues={":imports": {"S": keys.imports_of(org, contract)}},
        ScanIndexForward=False,
        Limit=limit,
    )
    return [import_from(row) for row in found]


def import_from(row: Item) -> Import:
    values = plain(row)
    return IMPORTS.read(values, id=values["sk"].removeprefix(keys.IMPORT))


def _update(found: Import, change: Update, condition: Condition) -> Item:
    try:
        return dynamodb.update(config().records_table, keys.import_(found.org, found.id), change, condition)
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None


def _item(made: Import) -> Item:
    listed = {"directory": keys.imports_of(made.org, made.contract), "directory_at": f"{made.created_at.isoformat()}#{made.id}"}
    return {**keys.import_(made.org, made.id).stored(), **item({**IMPORTS.write(made), **listed})}
