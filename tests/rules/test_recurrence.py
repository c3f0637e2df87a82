"""Recurrence: the days, and the hours by the clock over changes of summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.recurrence import MOST_DATES, DateTooLate, NoDates, Recurrence, Span, TooManyDates, by_clock, days, distance, repeated

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = date(2026, 10, 6)
EARLIEST, LATEST = (datetime.combine(day, time()) for day in (date(2026, 1, 1), date(2027, 12, 31)))
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def in_paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS).astimezone(UTC)  # type: ignore[arg-type, misc]


def shown(moment: datetime, zone: str = "Europe/Paris") -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M}"


def test_twelve_tuesdays_without_two_holidays() -> None:
    holidays = frozenset({date(2026, 10, 20), date(2026, 10, 27)})
    found = days(TUESDAY, Recurrence(times=12, left_out=holidays))
    assert len(found) == 12
    assert {day.weekday() for day in found} == {1}
    assert (found[0], found[2], found[-1]) == (TUESDAY, date(2026, 11, 3), date(2027, 1, 5))


def test_every_other_week_counts_from_the_week_of_the_first_day() -> None:
    found = days(date(2026, 10, 8), Recurrence(every=2, weekdays=(0, 3), times=4))
    assert found == [date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 22), date(2026, 11, 2)]


def test_the_first_day_counts_whatever_its_weekday() -> None:
    assert days(TUESDAY, Recurrence(weekdays=(4,), times=2)) == [TUESDAY, date(2026, 10, 9)]


def test_the_last_day_is_included() -> None:
    assert days(TUESDAY, Recurrence(until=date(2026, 10, 20)))[-1] == date(2026, 10, 20)
    assert days(TUESDAY, Recurrence(until=date(2026, 10, 19)))[-1] == date(2026, 10, 13)


def test_no_date_and_too_many_are_refused() -> None:
    with pytest.raises(NoDates):
        days(TUESDAY, Recurrence(until=TUESDAY, left_out=frozenset({TUESDAY})))
    with pytest.raises(NoDates):
        days(TUESDAY, Recurrence(until=date(2026, 10, 5)))
    with pytest.raises(TooManyDates):
        days(TUESDAY, Recurrence(until=date(9998, 1, 1)))
    assert len(days(TUESDAY, Recurrence(until=TUESDAY + timedelta(weeks=MOST_DATES - 1)))) == MOST_DATES


recurrences = st.builds(
    Recurrence,
    every=st.integers(1, 8),
    weekdays=st.lists(st.integers(0, 6), unique=True).map(tuple),
    times=st.integers(2, 40),
    left_out=st.frozensets(st.dates(TUESDAY, TUESDAY + timedelta(days=400)), max_size=20),
)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), recurrences)
def test_days_are_as_many_as_asked_for_and_on_the_right_ones(first: date, recurrence: Recurrence) -> None:
    found = days(first, recurrence)
    assert len(found) == recurrence.times
    assert found == sorted(set(found))
    assert not recurrence.left_out & set(found)
    monday = first - timedelta(days=first.weekday())
    allowed = set(recurrence.weekdays) or {first.weekday()}
    for day in found:
        assert day == first or (day.weekday() in allowed and (day - monday).days // 7 % recurrence.every == 0)


@given(
    st.datetimes(EARLIEST, LATEST).map(lambda one: one.replace(second=0, microsecond=0)),
    st.integers(1, 36 * 60),
    st.sampled_from(ZONES),
)
def test_hours_stay_what_clocks_show(start: datetime, minutes: int, zone: str) -> None:
    """A start that clocks skip is the only one that they show otherwise, and every meeting ends after it starts."""
    starts = start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    first = Span(starts, starts + timedelta(minutes=minutes))
    made = [one for (one,) in repeated([first], Recurrence(every=2, times=30), zone)]
    assert made[0] == first
    for span in made:
        assert span.ends_at > span.starts_at
        there = span.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        at_clock = datetime.combine(there.date(), starts.astimezone(ZoneInfo(zone)).time())
        skipped = at_clock.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != at_clock
        assert there == at_clock or skipped


def test_a_class_keeps_its_hours_when_clocks_go_back() -> None:
    spans = repeated([Span(in_paris(2026, 10, 20, 17), in_paris(2026, 10, 20, 18, 30))], Recurrence(times=2), "Europe/Paris")
    assert [shown(moment) for (span,) in spans for moment in span] == ["20 17:00", "20 18:30", "27 17:00", "27 18:30"]
    assert spans[1][0].starts_at - spans[0][0].starts_at == timedelta(days=7, hours=1)


def test_the_night_in_october_and_the_missing_hour_in_march() -> None:
    night = Span(in_paris(2026, 10, 18, 2, 30), in_paris(2026, 10, 18, 3, 30))
    _, (october,) = repeated([night], Recurrence(times=2), "Europe/Paris")
    assert october == Span(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC)), "the first 02:30"
    early = Span(in_paris(2027, 3, 21, 2, 30), in_paris(2027, 3, 21, 3, 15))
    _, (march,) = repeated([early], Recurrence(times=2), "Europe/Paris")
    assert shown(march.starts_at) == "28 03:30"
    assert march.ends_at - march.starts_at == timedelta(minutes=45), "it would end before it starts, so it keeps its length"


def test_all_dates_of_a_weekend_repeat_together() -> None:
    saturday, sunday = (Span(in_paris(2026, 10, day, 10), in_paris(2026, 10, day, 12)) for day in (10, 11))
    found = repeated([sunday, saturday], Recurrence(every=4, times=2), "Europe/Paris")
    assert [[shown(span.starts_at) for span in spans] for spans in found] == [["10 10:00", "11 10:00"], ["07 10:00", "08 10:00"]]


moments = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)).map(lambda one: one.replace(microsecond=0))


@given(moments, moments, st.sampled_from(ZONES))
def test_a_distance_on_the_clock_leads_from_one_moment_to_the_other(start: datetime, end: datetime, zone: str) -> None:
    by = distance(start, end, zone)
    assert distance(start, by_clock(start, by, zone), zone) == by


def test_nothing_lies_after_the_last_year() -> None:
    last = datetime(9997, 12, 28, 12, tzinfo=UTC)
    with pytest.raises(DateTooLate):
        by_clock(last, timedelta(days=400), "UTC")
    with pytest.raises(DateTooLate):
        by_clock(last, timedelta(days=4000000), "UTC")
