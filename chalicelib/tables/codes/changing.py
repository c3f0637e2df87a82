"""What staff change on a code, always over the version that they saw."""

from dataclasses import replace
from datetime import datetime

from chalicelib.rules import times
from chalicelib.rules.codes import Code
from chalicelib.settings import settings
from chalicelib.tables import contracts, keys, requests
from chalicelib.tables.codes.rows import code_from, expression, price_values
from chalicelib.tables.items import Item, item, stored

AS_READ = "version = :version"
SPARE = ("listed", "listed_at", "price", "note", "expires_at", "participant", "handed_out_at", "created_at")


class NotAsRead(Exception):
    """Somebody changed or used the code meanwhile."""


def edit(code: Code, *, was: Code) -> Code:
    """Write note, price, expiry and whether it was handed out over the version that was read. Raises NotAsRead."""
    facts = {
        "note": code.note or None,
        "price": price_values(code.price),
        "expires_at": times.written(code.expires_at) if code.expires_at else None,
        "handed_out_at": times.written(code.handed_out_at) if code.handed_out_at else None,
        "archived_at": times.written(code.archived_at) if code.archived_at else None,
    }
    sets = [f"{name} = :{name}" for name, value in facts.items() if value is not None]
    removes = [name for name, value in facts.items() if value is None]
    change, values = expression(code, sets, removes)
    written = item({f":{name}": value for name, value in facts.items()})
    try:
        saved = requests.update(
            settings().codes_table,
            keys.code(code.org, code.code),
            change,
            AS_READ,
            values={**values, **written, ":version": stored(was.version)},
        )
    except requests.ConditionFailed:
        raise NotAsRead from None
    return code_from(saved)


def put_away(code: Code, *, now: datetime) -> None:
    """Delete a code that nobody used: what stays is that it was issued, so that it never is again. Raises NotAsRead."""
    change, values = expression(replace(code, archived_at=now), ["deleted_at = :now", "#left = :none"], list(SPARE))
    values = {**values, ":now": stored(times.written(now)), ":none": stored(0), ":version": stored(code.version)}
    writes = [_update(code, change, values)]
    if code.participant:
        writes.append(contracts.unassign_write(contracts.get_participant(code.org, code.contract, code.participant), code.code))
    try:
        requests.transact(writes)
    except requests.TransactionFailed:
        raise NotAsRead from None


def _update(code: Code, change: str, values: Item) -> Item:
    return {
        "Update": {
            "TableName": settings().codes_table,
            "Key": keys.code(code.org, code.code).stored(),
            "UpdateExpression": change,
            "ConditionExpression": AS_READ,
            "ExpressionAttributeNames": {"#left": "left"},
            "ExpressionAttributeValues": values,
        }
    }
