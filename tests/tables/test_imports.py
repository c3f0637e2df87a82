"""The stored form of imports stays: rows of the deployed version are read, and an equal row is written."""

from datetime import UTC, datetime

import pytest

from chalicelib.rules.imports.imports import Import
from chalicelib.tables import imports
from chalicelib.tables.items import Item, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEW = Import("demo", "m1", "customers", "invalid", "owner", NOW, "sha", "utf-8", "digest", 2)
NEW_ROW = {
    "pk": "demo#imports",
    "sk": "IMPORT#m1",
    "directory": "demo#imports#",
    "directory_at": "2026-11-22T12:00:00+00:00#m1",
    "org": "demo",
    "kind": "customers",
    "status": "invalid",
    "by": "owner",
    "created_at": "2026-11-22T12:00:00Z",
    "file": "sha",
    "encoding": "utf-8",
    "data": "digest",
    "issues": 2,
    "changes": {},
}
FULL = Import(
    org="demo",
    id="m1",
    kind="participants",
    status="valid",
    by="owner",
    created_at=NOW,
    file="sha",
    encoding="windows-1252",
    data="digest",
    issues=0,
    changes={"create": 2, "update": 1, "unchanged": 0},
    contract="c1",
    width=8,
)
FULL_ROW = {
    "pk": "demo#imports",
    "sk": "IMPORT#m1",
    "directory": "demo#imports#c1",
    "directory_at": "2026-11-22T12:00:00+00:00#m1",
    "org": "demo",
    "kind": "participants",
    "status": "valid",
    "by": "owner",
    "created_at": "2026-11-22T12:00:00Z",
    "file": "sha",
    "encoding": "windows-1252",
    "data": "digest",
    "issues": 0,
    "changes": {"create": 2, "update": 1, "unchanged": 0},
    "contract": "c1",
    "width": 8,
}


@pytest.mark.parametrize(("found", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_an_import_is_stored_as_it_always_was(found: Import, row: Item) -> None:
    assert imports._item(found) == item(row)
    assert imports.import_from(item(row)) == found


def test_an_import_keeps_its_job(tables: None) -> None:
    imports.create(FULL)
    assert imports.begin(FULL, "j1").job == imports.get("demo", "m1").job == "j1"
