"""The page of a report: its picture, its table, its files."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.operations import figures
from chalicelib.rules.reports import NAMES
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local
from tests.pages.browser import Browser

AS_ROLE = Callable[[str], Browser]


@pytest.fixture
def viewer(as_role: AS_ROLE, session: Session) -> Browser:
    figures.note_change(None, {"pk": {"S": f"demo#{session.id}"}}, change="x", now=session.created_at)
    return as_role("viewer")


@pytest.mark.parametrize("name", NAMES)
def test_each_report_is_a_picture_with_its_table(viewer: Browser, name: str) -> None:
    page = viewer.get(f"/o/demo/reports/{name}?by=")
    assert page.status == 200
    assert f'<title id="{name}-title">' in page.html
    assert "style=" not in page.html.partition("<svg class=")[2].partition("</svg>")[0]
    assert any(link.startswith(f"/o/demo/reports/{name}.csv?") for link in page.links)


def test_the_table_says_what_the_picture_shows(viewer: Browser, session: Session) -> None:
    day = f"{local(session.starts_at, 'Europe/Paris'):%Y-%m-%d}"
    period = f"from={day}&to={day}"
    page = viewer.get(f"/o/demo/reports?by=session&{period}")
    assert page.text.count(session.title) == 2
    assert f"0 / {session.spots_total} · 0%" in page.html
    assert f"/o/demo/sessions/{session.id}" in page.links


def test_months_before_and_after_the_ones_with_a_value_are_left_out(viewer: Browser, session: Session) -> None:
    day = local(session.starts_at, "Europe/Paris").date()
    period = f"by=month&from={day - timedelta(days=150)}&to={day + timedelta(days=40)}"
    picture, page = viewer.get(f"/o/demo/reports/occupancy.svg?{period}").html, viewer.get(f"/o/demo/reports/occupancy?{period}").html
    months = len({f"{local(one.starts_at, 'Europe/Paris'):%Y-%m}" for one in session.meetings})
    assert (picture.count('font-weight="600"'), page.count('<tr><th scope="row">')) == (months, months + 1)


def test_a_period_without_anything_says_so_once(viewer: Browser) -> None:
    page = viewer.get("/o/demo/reports/revenue?by=month&from=2019-01-01&to=2019-12-31")
    assert page.text.count("Nothing in this period.") == 1
    assert "<table" not in page.html


def test_other_reports_keep_the_period(viewer: Browser) -> None:
    page = viewer.get("/o/demo/reports/occupancy?from=2026-01-01&to=2026-02-01&by=tag")
    queries = {urlsplit(link).path: parse_qs(urlsplit(link).query) for link in page.links if "/reports/" in link}
    assert queries["/o/demo/reports/revenue"] == {"from": ["2026-01-01"], "to": ["2026-02-01"], "by": ["tag"]}
    assert "by" not in queries["/o/demo/reports/codes"]


def test_a_wrong_period_is_explained_and_kept(viewer: Browser) -> None:
    page = viewer.get("/o/demo/reports?from=2026-03-01&to=2026-02-01")
    assert page.status == 422
    assert "The period ends before it begins." in page.html
    assert 'value="2026-03-01"' in page.html


def test_the_files_are_downloads(viewer: Browser) -> None:
    sheet, picture = viewer.get("/o/demo/reports/revenue.csv"), viewer.get("/o/demo/reports/revenue.svg")
    assert sheet.text.startswith("\ufeffMonth,Currency,")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert viewer.get("/o/demo/reports/weather").status == 404
