"""The search for customers by the words of their names, addresses and telephones, and the rows of an earlier version."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.operations import reconcile
from chalicelib.operations.customers import list_customers, merge_customers
from chalicelib.rules.customers import MOST_PARTICIPANTS, Customer, Participant
from chalicelib.rules.groups import Group
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import customers, dynamodb, keys
from chalicelib.tables.conditions import THERE, Update
from chalicelib.tables.customers import index


def customer(now: datetime, id: str, name: str) -> Customer:
    return Customer(org="demo", id=id, email=f"{id}@example.org", name=name, created_at=now)


def found(q: str) -> list[str]:
    return [one.id for one in list_customers("demo", q=q, limit=9).items]


def as_an_earlier_version(org: str) -> None:
    """Leave of the customers what an earlier version has written: no rows that lead to them, and no note of such."""
    for entry in list(dynamodb.scan(TableName=config().records_table)):
        key = keys.Key(entry["pk"]["S"], entry["sk"]["S"])
        if key.pk.startswith((f"{org}#words#", f"{org}#customers#")) or key == keys.customers_listed(org):
            dynamodb.delete(config().records_table, key, THERE)


def words(org: str) -> set[str]:
    """Return the words that lead to a customer."""
    rows = dynamodb.scan(TableName=config().records_table)
    return {entry["sk"]["S"].partition("#")[0] for entry in rows if entry["pk"]["S"].startswith(f"{org}#words#")}


def test_customers_of_an_earlier_version_are_found_before_and_after_the_recount(organisation: Organisation, now: datetime) -> None:
    customers.create(customer(now, "c1", "Marie Dupont-Martin"))
    as_an_earlier_version("demo")
    dynamodb.update(config().records_table, keys.customer("demo", "c1"), Update().set(sought="|marie|dupont-martin|c1@example.org"), THERE)
    assert (found("dupont"), found("martin")) == (["c1"], [])
    reconcile.reconcile("demo", now=now, repair=True)
    assert (found("dupont"), found("martin")) == (["c1"], ["c1"])
    assert customers.write_missing("demo") == 0


def test_the_recount_writes_the_words_of_many_in_several_runs(organisation: Organisation, now: datetime, monkeypatch: Any) -> None:
    for number in range(7):
        customers.create(customer(now, f"c{number}", f"Person {number}"))
    as_an_earlier_version("demo")
    monkeypatch.setattr(index, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(index, "INDEXED_AT_A_TIME", 4)
    assert customers.write_missing("demo") == 4
    assert not index.indexed("demo").words
    assert customers.write_missing("demo") == 3
    assert index.indexed("demo") == (True, True)
    assert len(found("person")) == 7


def test_a_page_that_began_before_the_recount_goes_on_after_it(organisation: Organisation, now: datetime) -> None:
    for number in range(6):
        customers.create(customer(now, f"c{number}", f"Person {number}"))
    as_an_earlier_version("demo")
    first = list_customers("demo", q="person", limit=4)
    customers.write_missing("demo")
    second = list_customers("demo", q="person", limit=4, start=first.next)
    assert [one.id for one in (*first.items, *second.items)] == [f"c{number}" for number in range(6)]


def test_pages_of_a_search_hold_every_customer_once(organisation: Organisation, now: datetime) -> None:
    """Several words of a customer begin alike, and are found from several pages."""
    for number in range(9):
        participants = (Participant(f"Martina {number}"), Participant(f"Marta {number}"))
        customers.create(replace(customer(now, f"c{number}", f"Martin {number}"), participants=participants))
    seen: list[str] = []
    start = None
    while True:
        page = list_customers("demo", q="mart", limit=2, start=start)
        assert len(page.items) == 2 or not page.next
        seen += [one.id for one in page.items]
        if not (start := page.next):
            break
    assert sorted(seen) == [f"c{number}" for number in range(9)]


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("ada", ["c1"]),
        ("SMI", ["c1"]),
        ("smith ada", ["c1"]),
        ("ada jones", []),
        ("zoë", ["c1"]),
        ("brien", ["c2"]),
        ("obrien", ["c2"]),
        ("ben@school.test", ["c2"]),
        ("school", ["c2"]),
        ("@school.test", ["c2"]),
        ("school.test", ["c2"]),
        ("en@school.test", []),
        ("4711", []),
        ("06 12 34 56 78", ["c1"]),
        ("+33 6 12 34 56 78", ["c1"]),
        ("5678", ["c1"]),
        ("1234", []),
        ("20301", ["c3"]),
        ("20301234", ["c3"]),
        ("2030-1234", []),
    ],
)
def test_what_a_text_finds(organisation: Organisation, now: datetime, q: str, ids: list[str]) -> None:
    customers.note_indexed("demo")
    ada = customer(now, "c1", "Ada Smith")
    customers.create(replace(ada, phone="+33 6 12 34 56 78", participants=(Participant("Zoe Smith"),)))
    customers.create(replace(customer(now, "c2", "Ben O’Brien"), email="ben@school.test"))
    customers.create(replace(customer(now, "c3", "Kai"), email="20301234@mail.test"))
    assert found(q) == ids


def test_an_address_of_digits_is_found_page_by_page_and_a_telephone_number_before_it(organisation: Organisation, now: datetime) -> None:
    customers.note_indexed("demo")
    for number in range(5):
        customers.create(replace(customer(now, f"c{number}", f"Person {number}"), email=f"77770{number}@mail.test"))
    first = list_customers("demo", q="7777", limit=3)
    rest = list_customers("demo", q="7777", limit=3, start=first.next)
    assert [one.id for one in (*first.items, *rest.items)] == [f"c{number}" for number in range(5)]
    customers.create(replace(customer(now, "c9", "Zoe"), phone="01 23 77 77"))
    assert found("7777") == ["c9"]


def test_status_and_group_narrow_a_search(organisation: Organisation, now: datetime) -> None:
    for number in range(30):
        status: Any = "accepted" if number % 10 == 0 else "added"
        customers.create(replace(customer(now, f"c{number:02}", f"Person {number:02}"), status=status))
    first = list_customers("demo", q="person", status="accepted", limit=2)
    rest = list_customers("demo", q="person", status="accepted", limit=2, start=first.next)
    assert [one.id for one in (*first.items, *rest.items)] == ["c00", "c10", "c20"]
    assert not rest.next


def test_a_deleted_customer_leaves_no_word(organisation: Organisation, now: datetime) -> None:
    one = customer(now, "c1", "Ana Martin")
    customers.create(one)
    customers.delete(one)
    assert words("demo") == set()


def test_a_merged_customer_is_found_by_the_words_of_both(organisation: Organisation, now: datetime) -> None:
    customers.create(customer(now, "c1", "Ana"))
    customers.create(replace(customer(now, "c2", "Anna"), email="other@school.test"))
    merge_customers("demo", "c2", into="c1", now=now)
    assert (found("ana"), found("anna"), found("school")) == (["c1"], [], ["c1"])
    assert "anna" not in words("demo")


def test_the_largest_customer_fits_into_a_transaction(organisation: Organisation, now: datetime) -> None:
    def named(word: str) -> tuple[Participant, ...]:
        return tuple(Participant(f"{word}{number} {word}son{number}") for number in range(MOST_PARTICIPANTS))

    was = replace(customer(now, "c1", "Ana"), participants=named("a"))
    customers.create(was)
    saved = customers.save(replace(was, name="Bea", participants=named("b")), was=was)
    other = replace(customer(now, "c2", "Cleo"), participants=named("c"))
    customers.create(other)
    customers.merge(other, replace(saved, name="Dora", participants=named("d")), was=saved, now=now)
    assert (found("dora"), found("ana"), found("cleo")) == (["c1"], [], [])


def test_addresses_of_customers_that_an_earlier_version_has_merged_are_named_by_the_recount(
    organisation: Organisation, now: datetime
) -> None:
    stays, goes = customer(now, "c1", "Ana"), customer(now, "c2", "Anna")
    customers.create(stays)
    customers.create(goes)
    merge_customers("demo", goes.id, into=stays.id, now=now)
    for email in (stays.email, goes.email):
        dynamodb.update(config().records_table, keys.address("demo", email), Update().remove("addresses"), THERE)
    assert customers.other_addresses("demo", goes.email) == ()
    reconcile.reconcile("demo", now=now, repair=True)
    assert (customers.other_addresses("demo", goes.email), customers.other_addresses("demo", stays.email)) == (
        (stays.email,),
        (goes.email,),
    )
    assert customers.name_addresses("demo") == 0


def test_a_renamed_customer_is_found_by_the_new_name_only(organisation: Organisation, now: datetime) -> None:
    was = customer(now, "c1", "Ana Martin")
    customers.create(was)
    customers.save(replace(was, name="Ana O’Brien"), was=was)
    assert (found("brien"), found("martin")) == (["c1"], [])


def test_the_recount_writes_the_words_of_a_customer_who_is_edited_meanwhile(
    organisation: Organisation, now: datetime, monkeypatch: Any
) -> None:
    """An edit that changes no word writes no rows: those that an earlier version left out must come from the recount."""
    customers.create(customer(now, "c1", "Marie Dupont"))
    as_an_earlier_version("demo")
    transact = dynamodb.transact

    def after_an_edit(writes: Any) -> None:
        monkeypatch.setattr(dynamodb, "transact", transact)
        was = customers.get("demo", "c1")
        customers.save(replace(was, fields=(("Allergies", "nuts"),)), was=was)
        dynamodb.transact(writes)

    monkeypatch.setattr(dynamodb, "transact", after_an_edit)
    assert customers.write_missing("demo") == 1
    assert found("dupont") == ["c1"]


def test_an_edit_may_change_every_word_and_every_group_at_once(organisation: Organisation, now: datetime) -> None:
    """That is more than one transaction has room for."""
    names = [Participant(f"Before{number}") for number in range(28)]
    was = replace(customer(now, "c1", "Marie Dupont"), participants=tuple(names))
    customers.create(was)
    groups = tuple(f"g{number}" for number in range(50))
    for group in groups:
        customers.create_group(Group("demo", group, group, now))
    renamed = tuple(Participant(f"After{number}") for number in range(28))
    wanted = replace(was, name="Ada Smith", email="ada@school.test", participants=renamed, groups=groups)
    saved = customers.save(wanted, was=was)
    assert customers.get("demo", "c1") == saved == replace(wanted, version=saved.version)
    assert (found("after7"), found("before7")) == (["c1"], [])
