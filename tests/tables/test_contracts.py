"""Stored contracts: prefixes are unique, guards are written and deleted with their rows, and deleting a contract leaves nothing."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime

import pytest

from chalicelib.config import config
from chalicelib.rules.contracts import (
    Contract,
    ContractHasParticipants,
    ContractInUse,
    ContractParticipant,
    ContractPrice,
    ContractTerms,
    ParticipantExists,
    ParticipantHasCodes,
    PrefixTaken,
    PriceCodeTaken,
)
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.tables import contracts, dynamodb, keys, organisations

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def contract(tables: None, now: datetime) -> Contract:
    return _made(now)


def _made(now: datetime, own: str = "a", prefix: str = "AB") -> Contract:
    made = Contract("demo", own, "Acme 2026", "Acme", prefix, None, date(2026, 12, 31), True, "client_id", now)
    contracts.create(made)
    return made


def _price(own: str = "p1", code: str = "STD") -> ContractPrice:
    return ContractPrice("demo", "a", own, code, "Standard", Money(1250, "EUR"), tag="health")


def _participant(own: str = "x", client_id: str = "C-1", **facts: object) -> ContractParticipant:
    return ContractParticipant("demo", "a", own, client_id, **facts)  # type: ignore[arg-type]


def _left() -> list[str]:
    found = [
        entry["sk"]["S"]
        for pk in (keys.under_contract("demo", "a"), "demo#contracts")
        for entry in dynamodb.query(
            TableName=config().records_table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}
        )
    ]
    return sorted(found)


def test_a_contract_is_written_once_and_read_as_it_is(contract: Contract) -> None:
    contracts.create(replace(contract, name="Another"))
    assert contracts.get("demo", "a") == contract
    assert contracts.every("demo") == [contract]
    assert contracts.terms("demo") == {"a": ContractTerms("AB", True, None, date(2026, 12, 31))}


def test_a_prefix_is_taken_once_and_free_again_when_it_changes(contract: Contract, now: datetime) -> None:
    with pytest.raises(PrefixTaken):
        _made(now, "b")
    other = _made(now, "b", "")
    with pytest.raises(PrefixTaken):
        contracts.save(replace(other, prefix="AB"), was=other)
    contracts.save(replace(contract, prefix="CD"), was=contract)
    assert contracts.save(replace(other, prefix="AB"), was=other).version == 2
    assert {own: terms.prefix for own, terms in contracts.terms("demo").items()} == {"a": "CD", "b": "AB"}


@pytest.mark.parametrize(("prefix", "refused"), [("XY", True), ("YZ", False)])
def test_who_is_second_at_the_same_moment_reads_again(
    contract: Contract, now: datetime, monkeypatch: pytest.MonkeyPatch, prefix: str, refused: bool
) -> None:
    transact = dynamodb.transact

    def another_is_first(writes: object) -> None:
        monkeypatch.setattr(dynamodb, "transact", transact)
        _made(now, "c", "XY")
        transact(writes)  # type: ignore[arg-type]

    monkeypatch.setattr(dynamodb, "transact", another_is_first)
    with pytest.raises(PrefixTaken) if refused else nullcontext():
        _made(now, "b", prefix)
    assert set(contracts.terms("demo")) == {one.id for one in contracts.every("demo")} == ({"a", "c"} if refused else {"a", "b", "c"})


def test_an_edit_keeps_what_others_noted_on_the_contract(contract: Contract) -> None:
    dynamodb.transact([contracts.codes_write(contract)])
    contracts.create_participant(contract, _participant())
    saved = contracts.save(replace(contract, name="Acme 2027", ends_on=None), was=contract)
    read = contracts.get("demo", "a")
    assert read == replace(saved, issued=True, peopled=True)
    assert (read.name, read.ends_on, read.version) == ("Acme 2027", None, 2)
    with pytest.raises(ChangedMeanwhile):
        contracts.save(replace(contract, name="Late"), was=contract)


def test_the_identifier_stays_once_there_are_participants(contract: Contract) -> None:
    changed = contracts.save(replace(contract, identifier="email"), was=contract)
    with pytest.raises(ChangedMeanwhile):
        contracts.create_participant(contract, _participant())
    contracts.create_participant(changed, _participant(email="ana@example.org"))
    with pytest.raises(ContractHasParticipants):
        contracts.save(replace(changed, identifier="client_id"), was=changed)


def test_price_codes_are_unique_without_case(contract: Contract) -> None:
    contracts.create_price(_price())
    contracts.create_price(_price())
    with pytest.raises(PriceCodeTaken) as refused:
        contracts.create_price(_price("p2", "std"))
    assert refused.value.price == "p1"
    recased = contracts.save_price(replace(_price(), code="Std"), was=_price())
    renamed = contracts.save_price(replace(recased, code="VIP"), was=recased)
    contracts.create_price(_price("p2", "std"))
    with pytest.raises(PriceCodeTaken):
        contracts.save_price(replace(renamed, code="STD"), was=renamed)
    assert [price.code for price in contracts.prices("demo", "a")] == ["VIP", "std"]
    contracts.delete_price(renamed)
    with pytest.raises(NotFound):
        contracts.get_price("demo", "a", "p1")
    contracts.create_price(_price("p3", "vip"))


def test_a_price_can_be_demanded_by_a_transaction(contract: Contract, now: datetime) -> None:
    organisations.create(Organisation("demo", "Demo", now, time_zone="Asia/Tokyo"))
    with pytest.raises(dynamodb.TransactionFailed):
        dynamodb.transact([contracts.price_check(_price()), contracts.codes_write(contract)])
    contracts.create_price(_price())
    dynamodb.transact([contracts.price_check(_price()), contracts.codes_write(contract)])
    issued, price, zone = contracts.get_with_price("demo", "a", "p1")
    assert (issued.issued, price, zone) == (True, _price(), "Asia/Tokyo")
    dynamodb.transact([contracts.price_check(_price()), contracts.codes_write(issued)])


def test_identifiers_are_unique_without_case(contract: Contract) -> None:
    contracts.create_participant(contract, _participant())
    with pytest.raises(ParticipantExists) as refused:
        contracts.create_participant(contract, _participant("y", "c-1"))
    assert refused.value.participant == "x"
    read = contracts.get_participant("demo", "a", "x")
    contracts.save_participant(contract, replace(read, client_id="C-2"), was=read)
    contracts.create_participant(contract, _participant("y", "c-1"))
    with pytest.raises(ChangedMeanwhile):
        contracts.save_participant(contract, replace(read, client_id="C-3"), was=read)


def test_participants_keep_all_that_is_known_and_are_found(contract: Contract) -> None:
    ana = _participant(name="Ana Díaz", email="ana@example.org", details=(("Team", "Sales"), ("Age", "40")), shareable=("Team",))
    ben = _participant("y", "C-2", name="ben")
    for one in (ben, ana):
        contracts.create_participant(contract, one)
    assert sorted(contracts.participants("demo", "a"), key=lambda one: one.id) == [ana, ben]
    first, start = contracts.participant_page("demo", "a", q="", limit=1, start=None)
    assert (first, start is not None) == ([ana], True)
    assert contracts.participant_page("demo", "a", q="", limit=9, start=start) == ([ben], None)
    for q, found in (("dí an", [ana]), ("c-2", [ben]), ("ANA@", [ana]), ("zoe", [])):
        assert contracts.participant_page("demo", "a", q=q, limit=9, start=None)[0] == found


def test_codes_are_given_and_taken_and_keep_their_participant(contract: Contract) -> None:
    contracts.create_participant(contract, _participant())
    for code in ("AAA", "BBB"):
        dynamodb.transact([contracts.assign_write(_participant(), code)])
    given = contracts.get_participant("demo", "a", "x")
    assert (given.codes, given.version) == (("AAA", "BBB"), 3)
    with pytest.raises(ParticipantHasCodes) as refused:
        contracts.delete_participant(contract, given)
    assert refused.value.codes == ["AAA", "BBB"]
    for code in given.codes:
        dynamodb.transact([contracts.unassign_write(contracts.get_participant("demo", "a", "x"), code)])
    with pytest.raises(dynamodb.TransactionFailed):
        dynamodb.transact([contracts.assign_write(_participant("nobody"), "CCC")])
    contracts.delete_participant(contract, contracts.get_participant("demo", "a", "x"))
    contracts.create_participant(contract, _participant("y"))


def test_a_code_assigned_meanwhile_keeps_the_participant(contract: Contract) -> None:
    contracts.create_participant(contract, _participant())
    dynamodb.transact([contracts.assign_write(_participant(), "AAA")])
    with pytest.raises(ChangedMeanwhile):
        contracts.delete_participant(contract, _participant())


def test_what_was_issued_under_is_not_deleted(contract: Contract) -> None:
    dynamodb.transact([contracts.codes_write(contract)])
    with pytest.raises(ContractInUse):
        contracts.close("demo", "a", expected=None)
    assert contracts.terms("demo")["a"].prefix == "AB"


def test_deleting_is_done_at_once_for_everybody_and_can_be_gone_on_with(contract: Contract, now: datetime) -> None:
    contracts.create_price(_price())
    contracts.create_participant(contract, _participant())
    with pytest.raises(ChangedMeanwhile):
        contracts.close("demo", "a", expected=7)
    for _ in range(2):
        contracts.close("demo", "a", expected=None)
    assert contracts.every("demo") == []
    assert contracts.terms("demo") == {}
    with pytest.raises(NotFound):
        contracts.get("demo", "a")
    with pytest.raises(NotFound):
        contracts.create_price(_price("p2", "NEW"))
    with pytest.raises(ChangedMeanwhile):
        contracts.create_participant(contract, _participant("y", "C-2"))
    with pytest.raises(dynamodb.TransactionFailed):
        dynamodb.transact([contracts.codes_write(contract)])
    _made(now, "b")
    contracts.remove("demo", "a")
    assert _left() == ["CONTRACT#b"]
    with pytest.raises(NotFound):
        contracts.close("demo", "a", expected=None)


def test_an_existing_contract_is_not_removed(contract: Contract) -> None:
    contracts.create_price(_price())
    with pytest.raises(NotFound):
        contracts.remove("demo", "a")
    assert contracts.get_price("demo", "a", "p1") == _price()
    assert contracts.get("demo", "a") == contract
