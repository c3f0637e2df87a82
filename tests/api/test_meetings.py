"""The agenda over HTTP: the meetings of some days, by start."""

from datetime import datetime
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.api.bodies import in_days
from tests.api.tenants import Office

UNUSED = count(1000, 20)
"""Days from now on which no other test has meetings."""


def day(days: float) -> str:
    """Return the date in so many days in Paris, where the organisation is."""
    return datetime.fromisoformat(in_days(days)).astimezone(ZoneInfo("Europe/Paris")).date().isoformat()


def dates(*days: float) -> list[dict[str, Any]]:
    return [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in days]


def meetings(office: Office, query: str, by: str = "manager") -> list[dict[str, Any]]:
    response = office.call("GET", f"/meetings?{query}", by=by)
    assert response.status == 200, response.text
    items: list[dict[str, Any]] = response.json["items"]
    return items


class Planned(NamedTuple):
    """A course of three meetings and a class between them, and the first day of a period of their own."""

    first: int
    course: str
    judo: str

    def period(self, first: int = 0, last: int = 4) -> str:
        return f"from={day(self.first + first)}&to={day(self.first + last)}"


@pytest.fixture
def planned(demo: Office) -> Planned:
    first = next(UNUSED)
    course = demo.session(title="Clay", meetings=dates(first, first + 2, first + 4), tags=["clay"], location="Studio 1")
    judo = demo.session(title="Judo", meetings=dates(first + 1), tags=["Sport"], leaders=["leader@demo.test"])
    demo.session(title="Far", meetings=dates(first + 6))
    return Planned(first, course, judo)


def test_meetings_come_by_start_with_the_facts_of_their_session(demo: Office, planned: Planned) -> None:
    demo.register(planned.course, party_size=2)
    found = meetings(demo, planned.period(0, 3))
    assert [(one["title"], one["session"]) for one in found] == [("Clay", planned.course), ("Judo", planned.judo), ("Clay", planned.course)]
    first = found[0]
    assert first["meeting"] == demo.read(planned.course)["meetings"][0]["id"]
    assert (
        first
        | {
            "location": "Studio 1",
            "tags": ["clay"],
            "leaders": [],
            "time_zone": "Europe/Paris",
            "state": "open",
            "cancelled": False,
            "spots": demo.spots(planned.course),
            "attendance": {"expected": 2, "present": 0, "late": 0, "absent": 0, "excused": 0},
        }
        == first
    )


def test_pages_go_on_where_the_last_one_ended(demo: Office, planned: Planned) -> None:
    query = f"{planned.period()}&limit=3"
    page = demo.call("GET", f"/meetings?{query}").json
    rest = demo.call("GET", f"/meetings?{query}&cursor={page['next']}").json
    assert [len(page["items"]), len(rest["items"]), rest["next"]] == [3, 1, None]
    assert [*page["items"], *rest["items"]] == meetings(demo, planned.period())


@pytest.mark.parametrize(
    ("sought", "titles"),
    [("tag=CLAY", ["Clay"] * 3), ("leader=Leader@demo.test", ["Judo"]), ("place=studio%201", ["Clay"] * 3), ("tag=none", [])],
)
def test_a_filter_finds_meetings_of_matching_sessions(demo: Office, planned: Planned, sought: str, titles: list[str]) -> None:
    assert [one["title"] for one in meetings(demo, f"{planned.period()}&limit=2&{sought}")] == titles[:2]
    assert [one["title"] for one in meetings(demo, f"{planned.period()}&{sought}")] == titles


def test_leaders_see_what_they_lead_whatever_they_ask_for(demo: Office, planned: Planned) -> None:
    for sought in ("", "&leader=leader@demo.test"):
        assert [one["title"] for one in meetings(demo, f"{planned.period()}{sought}", by="leader")] == ["Judo"]
    assert meetings(demo, f"{planned.period()}&leader=owner@demo.test", by="leader") == []


def test_what_changes_on_a_session_changes_on_its_meetings(demo: Office, planned: Planned) -> None:
    period = planned.period(1, 1)
    assert demo.edit(planned.judo, title="Aikido", location="Dojo", tags=[]).status == 200
    assert [(one["title"], one["location"], one["tags"]) for one in meetings(demo, period)] == [("Aikido", "Dojo", [])]
    assert demo.call("POST", f"/sessions/{planned.judo}/cancel", {}).status == 200
    assert [(one["state"], one["cancelled"], one["attendance"]["expected"]) for one in meetings(demo, period)] == [("cancelled", True, 0)]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("from=2026-01-01&to=2026-03-05", [("/to", "too_long")]),
        ("from=2026-01-02&to=2026-01-01", [("/to", "ends_before_it_begins")]),
        ("from=today&to=2026-1-1", [("/from", "not_a_date"), ("/to", "not_a_date")]),
    ],
)
def test_a_period_has_at_most_62_days(demo: Office, query: str, fields: list[tuple[str, str]]) -> None:
    response = demo.call("GET", f"/meetings?{query}")
    assert response.status == 422
    assert [(error["field"], error["code"]) for error in response.json["errors"]] == fields
    assert demo.call("GET", "/meetings?from=2026-01-01&to=2026-03-04").status == 200
