"""The stored form of discount codes stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.config import config
from chalicelib.rules.discounts import Discount
from chalicelib.tables import discounts, dynamodb, keys
from chalicelib.tables.conditions import THERE, Update
from chalicelib.tables.items import Item, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEW = Discount("demo", "Early", "percent", 10, "", NOW)
NEW_ROW = {
    "pk": "demo#discounts",
    "sk": "DISCOUNT#EARLY",
    "code": "Early",
    "kind": "percent",
    "value": 10,
    "currency": "",
    "created_at": "2026-11-22T12:00:00Z",
    "sessions": [],
    "tags": [],
    "active": True,
    "made_by": "",
    "version": 1,
    "used": 0,
}
FULL = Discount(
    org="demo",
    code="Early",
    kind="fixed",
    value=500,
    currency="EUR",
    created_at=NOW,
    starts_at=NOW,
    ends_at=NOW,
    max_uses=10,
    max_uses_per_customer=1,
    sessions=("s1",),
    tags=("indoor", "warm"),
    active=False,
    made_by="request",
    version=4,
)
FULL_ROW = {
    "pk": "demo#discounts",
    "sk": "DISCOUNT#EARLY",
    "code": "Early",
    "kind": "fixed",
    "value": 500,
    "currency": "EUR",
    "created_at": "2026-11-22T12:00:00Z",
    "starts_at": "2026-11-22T12:00:00Z",
    "ends_at": "2026-11-22T12:00:00Z",
    "max_uses": 10,
    "max_uses_per_customer": 1,
    "sessions": ["s1"],
    "tags": ["indoor", "warm"],
    "active": False,
    "made_by": "request",
    "version": 4,
    "used": 0,
}


@pytest.mark.parametrize(("discount", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_a_discount_code_is_stored_as_it_always_was(tables: None, discount: Discount, row: Item) -> None:
    assert discounts.create(discount) == discount
    assert dynamodb.get(config().records_table, keys.discount("demo", "early")) == item(row)
    assert discounts.find("demo", "early") == discount


def test_an_edit_removes_what_is_empty_and_leaves_the_count_of_uses(tables: None) -> None:
    discounts.create(FULL)
    key = keys.discount("demo", "Early")
    dynamodb.update(config().records_table, key, Update().add(used=3), THERE)
    saved = discounts.save(NEW, was=FULL)
    assert saved == replace(NEW, used=3, version=5)
    assert dynamodb.get(config().records_table, key) == item({**NEW_ROW, "used": 3, "version": 5})
