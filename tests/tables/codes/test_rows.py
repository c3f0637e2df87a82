"""The stored form of codes and batches stays: rows of the deployed version are read, and equal rows are written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.rules.codes import Batch, Code, CodePrice, Use
from chalicelib.tables.codes.rows import USES, batch_from, batch_item, code_from, code_item
from chalicelib.tables.items import Item, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"
NEW = Code("demo", "ABCD", "c1", CodePrice("p1", "STD", "Standard", 900, "EUR"), NOW, 1)
NEW_ROW = {
    "pk": "demo#ABCD",
    "listed": "demo#contract#c1",
    "listed_at": "2026-11-22T12:00:00Z##0000000#ABCD",
    "contract": "c1",
    "place": 0,
    "price": {"id": "p1", "code": "STD", "label": "Standard", "amount": 900, "currency": "EUR"},
    "max_redemptions": 1,
    "left": 1,
    "h": {},
    "created_at": "2026-11-22T12:00:00Z",
    "version": 1,
}
FULL = Code(
    org="demo",
    code="ABCD",
    contract="c1",
    price=CodePrice("p1", "STD", "", 0, "EUR", "s1", "indoor"),
    created_at=NOW,
    left=3,
    max_redemptions=5,
    batch="b1",
    number=17,
    participant="x1",
    note="Spare",
    expires_at=NOW,
    version=2,
)
FULL_ROW = {
    "pk": "demo#ABCD",
    "listed": "demo#contract#c1",
    "listed_at": "2026-11-22T12:00:00Z#b1#0000017#",
    "contract": "c1",
    "batch": "b1",
    "place": 17,
    "participant": "x1",
    "price": {"id": "p1", "code": "STD", "amount": 0, "currency": "EUR", "session": "s1", "tag": "indoor"},
    "note": "Spare",
    "max_redemptions": 5,
    "left": 3,
    "h": {},
    "created_at": "2026-11-22T12:00:00Z",
    "expires_at": "2026-11-22T12:00:00Z",
    "version": 2,
}
BATCH = Batch("demo", "c1", "b1", 10, 8, "AB", CodePrice("p1", "STD", "Standard", 900, "EUR"), b"seed", NOW, "owner")
BATCH_ROW = {
    "pk": "demo#contract#c1",
    "sk": "BATCH#b1",
    "quantity": 10,
    "width": 8,
    "prefix": "AB",
    "price": {"id": "p1", "code": "STD", "label": "Standard", "amount": 900, "currency": "EUR"},
    "seed": b"seed",
    "by": "owner",
    "max_redemptions": 1,
    "note": "",
    "job": "",
    "created_at": "2026-11-22T12:00:00Z",
}
FULL_BATCH = replace(BATCH, max_redemptions=2, note="Spring", expires_at=NOW, job="j1")
FULL_BATCH_ROW = {
    "pk": "demo#contract#c1",
    "sk": "BATCH#b1",
    "quantity": 10,
    "width": 8,
    "prefix": "AB",
    "price": {"id": "p1", "code": "STD", "label": "Standard", "amount": 900, "currency": "EUR"},
    "seed": b"seed",
    "by": "owner",
    "max_redemptions": 2,
    "note": "Spring",
    "job": "j1",
    "created_at": "2026-11-22T12:00:00Z",
    "expires_at": "2026-11-22T12:00:00Z",
}


@pytest.mark.parametrize(("code", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_a_code_is_stored_as_it_always_was(code: Code, row: Item) -> None:
    assert code_item(code) == item(row)
    assert code_from(item(row)) == code


def test_a_used_code_is_read() -> None:
    use = {"n": 2, "s": "s1", "v": "n1", "at": "2026-11-22T12:00:00.000250+00:00", "f": True}
    used = Use(2, "s1", "n1", datetime(2026, 11, 22, 12, 0, 0, 250, tzinfo=UTC), is_final=True)
    row = {**FULL_ROW, "h": {"r1": use}, "handed_out_at": WRITTEN, "archived_at": WRITTEN, "funnel": "demo#b1", "funnel_at": "C#ABCD"}
    assert code_from(item(row)) == replace(FULL, uses={"r1": used}, handed_out_at=NOW, archived_at=NOW)
    assert USES.write(used) == use


@pytest.mark.parametrize(("batch", "row"), [(BATCH, BATCH_ROW), (FULL_BATCH, FULL_BATCH_ROW)], ids=["new", "full"])
def test_a_batch_is_stored_as_it_always_was(batch: Batch, row: Item) -> None:
    assert batch_item(batch) == item(row)
    assert batch_from(item(row)) == batch


def test_rows_without_attributes_that_were_added_later_are_read() -> None:
    assert code_from(item({name: value for name, value in NEW_ROW.items() if name not in {"max_redemptions", "place", "version"}})) == NEW
    assert batch_from(item({name: value for name, value in BATCH_ROW.items() if name not in {"max_redemptions", "note", "job"}})) == BATCH
