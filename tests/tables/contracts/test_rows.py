"""The stored form of contracts, prices and participants stays: rows of the deployed version are read, and equal rows are written."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.config import config
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.money import Money
from chalicelib.tables import contracts, dynamodb, keys
from chalicelib.tables.contracts import rows
from chalicelib.tables.items import Item, item, plain

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"

NEW = Contract("demo", "c1", "Acme 2026", "Acme", "", None, None, True, "client_id", NOW)
NEW_ROW = {
    "pk": "demo#contracts",
    "sk": "CONTRACT#c1",
    "name": "Acme 2026",
    "client": "Acme",
    "identifier": "client_id",
    "version": 1,
    "prefix": "",
    "active": True,
    "created_at": "2026-11-22T12:00:00Z",
}
FULL = Contract("demo", "c1", "Acme", "Acme SA", "AB", date(2026, 1, 1), date(2026, 12, 31), False, "email", NOW, version=4)
FULL_ROW = {
    "pk": "demo#contracts",
    "sk": "CONTRACT#c1",
    "name": "Acme",
    "client": "Acme SA",
    "identifier": "email",
    "version": 4,
    "prefix": "AB",
    "active": False,
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "created_at": "2026-11-22T12:00:00Z",
}
PRICE = ContractPrice("demo", "c1", "p1", "STD", "Standard", Money(900, "EUR"))
PRICE_ROW = {
    "pk": "demo#contract#c1",
    "sk": "PRICE#p1",
    "code": "STD",
    "label": "Standard",
    "price": {"amount": 900, "currency": "EUR"},
    "version": 1,
}
FULL_PRICE = ContractPrice("demo", "c1", "p1", "STD", "", Money(0, "EUR"), "s1", "indoor", 3)
FULL_PRICE_ROW = {
    "pk": "demo#contract#c1",
    "sk": "PRICE#p1",
    "code": "STD",
    "label": "",
    "price": {"amount": 0, "currency": "EUR"},
    "session": "s1",
    "tag": "indoor",
    "version": 3,
}
PARTICIPANT = ContractParticipant("demo", "c1", "x1", client_id="E-1")
PARTICIPANT_ROW = {
    "pk": "demo#contract#c1",
    "sk": "PARTICIPANT#x1",
    "directory": "demo#contract#c1",
    "directory_at": "e-1#x1",
    "sought": "|e-1|e|1",
    "client_id": "E-1",
    "version": 1,
}
FULL_PARTICIPANT = ContractParticipant(
    "demo", "c1", "x1", "E-1", "Léo Martin", "leo@example.org", (("Team", "A"), ("Size", "S")), ("Team",), ("ABCD", "EFGH"), 5
)
FULL_PARTICIPANT_ROW = {
    "pk": "demo#contract#c1",
    "sk": "PARTICIPANT#x1",
    "directory": "demo#contract#c1",
    "directory_at": "leo martin#x1",
    "sought": "|leo|martin|e-1|leo@example.org|e|1|example|org",
    "client_id": "E-1",
    "name": "Léo Martin",
    "email": "leo@example.org",
    "details": [["Team", "A"], ["Size", "S"]],
    "shareable": ["Team"],
    "codes": ["ABCD", "EFGH"],
    "version": 5,
}


@pytest.mark.parametrize(("contract", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_a_contract_is_stored_as_it_always_was(contract: Contract, row: Item) -> None:
    assert rows.contract_item(contract) == item(row)
    assert rows.contract_from("demo", item(row)) == contract
    used = rows.contract_from("demo", item({**row, "issued": True, "peopled": True, "of_the_next_version": "x"}))
    assert used == replace(contract, issued=True, peopled=True)


@pytest.mark.parametrize(("price", "row"), [(PRICE, PRICE_ROW), (FULL_PRICE, FULL_PRICE_ROW)], ids=["new", "full"])
def test_a_price_is_stored_as_it_always_was(price: ContractPrice, row: Item) -> None:
    assert rows.price_item(price) == item(row)
    assert rows.price_from("demo", "c1", item(row)) == price


@pytest.mark.parametrize(
    ("participant", "row"), [(PARTICIPANT, PARTICIPANT_ROW), (FULL_PARTICIPANT, FULL_PARTICIPANT_ROW)], ids=["new", "full"]
)
def test_a_participant_is_stored_as_it_always_was(participant: ContractParticipant, row: Item) -> None:
    assert rows.participant_item(participant) == item(row)
    assert rows.participant_from("demo", "c1", item(row)) == participant


def test_an_edit_removes_what_is_empty_and_leaves_what_an_edit_may_not_change(tables: None) -> None:
    contracts.create(FULL)
    dynamodb.transact([contracts.codes_write(FULL)])
    edited = replace(NEW, created_at=datetime(2027, 1, 1, tzinfo=UTC), identifier="email")
    contracts.save(edited, was=replace(FULL, issued=True))
    left = {**NEW_ROW, "identifier": "email", "version": 5, "issued": True}
    assert dynamodb.get(config().records_table, keys.contract("demo", "c1")) == item(left)


def test_the_terms_of_all_contracts_are_stored_as_they_always_were(tables: None) -> None:
    contracts.create(FULL)
    contracts.create(replace(NEW, id="c2"))
    found = dynamodb.get(config().records_table, keys.contract_terms("demo"))
    assert found is not None
    assert plain(found)["contracts"] == {
        "c1": {"prefix": "AB", "active": False, "starts_on": "2026-01-01", "ends_on": "2026-12-31"},
        "c2": {"prefix": "", "active": True},
    }
    assert contracts.terms_of(found) == {"c1": FULL.terms, "c2": NEW.terms}
