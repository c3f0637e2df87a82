"""Contracts under a crowd, on DynamoDB Local: a prefix has one contract, and nothing is left under one that was deleted."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import pytest

from chalicelib.operations import organisations
from chalicelib.operations.contracts import add_participant, create_contract, delete_contract, edit_contract
from chalicelib.rules.contracts import Contract, ContractInUse, PrefixTaken
from chalicelib.rules.drafts.contracts import ContractChanges, ContractDraft, ContractParticipantDraft
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.settings import settings
from chalicelib.tables import contracts, keys, requests

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
THREADS = 16
T = TypeVar("T")


def _patiently(step: Callable[[], T]) -> T:
    while True:
        try:
            return step()
        except Busy:
            continue


def _make(number: int, prefix: str) -> Contract | None:
    draft = ContractDraft(name=f"Acme {number}", client="Acme", prefix=prefix)
    try:
        return _patiently(lambda: create_contract("demo", draft, key=f"key {number}", now=NOW))
    except PrefixTaken:
        return None


def _at_once(steps: Iterable[Callable[[], T]]) -> list[T]:
    with ThreadPoolExecutor(THREADS) as pool:
        return [done.result() for done in [pool.submit(step) for step in steps]]


@pytest.fixture(autouse=True)
def organisation(stage: str) -> None:
    organisations.create("demo", "Demo", now=NOW)


def test_a_prefix_that_many_want_has_one_contract_and_the_terms_are_those_of_the_rows() -> None:
    made = _at_once([partial(_make, number, f"P{number % 4}") for number in range(24)])
    rows = {one.id: one.terms for one in contracts.every("demo")}
    assert sorted(terms.prefix for terms in rows.values()) == ["P0", "P1", "P2", "P3"]
    assert len([one for one in made if one]) == 4
    assert contracts.terms("demo") == rows


def test_edits_and_deletions_at_once_leave_terms_and_rows_the_same() -> None:
    made = [one for one in (_make(number, f"P{number}") for number in range(8)) if one]

    def edit(contract: Contract) -> None:
        with suppress(PrefixTaken, NotFound):
            _patiently(lambda: edit_contract("demo", contract.id, ContractChanges(prefix="SAME"), expected=None))

    def delete(contract: Contract) -> None:
        with suppress(NotFound):
            _patiently(lambda: delete_contract("demo", contract.id))

    _at_once([*(partial(edit, one) for one in made), *(partial(delete, one) for one in made[::2])])
    rows = {one.id: one.terms for one in contracts.every("demo")}
    assert set(rows) == {one.id for one in made[1::2]}
    assert contracts.terms("demo") == rows
    assert [terms.prefix for terms in rows.values()].count("SAME") <= 1


def test_whoever_is_added_while_a_contract_is_deleted_is_refused_or_deleted_with_it() -> None:
    for number in range(6):
        contract = _make(number, f"P{number}")
        assert contract
        adding = [partial(_add, contract, one) for one in range(12)]
        _at_once([*adding[:4], partial(delete_contract, "demo", contract.id), *adding[4:]])
        assert _under(contract) == []
    assert contracts.terms("demo") == {}


def test_what_is_issued_while_a_contract_is_deleted_either_keeps_it_or_is_refused() -> None:
    for number in range(12):
        contract = _make(number, f"P{number}")
        assert contract
        issued, deleted = _at_once([partial(_issue, contract), partial(_delete, contract)])
        assert issued is not deleted
        assert (contract.id in contracts.terms("demo")) is issued
        assert (replace(contract, issued=True) in contracts.every("demo")) is issued


def _add(contract: Contract, number: int) -> None:
    with suppress(NotFound):
        _patiently(lambda: add_participant("demo", contract.id, ContractParticipantDraft(client_id=f"C-{number}"), key=str(number)))


def _issue(contract: Contract) -> bool:
    try:
        requests.transact([contracts.issuing_write(contract)])
    except requests.TransactionFailed:
        return False
    return True


def _delete(contract: Contract) -> bool:
    try:
        _patiently(lambda: delete_contract("demo", contract.id))
    except ContractInUse:
        return False
    return True


def _under(contract: Contract) -> list[str]:
    asked = {":pk": {"S": keys.under_contract("demo", contract.id)}}
    found = requests.query(TableName=settings().records_table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=asked)
    return [entry["sk"]["S"] for entry in found]
