"""Pages of orders are full, whatever status they are filtered by."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.rules.money import Money
from chalicelib.tables import dynamodb
from chalicelib.tables.conditions import NEW
from chalicelib.tables.items import Item
from chalicelib.tables.registrations import orders, queries
from chalicelib.tables.registrations.rows import registration_item
from tests.samples import NOW, REGISTRATION

PAID, FREE = range(5, 60, 5), range(7, 60, 7)
WANTED = {"paid": {f"r{n:02}" for n in PAID}, "free": {f"r{n:02}" for n in FREE if n not in PAID}}


@pytest.fixture(autouse=True)
def registered(tables: None) -> None:
    """Sixty registrations: some paid, some free, the others unpaid. Three moments are shared by many."""
    for number in range(60):
        one = replace(
            REGISTRATION,
            id=f"r{number:02}",
            created_at=NOW + timedelta(seconds=number // 20),
            confirmed_at=NOW,
            billing="paid" if number in PAID else "unpaid",
            price=Money(0 if number in FREE else 1000, "EUR"),
        )
        dynamodb.put(config().rosters_table, registration_item(one), NEW)


def pages(status: str, limit: int) -> list[list[str]]:
    found, start = [], None
    while True:
        some, start = orders("demo", status=status, limit=limit, start=start)
        found.append([one.id for one in some])
        if start is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
@pytest.mark.parametrize(("status", "wanted"), WANTED.items())
def test_each_page_but_the_last_is_full(status: str, wanted: set[str], limit: int) -> None:
    found = pages(status, limit)
    assert all(len(page) == limit for page in found[:-1])
    together = [id for page in found for id in page]
    assert (set(together), len(together)) == (wanted, len(wanted))


def test_the_order_is_the_same_for_every_size_of_page() -> None:
    orders_of = {limit: [id for page in pages("free", limit) for id in page] for limit in (1, 3, 50)}
    assert orders_of[1] == orders_of[3] == orders_of[50]


def test_a_status_that_is_rare_costs_a_bounded_number_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[Item | None] = []
    page = dynamodb.query_page

    def counted(**query: Any) -> tuple[list[Item], Item | None]:
        starts.append(None)
        return page(**query)

    monkeypatch.setattr(dynamodb, "query_page", counted)
    monkeypatch.setattr(queries, "MOST_REQUESTS", 2)
    found, start = orders("demo", status="refunded", limit=5, start=None)
    assert (found, len(starts), start is not None) == ([], 2, True)
