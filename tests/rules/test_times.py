"""Moments in UTC, calendar days, and time zones."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from chalicelib.rules import times

days = st.datetimes(datetime.fromisoformat("1971-01-02"), datetime.fromisoformat("9998-12-30"))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-11-24T16:00:00Z", "2026-11-24T16:00:00Z"),
        ("2026-11-24t16:00:00z", "2026-11-24T16:00:00Z"),
        ("2026-11-24 16:00Z", "2026-11-24T16:00:00Z"),
        ("2026-11-24T16:00:00+01:00", "2026-11-24T15:00:00Z"),
        ("2026-11-24T00:30:00+14:00", "2026-11-23T10:30:00Z"),
        ("2026-11-24T16:00:00-00:00", "2026-11-24T16:00:00Z"),
        ("2026-11-24T16:00:00.999999999Z", "2026-11-24T16:00:00Z"),
        ("2028-02-29T12:00:00Z", "2028-02-29T12:00:00Z"),
    ],
)
def test_a_moment_is_read_to_the_second_in_utc(text: str, means: str) -> None:
    assert times.written(times.moment(text)) == means


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-11-24T16:00:00", "time_zone_missing"),
        ("2026-11-24", "not_a_time"),
        ("24.11.2026 16:00", "not_a_time"),
        ("2026-02-29T12:00:00Z", "not_a_time"),
        ("2026-11-24T24:00:00Z", "not_a_time"),
        ("2026-11-24T16:60:00Z", "not_a_time"),
        ("2026-11-24T16:00:60Z", "not_a_time"),
        ("2026-11-24T16:00:00+25:00", "not_a_time"),
        ("2026-11-24T16:00:00Z ", "not_a_time"),
        ("2026-11-24T16:00:00Z\n", "not_a_time"),
        ("٢٠٢٦-11-24T16:00:00Z", "not_a_time"),
        ("", "not_a_time"),
        (1764000000, "not_a_time"),
        (True, "not_a_time"),
        (None, "not_a_time"),
        ("1970-12-31T00:00:00Z", "impossible_date"),
        ("9999-01-01T00:00:00Z", "impossible_date"),
        ("0001-01-01T00:00:00+14:00", "impossible_date"),
        ("1971-01-01T00:00:00+14:00", "impossible_date"),
        ("9998-12-31T23:59:59-12:00", "impossible_date"),
        (datetime.fromisoformat("2026-11-24T16:00:00"), "time_zone_missing"),
    ],
)
def test_an_invalid_moment_is_refused(value: object, code: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        times.moment(value)
    assert refused.value.type == code


@given(
    days,
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_a_written_moment_is_read_again_whatever_its_offset(naive: datetime, zone: timezone) -> None:
    moment = naive.replace(tzinfo=zone)
    assert times.read(times.written(moment)) == times.moment(moment.isoformat()) == times.moment(moment) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "2026-11-24T16:00Z",
        "20261124T160000.123Z",
        "2026-11-24T16:00:00+01:00",
        "2026-02-30T16:00:00Z",
        "２026-11-24T16:00:00Z",
    ],
)
def test_only_a_written_moment_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"moment|day"):
        times.read(text)


@given(days, days)
def test_texts_sort_as_the_time_does(one: datetime, other: datetime) -> None:
    first, second = (moment.replace(microsecond=0, tzinfo=UTC) for moment in (one, other))
    assert (times.written(first) < times.written(second)) == (first < second)


@pytest.mark.parametrize("value", ["2026-11-24", date(2026, 11, 24)])
def test_a_day_is_read(value: object) -> None:
    assert times.day(value) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("20261124", "not_a_date"),
        ("2026-W48-2", "not_a_date"),
        ("2026-02-30", "not_a_date"),
        ("2026-11-24T00:00:00Z", "not_a_date"),
        ("2026-11-24\n", "not_a_date"),
        ("٢٠٢٦-11-24", "not_a_date"),
        ("", "not_a_date"),
        (20261124, "not_a_date"),
        (datetime(2026, 11, 24, tzinfo=UTC), "not_a_date"),
        ("1970-12-31", "impossible_date"),
        ("9999-01-01", "impossible_date"),
    ],
)
def test_an_invalid_day_is_refused(value: object, code: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        times.day(value)
    assert refused.value.type == code


@pytest.mark.parametrize("name", ["Europe/Paris", "America/Argentina/Buenos_Aires", "UTC", "Pacific/Chatham", "Etc/GMT+12"])
def test_zones_that_exist(name: str) -> None:
    assert times.zone(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Base",
        "Europe",
        "../etc/passwd",
        "/etc/localtime",
        "posix/Europe/Paris",
        "right/UTC",
        "localtime",
        "Europe/Par\0is",
        "CET+1",
    ],
)
def test_a_zone_that_is_unknown_or_local_is_refused(name: str) -> None:
    with pytest.raises(PydanticCustomError, match="IANA"):
        times.zone(name)


@pytest.mark.parametrize(
    ("moment", "zone", "shows"),
    [
        ("2026-11-24T16:00:00Z", "Europe/Paris", "2026-11-24 17:00"),
        ("2026-07-24T16:00:00Z", "Europe/Paris", "2026-07-24 18:00"),
        ("2026-10-25T00:30:00Z", "Europe/Paris", "2026-10-25 02:30"),
        ("2026-10-25T01:30:00Z", "Europe/Paris", "2026-10-25 02:30"),
        ("2026-03-29T01:00:00Z", "Europe/Paris", "2026-03-29 03:00"),
        ("2026-11-24T16:00:00Z", "Pacific/Chatham", "2026-11-25 05:45"),
    ],
    ids=["winter", "summer", "the hour before it comes twice", "the hour that comes twice", "the hour that is left out", "tomorrow"],
)
def test_what_the_clock_shows_there(moment: str, zone: str, shows: str) -> None:
    assert times.local(times.read(moment), zone).strftime("%Y-%m-%d %H:%M") == shows


@pytest.mark.parametrize("text", ["2026-10-25", "2026-10-25T00:30:00+02:00", "2026-10-25T23:59:59Z"])
def test_a_last_day_may_be_written_as_a_moment(text: str) -> None:
    assert times.last_day(text) == date(2026, 10, 25)


@pytest.mark.parametrize("text", ["2026-10-32", "2026-10-25T25:00:00Z", "25.10.2026", 20261025])
def test_a_last_day_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError, match="Write the date as"):
        times.last_day(text)
