"""Imports: a row each. What was uploaded and what was read in it lie in the bucket."""

from typing import Any

from chalicelib.rules import times
from chalicelib.rules.imports.imports import Import
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

NEW = "attribute_not_exists(pk)"
NOT_BEGUN_BY_ANOTHER = "#status = :valid OR job = :job"
BEGUN = "attribute_exists(job)"
STATUS = {"#status": "status"}


def create(made: Import) -> Import:
    """Write a new import and return it; the same one again is the one that there is."""
    try:
        requests.put(settings().records_table, _item(made), NEW)
    except requests.ConditionFailed as failed:
        if failed.old is None:
            raise
        return import_from(failed.old)
    return made


def find(org: str, own: str) -> Import | None:
    found = requests.get(settings().records_table, keys.import_(org, own))
    return import_from(found) if found else None


def get(org: str, own: str) -> Import:
    """Return the import, or NotFound."""
    found = find(org, own)
    if found is None:
        raise NotFound
    return found


def begin(found: Import, job: str) -> Import:
    """Note the job that completes the import; the same one may be noted again. Raises ChangedMeanwhile when another one does."""
    change, values = "SET #status = :completing, job = :job", {"completing": "completing", "valid": "valid", "job": job}
    return import_from(_update(found, change, NOT_BEGUN_BY_ANOTHER, values))


def finish(found: Import) -> None:
    """Note that all is done; it may be noted again. Raises ChangedMeanwhile for an import that was not begun."""
    _update(found, "SET #status = :done", BEGUN, {"done": "done"})


def page(org: str, contract: str, *, limit: int) -> list[Import]:
    """Return the latest imports into a contract, or of customers, latest first."""
    found, _ = requests.query_page(
        TableName=settings().records_table,
        IndexName="directory",
        KeyConditionExpression="directory = :imports",
        ExpressionAttributeValues={":imports": {"S": keys.imports_of(org, contract)}},
        ScanIndexForward=False,
        Limit=limit,
    )
    return [import_from(entry) for entry in found]


def import_from(entry: Item) -> Import:
    values = plain(entry)
    read = {name: values[name] for name in Import.__dataclass_fields__ if name in values}
    named = {"id": values["sk"].removeprefix(keys.IMPORT), "created_at": times.read(values["created_at"])}
    return Import(**{**read, **named})


def _update(found: Import, change: str, condition: str, values: dict[str, Any]) -> Item:
    table, key = settings().records_table, keys.import_(found.org, found.id)
    named = {f":{name}": stored(value) for name, value in values.items()}
    try:
        return requests.update(table, key, change, condition, names=STATUS, values=named)
    except requests.ConditionFailed:
        raise ChangedMeanwhile from None


def _item(made: Import) -> Item:
    return {
        **keys.import_(made.org, made.id).stored(),
        **item(
            {
                "directory": keys.imports_of(made.org, made.contract),
                "directory_at": f"{made.created_at.isoformat()}#{made.id}",
                "org": made.org,
                "kind": made.kind,
                "status": made.status,
                "by": made.by,
                "created_at": times.written(made.created_at),
                "file": made.file,
                "encoding": made.encoding,
                "data": made.data,
                "issues": made.issues,
                "changes": made.changes,
                "contract": made.contract or None,
                "width": made.width or None,
            }
        ),
    }
