"""Typed moments: a date without a time means the end of that day, where the field ends something."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chalicelib.operations import discounts
from chalicelib.pages import dates
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local
from tests.aws import Demo
from tests.pages.browser import Browser


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2030-05-01", datetime(2030, 5, 1, 22, tzinfo=UTC)),
        (" 2030-01-31 ", datetime(2030, 1, 31, 23, tzinfo=UTC)),
        ("2030-03-31", datetime(2030, 3, 31, 22, tzinfo=UTC)),
        ("2030-10-27", datetime(2030, 10, 27, 23, tzinfo=UTC)),
        ("2030-05-01T12:00", datetime(2030, 5, 1, 10, tzinfo=UTC)),
    ],
    ids=["summer", "winter", "clocks go forward", "clocks go back", "with a time"],
)
def test_a_date_alone_means_the_end_of_that_day(text: str, end: datetime) -> None:
    assert dates.typed(text, "Europe/Paris", ends=True) == end


def test_a_date_alone_means_the_start_where_the_field_starts_something() -> None:
    assert dates.typed("2030-05-01", "Europe/Paris") == datetime(2030, 4, 30, 22, tzinfo=UTC)


def test_a_discount_is_valid_until_the_end_of_its_last_day(manager: Browser, demo_org: Demo) -> None:
    typed = {"code": "SPRING", "kind": "percent", "value": "10", "starts_at": "2030-05-01", "ends_at": "2030-05-01"}
    assert manager.send(manager.get("/o/demo/discounts/new"), typed).status == 303
    discount = discounts.read_discount("demo", "SPRING")
    assert (discount.starts_at, discount.ends_at) == (datetime(2030, 4, 30, 22, tzinfo=UTC), datetime(2030, 5, 1, 22, tzinfo=UTC))


def test_registration_closes_at_the_end_of_a_day(manager: Browser, session: Session, today: datetime) -> None:
    path = f"/o/demo/sessions/{session.id}/edit"
    closes = f"{local(today, 'Europe/Paris'):%Y-%m-%d}"
    response = manager.send(manager.get(path), {"registration_closes_at": closes})
    assert response.status == 303, response.text
    shown = manager.get(path).form().fields["registration_closes_at"]
    assert shown.endswith("T00:00")
    assert shown > closes


@pytest.mark.parametrize("query", ["tag=art", "code=SPRING&done=saved"])
def test_the_link_to_the_other_language_keeps_the_query(query: str, visitor: Browser, make_session: Callable[..., Session]) -> None:
    page = visitor.get(f"/p/demo/sessions/{make_session(tags=['art']).id}?{query}")
    assert f"?{query.partition('&')[0]}&lang=fr" in page.links
