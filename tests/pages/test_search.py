"""The search over everything: what it finds, and how many requests it may take."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.operations import customers, search
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.sessions import Session
from chalicelib.tables.customers import search as words
from chalicelib.tables.dynamodb import query_page
from chalicelib.tables.items import Item
from tests.aws import Demo
from tests.pages.browser import Browser


@pytest.fixture
def family(demo_org: Demo, today: datetime) -> str:
    draft = CustomerInput.model_validate(
        {"name": "Élodie Petit", "email": "elodie@example.org", "phone": "+33 6 12 34 56 78", "participants": [{"name": "Noé Petit"}]}
    )
    return customers.create_customer("demo", draft, key="family", now=today).id


@pytest.mark.parametrize("sought", ["elodie", "Noé", "elodie@example.org", "06 12 34 56 78"])
def test_a_customer_is_found_by_name_child_address_and_telephone(sought: str, manager: Browser, family: str) -> None:
    assert f"/o/demo/customers/{family}" in manager.get(f"/o/demo/search?q={quote(sought)}").links


def test_a_session_is_found_by_its_title(manager: Browser, make_session: Callable[..., Session]) -> None:
    found, other = make_session(title="Pottery for children"), make_session(title="Judo")
    links = manager.get("/o/demo/search?q=pott").links
    assert f"/o/demo/sessions/{found.id}" in links
    assert f"/o/demo/sessions/{other.id}" not in links


def test_a_search_reads_a_bounded_part_of_the_customers(demo_org: Demo, today: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        draft = CustomerInput.model_validate({"name": f"Ana {number}", "email": f"ana{number}@example.org"})
        customers.create_customer("demo", draft, key=f"{number}", now=today)
    monkeypatch.setattr(words, "LONGEST_PAGE", 1)
    monkeypatch.setattr(search, "SHOWN", 1)
    read: list[str] = []

    def counted(**parameters: Any) -> tuple[list[Item], Item | None]:
        read.append(parameters["ExpressionAttributeValues"].get(":words", {}).get("S", ""))
        return query_page(**parameters)

    monkeypatch.setattr("chalicelib.tables.dynamodb.query_page", counted)
    found = search.search("demo", "an zz", now=today)
    assert (read.count("demo#words#a"), found.customers, found.more_customers) == (search.MOST_CUSTOMER_PAGES, [], True)


def test_nothing_found_says_so(manager: Browser, family: str) -> None:
    assert "No results." in manager.get("/o/demo/search?q=zzzz").text
