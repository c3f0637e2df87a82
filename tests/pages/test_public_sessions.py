"""Finding a session: list and week with their filters, what a shared link shows, and the events for search engines."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from chalicelib.operations.sessions import cancel_meeting, cancel_session
from chalicelib.rules.inputs.sessions import CancelInput, CancelMeetingInput
from chalicelib.rules.session_filter import WEEKDAYS
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local, written
from tests.pages.browser import Browser, Page

TITLE = re.compile(r'<a class="meeting[^"]*" href="[^"]+">\s*<span class="hours">[^<]+</span>\s*<b>([^<]+)</b>')


def dates(*starts: datetime) -> list[dict[str, str]]:
    return [{"starts_at": written(start), "ends_at": written(start + timedelta(hours=1))} for start in starts]


def week(browser: Browser, start: datetime, query: str = "") -> list[str]:
    page = browser.get(f"/p/demo?view=week&date={local(start, 'Europe/Paris').date()}{query}")
    assert page.status == 200
    return TITLE.findall(page.html)


def data_of(page: Page) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.html, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def meta(page: Page, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page.html)
    return unescape(found[1]) if found else ""


@pytest.fixture
def start(today: datetime) -> datetime:
    """Noon of a Tuesday that lies ahead by more than a week."""
    day = today + timedelta(days=8 + (1 - today.weekday()) % 7)
    return day.replace(hour=11, minute=0, second=0)


def test_a_week_has_the_meetings_of_its_days_by_start(visitor: Browser, make_session: Callable[..., Session], start: datetime) -> None:
    make_session(title="Pottery", meetings=dates(start, start + timedelta(days=1), start + timedelta(days=7)))
    make_session(title="Yoga", meetings=dates(start - timedelta(hours=2)))
    assert week(visitor, start) == ["Yoga", "Pottery", "Pottery"]
    assert week(visitor, start + timedelta(days=7)) == ["Pottery"]
    assert week(visitor, start + timedelta(days=14)) == []


def test_a_week_is_filtered_by_weekday_tag_and_word(visitor: Browser, make_session: Callable[..., Session], start: datetime) -> None:
    make_session(title="Pottery", tags=["clay"], meetings=dates(start, start + timedelta(days=1)))
    make_session(title="Yoga", tags=["Calm"], meetings=dates(start))
    assert week(visitor, start, f"&weekday={WEEKDAYS[start.weekday()]}&q=pot") == ["Pottery"]
    assert week(visitor, start, "&tag=calm") == ["Yoga"]
    assert week(visitor, start, "&weekday=su") == []
    assert len(week(visitor, start, "&weekday=someday")) == 3


def test_a_week_has_nothing_that_is_cancelled(
    visitor: Browser, make_session: Callable[..., Session], start: datetime, today: datetime
) -> None:
    pottery = make_session(title="Pottery", meetings=dates(start, start + timedelta(days=1)))
    yoga = make_session(title="Yoga", meetings=dates(start))
    cancel_meeting("demo", pottery.id, pottery.meetings[0].id, CancelMeetingInput(), now=today)
    cancel_session("demo", yoga.id, CancelInput(), by="manager@demo.test", now=today)
    assert week(visitor, start) == ["Pottery"]


def test_links_lead_to_the_weeks_beside_and_keep_the_filter(visitor: Browser, session: Session, start: datetime) -> None:
    page = visitor.get(f"/p/demo?view=week&date={local(start, 'Europe/Paris').date()}&q=judo&lang=fr")
    onward = next(link for link in page.links if f"date={local(start + timedelta(days=7), 'Europe/Paris').date()}" in link)
    assert "q=judo" in onward
    assert "lang=fr" in onward
    assert 'rel="prev"' in page.html
    assert 'rel="prev"' not in visitor.get("/p/demo?view=week").html, "nothing can be booked in a week that is over"


@pytest.mark.parametrize("date", ["", "yesterday", "1971-01-01", "9999-12-31", "2026-02-30"])
def test_a_date_that_no_week_can_show_is_today(visitor: Browser, session: Session, date: str) -> None:
    assert visitor.get(f"/p/demo?view=week&date={date}").text == visitor.get("/p/demo?view=week").text


def test_a_list_shows_one_month(visitor: Browser, make_session: Callable[..., Session], start: datetime) -> None:
    make_session(title="Pottery", meetings=dates(start))
    make_session(title="Yoga", meetings=dates(start + timedelta(days=62)))
    month = visitor.get(f"/p/demo?month={start:%Y-%m}")
    assert "Pottery" in month.text
    assert "Yoga" not in month.text
    for wrong in ("2026-13", "soon", "9999-12"):
        assert visitor.get(f"/p/demo?month={wrong}").status == 200


def test_chips_offer_the_tags_of_what_is_to_come(visitor: Browser, make_session: Callable[..., Session], start: datetime) -> None:
    make_session(title="Pottery", tags=["Clay & glaze"], meetings=dates(start))
    make_session(title="Yoga", tags=["calm"], meetings=dates(start))
    page = visitor.get("/p/demo?tag=calm")
    assert "Clay & glaze" in page.text
    assert "Pottery" not in page.text


def test_a_shared_link_shows_title_and_description(visitor: Browser, make_session: Callable[..., Session]) -> None:
    made = make_session(title="Pottery", description="For hands.\n" + "Warm " * 60)
    page = visitor.get(f"/p/demo/sessions/{made.id}?lang=fr")
    assert meta(page, "og:title") == "Pottery"
    assert meta(page, "description").startswith("For hands. Warm")
    assert len(meta(page, "description")) <= 202
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/p/demo/sessions/{made.id}">' in page.html
    assert meta(visitor.get("/p/demo"), "og:description") == "Pottery"
    assert 'content="noindex' in visitor.get("/p/demo?q=pottery").html
    assert 'content="noindex' not in visitor.get("/p/demo").html


def test_search_engines_read_an_event_with_its_dates_and_prices(
    visitor: Browser, make_session: Callable[..., Session], start: datetime
) -> None:
    made = make_session(title="</script><b>Pottery", location="Studio 2", meetings=dates(start, start + timedelta(days=7)))
    page = visitor.get(f"/p/demo/sessions/{made.id}")
    assert "<b>Pottery" not in page.html
    data = data_of(page)
    assert data["name"] == "</script><b>Pottery"
    assert data["startDate"] == local(start, "Europe/Paris").isoformat()
    assert data["endDate"] == local(start + timedelta(days=7, hours=1), "Europe/Paris").isoformat()
    assert data["location"]["name"] == "Studio 2"
    assert [one["startDate"][:10] for one in data["subEvent"]] == [
        str(local(start + timedelta(days=days), "Europe/Paris").date()) for days in (0, 7)
    ]
    assert (data["offers"][0]["price"], data["offers"][0]["priceCurrency"]) == ("12.00", "EUR")
    assert data["offers"][0]["availability"] == "https://schema.org/InStock"
    assert [item["url"] for item in data_of(visitor.get("/p/demo"))["itemListElement"]] == [data["url"]]


def test_staff_share_a_session_by_link_and_qr_code(as_role: Callable[[str], Browser], session: Session) -> None:
    page = as_role("viewer").get(f"/o/demo/sessions/{session.id}/share")
    assert f'value="http://127.0.0.1:8000/p/demo/sessions/{session.id}"' in page.html
    assert 'class="qr"' in page.html
    assert as_role("viewer").get("/o/demo/sessions/unknown/share").status == 404


@pytest.mark.parametrize("view", ["", "view=week&"])
def test_a_search_keeps_how_the_page_looks(visitor: Browser, session: Session, view: str) -> None:
    """Without its mark, the page that was sought in a frame would not be shown there."""
    page = visitor.get(f"/p/demo?{view}embed=1&accent=aa3366&lang=fr&weekday=tu")
    sought = next(form for form in page.forms if form.method == "get")
    kept = {"embed": "1", "accent": "aa3366", "lang": "fr", "weekday": "tu"}
    assert {name: sought.fields.get(name) for name in kept} == kept
