"""The lists of customers by status and by group: rows written with each customer, and the customers of an earlier version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest

from bench.counting import counting
from chalicelib.config import config
from chalicelib.operations import reconcile
from chalicelib.operations.customers import delete_group, list_customers, merge_customers
from chalicelib.rules.customers import Customer, Participant, PortalStatus
from chalicelib.rules.groups import Group
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import customers, dynamodb, erasure, keys
from chalicelib.tables.conditions import THERE
from chalicelib.tables.customers import lists
from chalicelib.tables.customers.lists import MOST_LISTED

STATUSES: tuple[PortalStatus, ...] = ("added", "invited", "accepted")
MANY = tuple(f"g{number:02}" for number in range(MOST_LISTED + 1))


@pytest.fixture(autouse=True)
def known_groups(organisation: Organisation, now: datetime) -> None:
    customers.note_indexed("demo")
    for id in MANY:
        customers.create_group(Group("demo", id, id, now))


def made(now: datetime, id: str, name: str = "Ana", **facts: Any) -> Customer:
    one = Customer(org="demo", id=id, email=f"{id}@example.org", name=name, created_at=now, **facts)
    customers.create(one)
    return one


def listed(limit: int = 50, **filters: str) -> list[str]:
    """Return the ids of a whole list, read in pages of this size; each page but the last is full."""
    found, start = list[str](), None
    while True:
        page = list_customers("demo", **filters, limit=limit, start=start)
        found += [one.id for one in page.items]
        assert len(page.items) == limit or not page.next
        if not (start := page.next):
            return found


def rows() -> set[tuple[str, str]]:
    """Return (list, sort key) of all rows by status and by group."""
    every = dynamodb.scan(TableName=config().records_table)
    return {(entry["pk"]["S"].removeprefix("demo#customers#"), entry["sk"]["S"]) for entry in every if "#customers#" in entry["pk"]["S"]}


def as_an_earlier_version(*, with_words: bool) -> None:
    """Leave what an earlier version has written: perhaps the rows of words, and its mark that all are there."""
    for list_name, key in rows():
        dynamodb.delete(config().records_table, keys.Key(f"demo#customers#{list_name}", key), THERE)
    mark = dynamodb.get(config().records_table, keys.customers_listed("demo"))
    if mark:
        dynamodb.delete(config().records_table, keys.customers_listed("demo"), THERE)
    if with_words:
        dynamodb.put_new(config().records_table, {**keys.customers_searchable("demo").stored(), "complete": {"BOOL": True}})


def crowd(now: datetime, number: int) -> list[Customer]:
    """Make customers of all statuses, with names that sort unlike their ids, in up to all groups."""
    random = Random(34)

    def one(number: int) -> Customer:
        name = random.choice(("ana", "Ana", "Änne", "Ben # Jo", "Łukasz", "zoe", "A" * 300)) + random.choice(("", " Martin", " Marta"))
        joined = random.choice((0, 1, 1, 2, 5, len(MANY)))
        groups = tuple(random.sample(MANY, joined))
        return made(now, f"c{number}", name, status=random.choice(STATUSES), groups=groups)

    return [one(each) for each in range(number)]


FILTERS: list[dict[str, Any]] = [
    {"status": "invited"},
    {"group": "g03"},
    {"group": "g03", "status": "accepted"},
    {"q": "mart", "status": "invited"},
    {"q": "ana", "group": "g03"},
    {"q": "m", "group": "g03", "status": "added"},
    {"q": "example.org", "status": "accepted"},
    {"q": "nobody", "status": "accepted"},
    {"q": "#", "status": "accepted"},
    {"q": "#"},
    {"group": "unknown"},
    {"group": "g" * 3000},
    {"group": "g" * 3000, "q": "ana"},
]


@pytest.mark.parametrize("words", [True, False], ids=["after the words", "before the words"])
def test_lists_are_the_same_in_whatever_pages_and_before_and_after_the_recount(words: bool, now: datetime) -> None:
    everybody = {one.id: one for one in crowd(now, 60)}
    before = [listed(**filters) for filters in FILTERS]
    as_an_earlier_version(with_words=words)
    earlier = [listed(**filters) for filters in FILTERS]
    assert [sorted(one) for one in earlier] == [sorted(one) for one in before]
    assert earlier[:3] == before[:3], "by name"
    reconcile.reconcile("demo", now=now, repair=True)
    for filters, ids in zip(FILTERS, before, strict=True):
        assert [listed(limit, **filters) for limit in (1, 3, 50)] == [ids] * 3, filters
    expected = {id for id, one in everybody.items() if one.status == "accepted" and "g03" in one.groups}
    assert (set(before[2]), len(before[0]) > 5, len(before[2]) > 2) == (expected, True, True)
    assert customers.write_missing("demo") == 0


@pytest.mark.parametrize("filters", FILTERS[:3], ids=str)
def test_a_page_that_began_before_the_recount_goes_on_after_it(filters: dict[str, Any], now: datetime) -> None:
    crowd(now, 40)
    whole = listed(**filters)
    as_an_earlier_version(with_words=True)
    first = list_customers("demo", **filters, limit=2)
    customers.write_missing("demo")
    second = list_customers("demo", **filters, limit=100, start=first.next)
    assert [one.id for one in (*first.items, *second.items)] == whole


def test_customers_change_while_the_recount_writes_the_rows_of_an_earlier_version(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is changed before its rows are written, one between its read and its write, one afterwards, one is new and one is gone."""
    first, second, third, gone = (made(now, f"c{number}", f"Person {number}", groups=("g00",)) for number in range(4))
    as_an_earlier_version(with_words=True)
    customers.save(replace(first, name="Zoe"), was=first)
    transact = dynamodb.transact

    def after_an_edit(writes: Any) -> None:
        monkeypatch.setattr(dynamodb, "transact", transact)
        customers.accept(customers.get("demo", "c1"), "u1")
        customers.delete(gone)
        made(now, "c4", "Zara", groups=("g00",))
        dynamodb.transact(writes)

    monkeypatch.setattr(dynamodb, "transact", after_an_edit)
    customers.write_missing("demo")
    customers.save(replace(third, groups=()), was=third)
    assert (listed(status="accepted"), listed(status="added"), listed(group="g00")) == (["c1"], ["c2", "c4", "c0"], ["c1", "c4", "c0"])
    assert {key for _, key in rows()} == {"person 1#c1", "person 2#c2", "zara#c4", "zoe#c0"}
    assert second.id == "c1"


