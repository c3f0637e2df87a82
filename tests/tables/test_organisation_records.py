"""What leads to an organisation's rows in Records: a kind of row with a partition of its own must be named there."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.tables import keys, organisation_records
from chalicelib.tables.items import Item, item

ORG = "demo"
SAMPLES: dict[str, Any] = {"org": ORG, "status": "added", "group": "g1", "contract": "c1", "webhook_id": "w1", "year": 2026, "first": 1}
ELSEWHERE = {"audit_of", "imports_of", "code", "issued", "customer_word", "customer_words", "organisation_listed"}
"""Partitions of an index, keys of another table, those that begin with a word, and the list of all organisations."""


def _made(function: Any) -> str:
    """Return the partition that a function of keys names for samples."""
    wanted = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    made = function(**{one.name: SAMPLES.get(one.name, "x") for one in wanted})
    return str(made.pk if isinstance(made, keys.Key) else made)


def named() -> Iterator[tuple[str, str]]:
    """Yield the functions that name partitions of Records, and a partition of each."""
    for module in (keys.records, keys.contracts):
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and name not in ELSEWHERE | {"discount_shares"}:
                yield name, _made(function)
    yield "address", _made(keys.address)


def row(key: keys.Key, **values: Any) -> Item:
    return {**key.stored(), **item(values)}


LEADING = [
    row(keys.contract(ORG, "c1")),
    row(keys.webhook(ORG, "w1")),
    row(keys.group(ORG, "g1")),
]


@pytest.mark.parametrize(("name", "pk"), list(named()), ids=lambda value: value)
def test_every_partition_is_found(name: str, pk: str) -> None:
    led_to = {found for one in LEADING for found in organisation_records.leads_to(ORG, one)}
    assert pk in {*organisation_records.partitions(ORG), *led_to}, f"keys.{name} names a partition that an export would not find"


def test_a_merged_customer_leads_nowhere() -> None:
    assert list(organisation_records.leads_to(ORG, row(keys.customer(ORG, "x"), merged_into="y"))) == []
