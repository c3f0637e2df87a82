"""Rows that are read together: they answer the reads of a block until it writes."""

import pytest

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS, Update
from chalicelib.tables.items import stored
from tests.operations.request_counter import counted

pytestmark = pytest.mark.usefixtures("tables")
HERE, GONE, OTHER = (keys.customer("demo", id) for id in ("here", "gone", "other"))


@pytest.fixture
def table(tables: None) -> str:
    found = config().records_table
    for key in (HERE, OTHER):
        dynamodb.put_new(found, {**key.stored(), "name": stored("Ana")})
    return found


def test_reads_of_the_block_take_no_request_also_of_what_is_not_there(table: str) -> None:
    with dynamodb.read_together({table: [HERE, GONE]}), counted() as counts:
        assert dynamodb.get(table, HERE) == {**HERE.stored(), "name": stored("Ana")}
        assert dynamodb.get(table, GONE) is None
        assert list(dynamodb.batch_get({table: [HERE, GONE]})) == [HERE]
    assert counts == {}


def test_only_what_was_not_read_is_asked_for(table: str) -> None:
    with dynamodb.read_together({table: [HERE]}), counted() as counts:
        assert set(dynamodb.batch_get({table: [HERE, OTHER]})) == {HERE, OTHER}
    assert counts == {"BatchGetItem": 1}


def test_after_a_write_every_row_is_read_anew(table: str) -> None:
    with dynamodb.read_together({table: [HERE]}):
        dynamodb.update(table, HERE, Update().set(name="Bea"), ALWAYS)
        assert (dynamodb.get(table, HERE) or {})["name"] == stored("Bea")
    with dynamodb.read_together({table: [HERE]}):
        dynamodb.transact([dynamodb.update_write(table, HERE, Update().set(name="Cleo"), ALWAYS)])
        assert (dynamodb.get(table, HERE) or {})["name"] == stored("Cleo")


def test_after_the_block_rows_are_read_anew(table: str) -> None:
    with dynamodb.read_together({table: [HERE]}):
        pass
    dynamodb.update(table, HERE, Update().set(name="Bea"), ALWAYS)
    assert (dynamodb.get(table, HERE) or {})["name"] == stored("Bea")