CHANGES: dict[str, Callable[[Customer], Any]] = {
    "a name": lambda was: customers.save(replace(was, name="Bea"), was=was),
    "fields": lambda was: customers.save(replace(was, fields=(("Allergies", "nuts"),)), was=was),
    "groups": lambda was: customers.save(replace(was, groups=("g01", "g02")), was=was),
    "more groups than have rows": lambda was: customers.save(replace(was, groups=MANY), was=was),
    "an account": lambda was: customers.accept(was, "u1"),
    "nothing any more": lambda was: customers.delete(was),
    "an erasure": lambda was: erasure.delete_customer(was),
}


@pytest.mark.parametrize("groups", [("g01",), MANY], ids=["one group", "many"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_rows_follow_each_change_of_a_customer(change: Callable[[Customer], Any], groups: tuple[str, ...], now: datetime) -> None:
    was = made(now, "c1", groups=groups)
    change(was)
    known = customers.find("demo", ["c1"]).get("c1")
    wanted = {(f"status#{known.status}", f"{known.name.lower()}#c1")} if known else set()
    if known:
        of_groups = ["many-groups"] if len(known.groups) > MOST_LISTED else [f"group#{id}" for id in known.groups]
        wanted |= {(name, f"{known.name.lower()}#c1") for name in of_groups}
    assert rows() == wanted


def test_who_is_in_many_groups_is_listed_in_each_of_them_once(now: datetime) -> None:
    made(now, "c1", "Ana", groups=MANY)
    made(now, "c2", "Bea", groups=("g05",))
    made(now, "c3", "Zoe", groups=MANY)
    assert [listed(limit, group="g05") for limit in (1, 2, 9)] == [["c1", "c2", "c3"]] * 3
    delete_group("demo", "g05", by="owner", now=now)
    assert (listed(group="g05"), listed(group="g04")) == ([], ["c1", "c3"])
    assert {name for name, key in rows() if key == "ana#c1"} == {"status#added", *(f"group#{id}" for id in MANY if id != "g05")}


def test_a_row_that_no_longer_leads_to_its_customer_lists_nobody(now: datetime) -> None:
    """As a version before rows left it, if somebody went back to it for a while."""
    made(now, "c1", groups=("g01",))
    for pk, key in (("status#added", "zoe#c1"), ("status#invited", "ana#c1"), ("group#g02", "ana#c1"), ("status#added", "bea#c9")):
        dynamodb.put_new(config().records_table, keys.Key(f"demo#customers#{pk}", key).stored())
    assert (listed(status="added"), listed(status="invited"), listed(group="g02")) == (["c1"], [], [])


def test_the_largest_customers_fit_into_transactions(now: datetime) -> None:
    """Every word, the name, the address and all groups change at once, then two of them become one."""

    def named(word: str) -> tuple[Participant, ...]:
        return tuple(Participant(f"{word}{number} {word}son{number}") for number in range(50))

    few, other = MANY[:MOST_LISTED], tuple(f"h{number:02}" for number in range(90))
    for id in other:
        customers.create_group(Group("demo", id, id, now))
    was = made(now, "c1", "Ana", participants=named("a"), groups=few)
    wanted = replace(was, name="Bea", email="bea@school.test", participants=named("b"), groups=other[:MOST_LISTED])
    saved = customers.save(wanted, was=was)
    assert saved == replace(wanted, version=saved.version) == customers.get("demo", "c1")
    goes = made(now, "c2", "Cleo", participants=named("c"), groups=few, status="accepted")
    goes = customers.save(replace(goes, groups=other), was=goes)
    goes = customers.save(replace(goes, groups=few), was=goes)
    merged = merge_customers("demo", goes.id, into="c1", now=now)
    assert set(merged.groups) == {*few, *other[:MOST_LISTED]}
    assert rows() == {("status#accepted", "bea#c1"), ("many-groups", "bea#c1")}


def test_a_rare_status_is_found_in_four_requests_among_thousands(now: datetime) -> None:
    """A mark, the rows and their customers; among words also one request of more."""
    people = [made(now, f"c{number}", f"Person {number:03}") for number in range(120)]
    customers.accept(people[7], "u1")
    customers.accept(people[110], "u2")
    with counting() as plain:
        assert listed(status="accepted") == ["c7", "c110"]
    with counting() as of_words:
        assert listed(q="person", status="accepted") == ["c7", "c110"]
    assert (plain.requests, of_words.requests) == (3, 4)
    assert (plain.read_units <= 4, of_words.read_units <= 25) == (True, True), (plain.read_units, of_words.read_units)


def test_lists_that_hardly_meet_are_read_by_leaps(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "LONGEST_PAGE", 4)
    for number in range(60):
        made(now, f"c{number}", f"Person {number:03}", groups=("g01",) if number in (2, 59) else (), status="invited")
    with counting() as counted:
        assert listed(limit=3, group="g01", status="invited") == ["c2", "c59"]
    assert counted.requests <= 7


def test_rows_cost_no_request_more_and_a_change_of_status_two_units_twice(now: datetime) -> None:
    with counting() as new:
        one = made(now, "c1", groups=("g01",))
    with counting() as renamed:
        one = customers.save(replace(one, name="Bea"), was=one)
    with counting() as accepted:
        one = customers.accept(one, "u1")
    with counting() as unlisted:
        customers.save(replace(one, fields=(("Allergies", "nuts"),)), was=one)
    assert [count.names for count in (new, renamed, accepted, unlisted)] == [["TransactWriteItems"]] * 4
    assert accepted.write_units - unlisted.write_units == 4
