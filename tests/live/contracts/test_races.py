"""Races for contracts, on DynamoDB Local: a prefix has one contract, and a deleted contract leaves nothing behind."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import pytest

from chalicelib.config import config
from chalicelib.operations import organisations
from chalicelib.operations.contracts import add_participant, create_contract, delete_contract, edit_contract
from chalicelib.rules.contracts import Contract, ContractInUse, PrefixTaken
from chalicelib.rules.inputs.contracts import ContractChanges, ContractInput, ContractParticipantInput
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import contracts, dynamodb, keys

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
    draft = ContractInput(name=f"Acme {number}", client="Acme", prefix=prefix)
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


def test_a_contested_prefix_has_one_contract_with_consistent_terms() -> None:
    made = _at_once([partial(_make, number, f"P{number % 4}") for number in range(24)])
    rows = {one.id: one.terms for one in contracts.every("demo")}
    assert sorted(terms.prefix for terms in rows.values()) == ["P0", "P1", "P2", "P3"]
    assert len([one for one in made if one]) == 4
    assert contracts.terms("demo") == rows


def test_concurrent_edits_and_deletions_leave_terms_and_rows_consistent() -> None:
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


def test_a_participant_added_during_a_deletion_is_refused_or_deleted_too() -> None:
    for number in range(6):
        contract = _make(number, f"P{number}")
        assert contract
        adding = [partial(_add, contract, one) for one in range(12)]
        _at_once([*adding[:4], partial(delete_contract, "demo", contract.id), *adding[4:]])
        assert _under(contract) == []
    assert contracts.terms("demo") == {}


def test_a_code_issued_during_a_deletion_is_refused_or_keeps_the_contract() -> None:
    for number in range(12):
        contract = _make(number, f"P{number}")
        assert contract
        issued, deleted = _at_once([partial(_issue, contract), partial(_delete, contract)])
        assert issued is not deleted
        assert (contract.id in contracts.terms("demo")) is issued
        assert (replace(contract, issued=True) in contracts.every("demo")) is issued


def _add(contract: Contract, number: int) -> None:
    with suppress(NotFound):
        _patiently(lambda: add_participant("demo", contract.id, ContractParticipantInput(client_id=f"C-{number}"), key=str(number)))


def _issue(contract: Contract) -> bool:
    try:
        dynamodb.transact([contracts.codes_write(contract)])
    except dynamodb.TransactionFailed:
        return False
    return True


def _delete(contract: Contract) -> bool:
    try:
        _patiently(lambda: delete_contract("demo", contract.id))
    except ContractInUse:
        return False
    return True


def _under(contract: Contract) -> list[str]:
    values = {":pk": {"S": keys.under_contract("demo", contract.id)}}
    found = dynamodb.query(TableName=config().records_table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)
    return [entry["sk"]["S"] for entry in found]
