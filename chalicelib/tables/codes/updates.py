"""Changes of a code by staff, always over the version that they saw."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.codes import Code
from chalicelib.tables import audit, contracts, dynamodb, figures, keys
from chalicelib.tables.codes.rows import CODES, with_version_and_stage
from chalicelib.tables.conditions import Update, as_read

EDITED = ("note", "price", "expires_at", "handed_out_at", "archived_at")
SPARE = ("listed", "listed_at", "price", "note", "expires_at", "participant", "handed_out_at", "created_at")


class NotAsRead(Exception):
    """The code was changed or used since it was read."""


def edit(code: Code, *, was: Code, counted: figures.CodeCounts, now: datetime) -> Code:
    """Write note, price, expiry and the handed-out mark over the version that was read. Raises NotAsRead."""
    change = with_version_and_stage(code, Update().set(**_facts(code)))
    row = dynamodb.update_write(config().codes_table, keys.code(code.org, code.code), change, as_read(was.version))
    try:
        dynamodb.transact([row, *_audit_writes(was, code, now=now), *figures.code_writes(code.org, code.contract, counted)])
    except dynamodb.TransactionFailed:
        raise NotAsRead from None
    return replace(code, version=was.version + 1)


def delete_unused(code: Code, *, counted: figures.CodeCounts, now: datetime) -> None:
    """Delete an unused code. A trace stays, so that the code is never issued again. Raises NotAsRead."""
    change = with_version_and_stage(replace(code, archived_at=now), Update().set(deleted_at=times.written(now), left=0).remove(*SPARE))
    writes = [dynamodb.update_write(config().codes_table, keys.code(code.org, code.code), change, as_read(code.version))]
    writes += [*_audit_writes(code, None, now=now), *figures.code_writes(code.org, code.contract, counted)]
    if code.participant:
        writes.append(contracts.unassign_write(contracts.get_participant(code.org, code.contract, code.participant), code.code))
    try:
        dynamodb.transact(writes)
    except dynamodb.TransactionFailed:
        raise NotAsRead from None


def record_return(code: Code, *, now: datetime) -> None:
    """Record in the audit log that staff made the code's uses available again."""
    for write in audit.write_of(code.org, "code.returned", code.code, id=_audit_entry_id(code), at=now):
        dynamodb.transact([write])


def _facts(code: Code) -> dict[str, Any]:
    """Return the attributes that staff may change."""
    values = CODES.changes(code)
    return {name: values[name] for name in EDITED}


def _audit_writes(was: Code, became: Code | None, *, now: datetime) -> list[dict[str, Any]]:
    """Return the write of the audit log's entry. Codes have no stream that the log could follow."""
    before, after = _facts(was), _facts(became) if became else {}
    changed = [name for name in before if before[name] != after.get(name)]
    action = "code.updated" if became and not became.archived_at else "code.deleted"
    sides = [{name: side[name] for name in changed if side.get(name) is not None} for side in (before, after)]
    return audit.write_of(was.org, action, was.code, *sides, id=_audit_entry_id(was), at=now)


def _audit_entry_id(code: Code) -> str:
    """Return the id of the entry of the next change of the code: a change that is tried again has the same."""
    return f"{code.code}-{code.version}"
