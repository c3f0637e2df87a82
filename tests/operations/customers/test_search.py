"""The search for customers: rows of an earlier release, and the requests of a search among thousands."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import reconcile
from chalicelib.operations.customers import list_customers, merge_customers
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import customers, dynamodb, keys
from chalicelib.tables.conditions import THERE, Update
from chalicelib.tables.customers.rows import customer_item


def customer(now: datetime, id: str, name: str) -> Customer:
    return Customer(org="demo", id=id, email=f"{id}@example.org", name=name, created_at=now)


def found(q: str) -> list[str]:
    return [one.id for one in list_customers("demo", q=q, limit=9).items]


def test_customers_of_an_earlier_release_are_found_by_half_a_name_after_the_recount(organisation: Organisation, now: datetime) -> None:
    customers.create(customer(now, "c1", "Marie Dupont-Martin"))
    dynamodb.update(config().records_table, keys.customer("demo", "c1"), Update().set(sought="|marie|dupont-martin|c1@example.org"), THERE)
    assert (found("dupont"), found("martin")) == (["c1"], [])
    reconcile.reconcile("demo", now=now, repair=True)
    assert found("martin") == ["c1"]
    assert customers.make_searchable("demo") == 0


def test_addresses_of_customers_that_an_earlier_release_has_merged_are_named_by_the_recount(
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


def test_a_search_among_three_thousand_takes_at_most_five_requests(organisation: Organisation, now: datetime, monkeypatch: Any) -> None:
    rows = [customer_item(customer(now, f"c{number}", f"Person {number} Dupont-Martin{number}")) for number in range(3000)]
    for first in range(0, len(rows), 25):
        requests: Any = {config().records_table: [{"PutRequest": {"Item": row}} for row in rows[first : first + 25]]}
        clients.dynamodb().batch_write_item(RequestItems=requests)
    asked: list[Any] = []
    true_query = dynamodb.query_page

    def query_page(**query: Any) -> Any:
        asked.append(query)
        return true_query(**query)

    monkeypatch.setattr(dynamodb, "query_page", query_page)
    assert found("martin2999") == ["c2999"]
    assert len(asked) <= 5
