"""Saving a row over the version that was read, attribute by attribute.

A newer version of Rollbook may have written attributes that this one does not know; an edit leaves them, so that going back a version, or a
deployment that is under way, loses nothing. A Put would delete them.
"""

from collections.abc import Collection
from typing import Any

from chalicelib.tables import dynamodb
from chalicelib.tables.conditions import Condition, Update
from chalicelib.tables.items import Item, plain
from chalicelib.tables.keys import Key

OF_KEYS = ("pk", "sk")


def save(table: str, row: Item, known: Collection[str], condition: Condition) -> None:
    """Write the row over the stored one: a `known` attribute that it lacks is removed, others stay. Raises ConditionFailed."""
    dynamodb.update(table, _key(row), _change(row, known), condition, want="NONE")


def save_write(table: str, row: Item, known: Collection[str], condition: Condition) -> dict[str, Any]:
    """Return a transaction write that does the same."""
    return dynamodb.update_write(table, _key(row), _change(row, known), condition)


def _key(row: Item) -> Key:
    return Key(row["pk"]["S"], row["sk"]["S"] if "sk" in row else "")


def _change(row: Item, known: Collection[str]) -> Update:
    values = {name: value for name, value in plain(row).items() if name not in OF_KEYS}
    return Update().set(**values).remove(*sorted(set(known) - values.keys()))
