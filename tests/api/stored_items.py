"""What is stored: all items of moto's tables, and whether a request has changed any."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from chalicelib.tables.items import Item

Dump = dict[str, Item]


def dump() -> Dump:
    """Return all stored items by table and key, read from moto's memory, except the counts of attempts."""
    return {key: _attributes(item) for key, item in stored_items().items()}


@contextmanager
def nothing_stored() -> Iterator[None]:
    """Fail if an item is stored, changed or deleted in the block. A change replaces the item in moto's memory: see tests/fast_moto.py."""
    before = stored_items()
    yield
    after = stored_items()
    replaced = [key for key in before.keys() | after.keys() if before.get(key) is not after.get(key)]
    changed = [key for key in replaced if _attributes(before.get(key)) != _attributes(after.get(key))]
    assert not changed, json.dumps(sorted(changed))


def stored_items() -> dict[str, Any]:
    tables: dict[str, Any] = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables
    found: dict[str, Any] = {
        f"{table.name} {item.hash_key.value} {item.range_key.value if item.range_key else ''}": item
        for table in tables.values()
        for stored in table.items.values()
        for item in (stored.values() if table.range_key_attr else [stored])
    }
    return {key: item for key, item in found.items() if "#throttle#" not in key}


def _attributes(item: Any) -> dict[str, Any]:
    return {name: value.to_regular_json() for name, value in item.attrs.items()} if item else {}
