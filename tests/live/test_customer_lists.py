"""The lists of customers by status and group under races, on DynamoDB Local: they agree with the customers whatever the order of changes.

All changes of a customer are made over the same version at first, so that they meet at any speed. The control takes the guard out.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.operations import organisations
from chalicelib.rules.customers import Customer
from chalicelib.rules.groups import Group
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import customers, dynamodb, erasure, messages
from chalicelib.tables.conditions import ALWAYS
from chalicelib.tables.customers import index, portal_account, portal_invitations, writes
from chalicelib.tables.customers.lists import list_writes

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = 12
SENTINEL = "zyzzyva"
Change = Callable[[Customer], Any]


@pytest.fixture(autouse=True)
def everybody(stage: str) -> list[str]:
    organisations.create("demo", "Demo", now=NOW)
    for id in ("g1", "g2"):
        customers.create_group(Group("demo", id, id, NOW))
    ids = [f"c{number}" for number in range(PEOPLE)]
    for id in ids:
        customers.create(Customer("demo", id, f"{id}@example.org", f"{SENTINEL} {id}", NOW, groups=("g1",)))
        messages.add(_letter(id))
    return ids


def _letter(id: str) -> Message:
    return Message("demo", f"m-{id}", "portal_invitation", f"{id}@example.org", "en", NOW)


def _invited(was: Customer) -> None:
    customers.note_sent(_letter(was.id), replace(was, status="invited" if was.status == "added" else was.status), was=was)


CHANGES: list[Change] = [
    _invited,
    lambda was: customers.accept(was, f"user-{was.id}"),
    lambda was: customers.save(replace(was, name=f"Ana {SENTINEL} {was.id}"), was=was),
    lambda was: customers.save(replace(was, groups=("g2",)), was=was),
]


def _race(id: str, changes: list[Change]) -> None:
    """Make all changes of one customer at once, each over the version that all have read, and again over what it finds then."""
    met = Barrier(len(changes))

    def make(change: Change) -> None:
        was = customers.get("demo", id)
        met.wait(30)
        while True:
            try:
                change(was)
            except ChangedMeanwhile:
                try:
                    was = customers.get("demo", id)
                except NotFound:
                    return
            else:
                return

    with ThreadPoolExecutor(len(changes)) as pool:
        list(pool.map(make, changes))


def _stored() -> list[dict[str, Any]]:
    return list(dynamodb.scan(TableName=config().records_table, ConsistentRead=True))


def _rows() -> set[tuple[str, str]]:
    return {(row["pk"]["S"], row["sk"]["S"]) for row in _stored() if row["pk"]["S"].startswith("demo#customers#")}


def _wanted(ids: list[str]) -> set[tuple[str, str]]:
    """Return the rows that the customers must have, by their own rows."""
    puts = (put["Put"]["Item"] for one in customers.find("demo", ids).values() for put in list_writes(one))
    return {(row["pk"]["S"], row["sk"]["S"]) for row in puts}


def test_lists_agree_with_customers_whom_several_change_at_once(everybody: list[str]) -> None:
    for id in everybody:
        _race(id, CHANGES)
    known = customers.find("demo", everybody)
    assert {(one.status, one.name.startswith("Ana"), one.groups) for one in known.values()} == {("accepted", True, ("g2",))}
    assert _rows() == _wanted(everybody)


def test_who_is_erased_meanwhile_is_in_no_list(everybody: list[str]) -> None:
    for id in everybody:
        _race(id, [*CHANGES, erasure.delete_customer])
    assert customers.find("demo", everybody) == {}
    assert [row for row in _stored() if SENTINEL in str(row)] == []


def test_the_recount_writes_rows_of_customers_whom_others_change_and_erase(everybody: list[str]) -> None:
    for id in everybody[::2]:
        _race(id, [*CHANGES, index._index])
    for id in everybody[1::2]:
        _race(id, [erasure.delete_customer, CHANGES[1], index._index])
    assert _rows() == _wanted(everybody)
    assert set(customers.find("demo", everybody)) == set(everybody[::2])


@pytest.mark.parametrize("unguarded", [portal_account, portal_invitations, writes], ids=lambda module: module.__name__.rpartition(".")[2])
def test_without_the_version_that_was_read_lists_disagree(unguarded: Any, everybody: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unguarded, "as_read", lambda _: ALWAYS)
    for id in everybody:
        _race(id, CHANGES)
    assert _rows() != _wanted(everybody)
