"""The sessions of a series that follow a change of an earlier one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.rules.money import Money
from chalicelib.rules.series import followed, follows
from chalicelib.rules.sessions import Meeting, Session, Tier
from tests.samples import SESSION

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 10, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def session(week: int, **more: Any) -> Session:
    """Return the session of a week: Tuesdays at five from 6 October on, over the end of summer time."""
    starts = (datetime(2026, 10, 6, 17, tzinfo=PARIS) + week * 7 * DAY).astimezone(UTC)
    made = replace(SESSION, id=f"s{week}", series="r1", meetings=(Meeting("m1", starts, starts + HOUR),), registration_closes_at=starts)
    return replace(made, **more)


def moved_to(leader: Session, *when: int, **more: Any) -> Session:
    starts = datetime(*when, tzinfo=PARIS).astimezone(UTC)  # type: ignore[arg-type, misc]
    return replace(leader, meetings=(Meeting("m1", starts, starts + 2 * HOUR),), registration_closes_at=starts, **more)


def shown(one: Session) -> list[str]:
    return [f"{moment.astimezone(PARIS):%a %d %H:%M}" for meeting in one.meetings for moment in (meeting.starts_at, meeting.ends_at)]


def test_later_sessions_of_the_same_series_that_lie_ahead_follow() -> None:
    leader, now = session(2), session(2).starts_at - DAY
    assert [week for week in range(5) if follows(session(week), leader, now)] == [3, 4]
    assert not follows(session(3, cancelled_at=NOW), leader, now)
    assert not follows(session(3, series="r2"), leader, now)
    assert not follows(session(3, series=""), replace(leader, series=""), now)
    assert not follows(session(3), leader, session(3).starts_at), "it has begun"


def test_dates_move_by_the_same_distance_on_the_clock() -> None:
    leader = session(1)
    edited = moved_to(leader, 2026, 10, 14, 18, 30)
    after = followed(session(3), leader, edited, {"meetings"}, NOW)
    assert shown(after) == ["Wed 28 18:30", "Wed 28 20:30"], "summer time has ended in between"
    assert after.registration_closes_at == after.starts_at
    again = followed(after, edited, edited, {"meetings"}, NOW)
    assert again == after


def test_what_was_changed_on_one_alone_stays_apart() -> None:
    leader, later = session(1), session(2)
    own = replace(later, meetings=(replace(later.meetings[0], starts_at=later.starts_at - HOUR),), title="Trial")
    after = followed(own, leader, moved_to(leader, 2026, 10, 14, 18), {"meetings"}, NOW)
    assert shown(after)[0] == "Wed 21 17:00"
    assert after.title == "Trial"


def test_other_fields_become_alike_if_they_are_named() -> None:
    leader = session(1)
    edited = replace(leader, title="Judo", location="Hall 2", tiers=(Tier("t1", "Child", Money(900, "EUR")),))
    after = followed(session(2, title="Own"), leader, edited, {"location", "tiers"}, NOW)
    assert (after.title, after.location, after.tiers) == ("Own", "Hall 2", edited.tiers)
    assert after.meetings == session(2).meetings


def test_dates_are_added_and_removed_at_the_same_distance() -> None:
    leader, later = session(1), session(3)
    second = Meeting("m2", leader.starts_at + 2 * DAY, leader.starts_at + 2 * DAY + HOUR)
    more = replace(leader, meetings=(*leader.meetings, second))
    after = followed(later, leader, more, {"meetings"}, NOW)
    assert shown(after) == ["Tue 27 17:00", "Tue 27 18:00", "Thu 29 17:00", "Thu 29 18:00"]
    assert followed(after, more, leader, {"meetings"}, NOW).meetings == later.meetings


def test_a_date_that_has_begun_stays() -> None:
    leader, later = session(1), session(1, id="late")
    second = Meeting("m2", later.starts_at + 7 * DAY, later.starts_at + 7 * DAY + HOUR)
    running = replace(later, meetings=(*later.meetings, second))
    edited = moved_to(replace(leader, meetings=running.meetings), 2026, 10, 13, 19)
    edited = replace(edited, meetings=(*edited.meetings, replace(second, starts_at=second.starts_at + HOUR, ends_at=second.ends_at + HOUR)))
    after = followed(running, replace(leader, meetings=running.meetings), edited, {"meetings"}, later.starts_at + HOUR)
    assert shown(after) == ["Tue 13 17:00", "Tue 13 18:00", "Tue 20 18:00", "Tue 20 19:00"]


def test_registration_closes_as_long_before_it_as_before() -> None:
    leader = session(1, registration_closes_at=session(1).starts_at - 2 * DAY)
    later = session(3, registration_closes_at=session(3).starts_at - 2 * DAY)  # on the night when clocks go back
    edited = replace(leader, registration_closes_at=leader.registration_closes_at - DAY)
    after = followed(later, leader, edited, {"registration_closes_at"}, NOW)
    assert f"{after.registration_closes_at.astimezone(PARIS):%a %d %H:%M}" == "Sat 24 17:00", "a day earlier, in summer time"
    with_it = replace(leader, registration_closes_at=leader.last_starts_at)
    assert followed(later, leader, with_it, {"registration_closes_at"}, NOW).registration_closes_at == later.last_starts_at


def test_another_zone_keeps_the_hours_that_clocks_show() -> None:
    leader = session(1)
    there = leader.starts_at + 5 * HOUR + HOUR  # 17:00 in New York while Paris is six hours ahead
    edited = replace(leader, time_zone="America/New_York", meetings=(Meeting("m1", there, there + HOUR),), registration_closes_at=there)
    after = followed(session(2), leader, edited, {"meetings", "time_zone"}, NOW)
    assert f"{after.starts_at.astimezone(ZoneInfo('America/New_York')):%H:%M}" == "17:00"
    assert after.time_zone == "America/New_York"
