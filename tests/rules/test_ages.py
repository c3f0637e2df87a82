"""Ages on the day: whole years on the first day that somebody attends, in the session's zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.rules.ages import AgeNotAllowed, AgeToConfirm, Person, age_faults, age_on, first_day, known_misfits
from chalicelib.rules.sessions import Meeting, Session
from tests.samples import SESSION

BORN = st.dates(date(1920, 1, 1), date(2030, 12, 31))
YEARS = st.integers(0, 100)


def anniversary(born: date, year: int) -> date:
    """Return the birthday in a year: of one on 29 February, 1 March where there is none."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@given(born=BORN, years=YEARS)
def test_a_year_is_over_on_the_birthday_and_not_a_day_before(born: date, years: int) -> None:
    birthday = anniversary(born, born.year + years)
    assert age_on(born, birthday) == years
    assert age_on(born, birthday - timedelta(days=1)) == years - 1


@given(born=BORN, day=st.integers(0, 40_000), later=st.integers(0, 400))
def test_nobody_becomes_younger_nor_ages_faster_than_the_calendar(born: date, day: int, later: int) -> None:
    first = born + timedelta(days=day)
    grown = age_on(born, first + timedelta(days=later)) - age_on(born, first)
    assert 0 <= grown <= later // 365 + 1


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2026, 2, 28), 5),
        (date(2026, 3, 1), 6),
        (date(2028, 2, 28), 7),
        (date(2028, 2, 29), 8),
        (date(2100, 2, 28), 79),
        (date(2100, 3, 1), 80),
    ],
)
def test_born_on_29_february(day: date, age: int) -> None:
    assert age_on(date(2020, 2, 29), day) == age


def session_for(least: int | None, most: int | None) -> Session:
    return replace(SESSION, min_age=least, max_age=most)


@given(born=BORN, least=st.none() | YEARS, most=st.none() | YEARS)
def test_who_fits_is_within_both_ages(born: date, least: int | None, most: int | None) -> None:
    assume(least is None or most is None or least <= most)
    session, before = session_for(least, most), SESSION.starts_at - timedelta(days=1)
    age = age_on(born, first_day(session, before))
    found = age_faults(session, [Person("Zoé", born.isoformat())], before)
    assert (not found) == ((least is None or age >= least) and (most is None or age <= most))
    assert found == known_misfits(session, [Person("Zoé", born.isoformat())], before)


def test_a_missing_date_of_birth_is_asked_for_where_ages_matter() -> None:
    before = SESSION.starts_at - timedelta(days=1)
    people = [Person("Zoé", "2019-05-01"), Person("Max"), Person("Lou", "2024-05-01")]
    found = age_faults(session_for(6, 9), people, before)
    assert [(fault.field, fault.code, fault.age) for fault in found] == [
        ("participants/1/date_of_birth", "date_of_birth_needed", 0),
        ("participants/2/date_of_birth", "too_young", 2),
    ]
    assert age_faults(SESSION, people, before) == []
    assert [fault.name for fault in known_misfits(session_for(6, 9), people, before)] == ["Lou"]


def test_the_refusals_name_the_child_and_the_ages() -> None:
    found = age_faults(session_for(None, 9), [Person("Max", "2010-01-01")], SESSION.starts_at - timedelta(days=1))
    (fault,) = AgeNotAllowed(found).faults
    assert fault == ("/participants/0/date_of_birth", "too_old", "Max is 16 on the first date. This session is for ages 0–9.")
    assert AgeToConfirm(found).participants == "Max 16"


def test_the_day_is_that_of_the_first_covered_meeting_in_the_zone_of_the_session() -> None:
    late = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    meetings = tuple(Meeting(f"m{week}", late + timedelta(weeks=week), late + timedelta(weeks=week, hours=1)) for week in range(3))
    course = replace(SESSION, meetings=meetings)
    assert first_day(course, late - timedelta(days=1)) == date(2026, 12, 2), "it is past midnight in Paris"
    assert first_day(replace(course, time_zone="America/New_York"), late - timedelta(days=1)) == date(2026, 12, 1)
    assert first_day(course, late) == date(2026, 12, 9)
    assert first_day(course, late + timedelta(days=90)) == date(2026, 12, 16)
    without_first = replace(meetings[0], cancelled_at=late)
    assert first_day(replace(course, meetings=(without_first, *meetings[1:])), late - timedelta(days=1)) == date(2026, 12, 9)


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [(6, 9, "6–9"), (6, None, "6+"), (None, 9, "0–9"), (7, 7, "7"), (0, 0, "0"), (0, None, "0+"), (None, None, "")],
)
def test_ages_in_words(least: int | None, most: int | None, text: str) -> None:
    assert session_for(least, most).ages == text
