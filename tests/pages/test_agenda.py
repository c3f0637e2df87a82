"""The agenda: meetings by day, filters, views without JavaScript, and what waits for an answer."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib import i18n
from chalicelib.operations import registrations
from chalicelib.pages.moments import Moments
from chalicelib.rules.agenda import days_of, shifted
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.times import local
from chalicelib.tables import sessions
from tests.pages.browser import Browser

Make = Callable[..., Session]


def dates(today: datetime, *days: int) -> list[dict[str, datetime]]:
    return [{"starts_at": today + timedelta(days=day), "ends_at": today + timedelta(days=day, hours=1)} for day in days]


@pytest.mark.parametrize("view", ["day", "week", "month", "list", "year"])
def test_every_view_shows_the_meetings_of_its_days(manager: Browser, make_session: Make, today: datetime, view: str) -> None:
    made = make_session(title="Clay", meetings=dates(today, 3, 90), location="Studio 1")
    at = local(today + timedelta(days=3), "Europe/Paris").date()
    page = manager.get(f"/o/demo?view={view}&date={at}")
    assert page.status == 200
    assert f"/o/demo/sessions/{made.id}/meetings/m1" in page.links
    assert "Studio 1" in page.text
    assert f"/o/demo/sessions/{made.id}/meetings/m1" not in manager.get(f"/o/demo?view={view}&date={at - timedelta(days=60)}").links


def test_an_agenda_is_filtered_by_tag_place_and_leader(manager: Browser, make_session: Make, today: datetime) -> None:
    clay = make_session(title="Clay", meetings=dates(today, 1), tags=["art"], location="Studio 1")
    judo = make_session(title="Judo", meetings=dates(today, 1), tags=["sport"], leaders=["manager@demo.test"])
    at = local(today + timedelta(days=1), "Europe/Paris").date()
    for sought, found in (("tag=ART", clay), ("place=Studio+1", clay), ("leader=manager@demo.test", judo)):
        links = manager.get(f"/o/demo?view=day&date={at}&{sought}").links
        assert [one.id for one in (clay, judo) if f"/o/demo/sessions/{one.id}/meetings/m1" in links] == [found.id]


def test_a_past_date_of_a_course_says_who_was_there_and_not_the_spots_of_the_course(
    manager: Browser, make_session: Make, today: datetime
) -> None:
    course = make_session(title="Clay", meetings=dates(today, -7, -6, 7), spots_total=18)
    single = make_session(title="Judo", meetings=dates(today, -7), spots_total=9)
    for who, days in (("Ana", 8), ("Bo", 8), ("Cem", 2)):
        addition = AddInput.model_validate({"new_customer": {"name": who, "email": f"{who}@example.org"}, "participants": [{"name": who}]})
        added = registrations.add("demo", course.id, addition, by="m", key=who, now=today - timedelta(days=days)).registration
        if who == "Bo":
            manager.post(f"/o/demo/sessions/{course.id}/meetings/m1", {"mark": f"{added.public_id}:0:late"})
    at = local(today - timedelta(days=7), "Europe/Paris").date()
    html = manager.get(f"/o/demo?view=month&date={at}").html
    clay, unmarked, judo = (
        html.partition(f'/sessions/{one.id}/meetings/{meeting}">')[2].partition("</a>")[0]
        for one, meeting in ((course, "m1"), (course, "m2"), (single, "m1"))
    )
    assert ("1 of 2 present" in clay, "of 18" in clay) == (True, False)
    assert ("present" in unmarked, "of 18" in unmarked) == (False, False)
    assert "0 of 9" in judo
    assert "3 of 18" in manager.get(f"/o/demo?view=day&date={local(today + timedelta(days=7), 'Europe/Paris').date()}").text


def test_an_empty_day_leads_to_the_form_with_its_start(manager: Browser, today: datetime) -> None:
    at = local(today, "Europe/Paris").date()
    page = manager.get(f"/o/demo?view=day&date={at}")
    new = f"/o/demo/sessions/new?starts_at={at}T10%3A00"
    assert new in page.links
    assert f'value="{at}T10:00"' in manager.get(new).html


@pytest.mark.parametrize("given", ["", "9999-12-31", "0001-01-01", "soon"])
def test_a_wrong_date_shows_today(manager: Browser, given: str) -> None:
    assert manager.get(f"/o/demo?view=month&date={given}").status == 200


def test_the_way_back_leads_to_today_within_its_week(manager: Browser, today: datetime) -> None:
    page = manager.get(f"/o/demo?view=week&date={(today + timedelta(days=30)).date()}")
    back = next(link for link in page.links if link.startswith("/o/demo?view=week") and "#d-" in link)
    assert f'id="{back.partition("#")[2]}"' in manager.get(back.partition("#")[0]).html


def test_periods_follow_each_other() -> None:
    day = date(2026, 1, 31)
    assert [shifted("month", day, by).isoformat() for by in (-1, 1)] == ["2025-12-01", "2026-02-01"]
    for view in ("day", "week", "list"):
        assert days_of(view, shifted(view, day, 1)).first == days_of(view, day).last + timedelta(days=1)


def test_a_new_organisation_is_told_to_share_its_link_until_somebody_comes(
    as_role: Callable[[str], Browser], make_session: Make, today: datetime
) -> None:
    owner, step = as_role("owner"), "Share the link to your booking page"
    assert step in owner.get("/o/demo").text
    made = make_session()
    page = owner.get("/o/demo")
    assert (step in page.text, "Plan your first session" in page.text, "/o/demo#portal-links" in page.links) == (True, False, True)
    draft = RegistrationInput.model_validate({"email": "ana@example.org", "name": "Ana", "participants": [{"name": "Zoé"}]})
    registrations.register("demo", made.id, draft, locale="en", key="ana", now=today)
    assert step not in owner.get("/o/demo").text


def test_the_next_sessions_are_named_whatever_week_is_shown(manager: Browser, make_session: Make, today: datetime) -> None:
    """On a Sunday the week that ends would name nothing of tomorrow."""
    course = make_session(title="Evening course", meetings=dates(today, -6, 1, 8))
    later = make_session(title="Later", meetings=dates(today, 40))
    page = manager.get(f"/o/demo?view=week&date={(today - timedelta(days=30)).date()}")
    assert [link for link in page.links if link in {f"/o/demo/sessions/{one.id}" for one in (course, later)}] == [
        f"/o/demo/sessions/{course.id}",
        f"/o/demo/sessions/{later.id}",
    ]


def test_a_month_shows_five_dates_of_a_day_and_reads_the_spots_of_no_others(
    manager: Browser, make_session: Make, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[set[str]] = []
    ledgers_of = sessions.ledgers_of

    def noted(org: str, numbers: Mapping[str, int]) -> Any:
        read.append({*numbers})
        return ledgers_of(org, numbers)

    monkeypatch.setattr(sessions, "ledgers_of", noted)
    starts = today.replace(hour=9) + timedelta(days=3)
    hours = [{"starts_at": starts + timedelta(minutes=number), "ends_at": starts + timedelta(hours=2)} for number in range(8)]
    made = [make_session(title=f"Class {number}", meetings=[hour]) for number, hour in enumerate(hours)]
    at = local(starts, "Europe/Paris").date()
    month = manager.get(f"/o/demo?view=month&date={at}")
    assert read[0] == {one.id for one in made[:5]}
    day = manager.get(f"/o/demo?view=day&date={at}")
    links = [f"/o/demo/sessions/{one.id}/meetings/m1" for one in made]
    assert [link in month.links for link in links] == [True] * 5 + [False] * 3
    assert ("3 more" in month.text, f"{len(made)} dates" in month.text) == (True, True)
    assert (all(link in day.links for link in links), "more" in day.text) == (True, False)


@pytest.mark.parametrize("week", ["/o/demo?view=week", "/p/demo?view=week"])
def test_a_session_of_another_zone_shows_both_times(manager: Browser, make_session: Make, today: datetime, week: str) -> None:
    starts = (today + timedelta(days=3)).replace(hour=15, minute=0)
    made = make_session(title="Zen", meetings=[{"starts_at": starts, "ends_at": starts + timedelta(hours=1)}], time_zone="Asia/Tokyo")
    page = manager.get(f"{week}&date={starts.date()}")
    assert i18n.hours(starts, starts + timedelta(hours=1), "Europe/Paris", "en") in page.text
    there = i18n.short_meeting(made.meetings[0], "Asia/Tokyo", today, "en")
    assert f"Tokyo: {there}".replace(i18n.NO_BREAK, " ") in page.text


@pytest.mark.parametrize(
    ("zone", "locale", "said"),
    [
        ("Europe/Lisbon", "en", "Lisbon: 18:00\u2060–\u206019:00"),
        ("Europe/Lisbon", "de", "Lissabon: 18:00\u2060–\u206019:00"),
        ("Europe/Lisbon", "fr", "Lisbonne : 18 h – 19 h"),
        ("Asia/Tokyo", "en", "Tokyo: Wed 2 Dec, 03:00\u2060–\u206004:00"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires: 15:00\u2060–\u206016:00"),
    ],
)
def test_a_date_elsewhere_names_its_day_where_it_is_another(zone: str, locale: str, said: str) -> None:
    starts = datetime(2026, 12, 1, 18, tzinfo=UTC)
    meeting = Meeting("m1", starts, starts + timedelta(hours=1))
    assert Moments(locale).there(meeting, zone, "Europe/Paris", starts).replace(i18n.NO_BREAK, " ") == said


def test_a_month_sets_the_days_of_others_apart(manager: Browser) -> None:
    page = manager.get("/o/demo?view=month&date=2026-12-02")
    assert page.html.count("agenda-day outside") + page.html.count("agenda-day today outside") == 4  # 30 November, 1 to 3 January.
    assert "December 2026 · Mon 30 Nov 2026 – Sun 3 Jan 2027" in page.text
