"""The stored form of groups stays: rows of the deployed version are read, and an equal row is written."""

from datetime import UTC, datetime

from chalicelib.config import config
from chalicelib.rules.groups import Group
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.customers.groups import create_group, get_group
from chalicelib.tables.items import item

NEW = Group("demo", "g1", "Family", datetime(2026, 11, 22, 12, tzinfo=UTC))
ROW = {"pk": "demo#customers", "sk": "GROUP#g1", "name": "Family", "created_at": "2026-11-22T12:00:00Z", "version": 1}


def test_a_group_is_stored_as_it_always_was(tables: None) -> None:
    create_group(NEW)
    assert dynamodb.get(config().records_table, keys.group("demo", "g1")) == item(ROW)
    assert get_group("demo", "g1") == NEW
