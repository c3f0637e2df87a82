"""The same child on overlapping dates: what clashes, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.clashes import Clash, clashes, overlap
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from tests.samples import NOW, REGISTRATION, SESSION

ZONES = [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-7, minutes=-30))]
FIRST = NOW + timedelta(days=30)


def at(start: int, length: int, zone: int = 0, id: str = "m1") -> Meeting:
    """Return a date from this hour on, lasting so many hours, written in a zone."""
    starts = (FIRST + timedelta(hours=start)).astimezone(ZONES[zone])
    return Meeting(id, starts, starts + timedelta(hours=length))


def other(*meetings: Meeting, names: tuple[str, ...] = ("Zoé Martin",), id: str = "s2") -> tuple[Registration, Session]:
    session = replace(SESSION, id=id, title="Judo", meetings=meetings)
    return replace(REGISTRATION, session=id, participants=names), session


def found(planned: list[Meeting], *booked: tuple[Registration, Session], names: tuple[str, ...] | None = ("Zoé Martin",)) -> list[Clash]:
    return clashes(names, planned, booked, beside=SESSION.id)


def test_the_clash_names_child_session_first_date_and_how_many() -> None:
    first, second, later = at(0, 2), at(24, 2, id="m2"), at(48, 2, id="m3")
    (clash,) = found([at(1, 2), at(25, 1)], other(later, second, first))
    assert (clash.participant, clash.session.id, clash.meeting, clash.dates) == ("Zoé Martin", "s2", first, 2)


def test_dates_that_follow_one_another_do_not_clash() -> None:
    assert found([at(2, 1)], other(at(0, 2))) == found([at(0, 2)], other(at(2, 1))) == []


def test_the_same_moment_in_another_zone_clashes() -> None:
    assert found([at(0, 1, zone=1)], other(at(0, 1, zone=2)))


def test_names_are_compared_as_participants_are() -> None:
    booked = other(at(0, 1), names=("  ZOÉ   martin", "Léo"))
    assert [clash.participant for clash in found([at(0, 1)], booked)] == ["  ZOÉ   martin"]
    assert found([at(0, 1)], booked, names=("Ana",)) == []
    assert len(found([at(0, 1)], booked, names=None)) == 2


def test_what_is_cancelled_removed_not_covered_or_the_session_itself_does_not_clash() -> None:
    booked, session = other(at(0, 1), at(24, 1, id="m2"))
    gone = [
        (booked, replace(session, cancelled_at=NOW)),
        (booked, replace(session, meetings=(replace(session.meetings[0], cancelled_at=NOW), session.meetings[1]))),
        (booked, replace(session, meetings=(replace(session.meetings[0], cancelled_at=NOW),))),
        (replace(booked, removed_at=NOW), session),
        (replace(booked, covers_from=FIRST), session),
        (booked, replace(session, id=SESSION.id)),
    ]
    assert [found([at(0, 1)], one) for one in gone] == [[]] * len(gone)
    assert found([replace(at(0, 1), cancelled_at=NOW)], (booked, session)) == []


def test_two_registrations_of_one_child_on_one_session_are_one_clash() -> None:
    assert len(found([at(0, 1)], other(at(0, 1)), other(at(0, 1)))) == 1


hours = st.integers(min_value=0, max_value=12)
meeting = st.builds(at, hours, st.integers(min_value=1, max_value=4), st.integers(min_value=0, max_value=2))
dates = st.lists(meeting, min_size=1, max_size=4)


@given(meeting, meeting)
def test_two_dates_overlap_if_and_only_if_they_share_an_hour(one: Meeting, two: Meeting) -> None:
    def within(some: Meeting) -> set[datetime]:
        length = int((some.ends_at - some.starts_at).total_seconds() // 3600)
        return {some.starts_at.astimezone(UTC) + timedelta(hours=hour) for hour in range(length)}

    assert overlap(one, two) == overlap(two, one) == bool(within(one) & within(two))


@given(dates, st.lists(dates, max_size=4), st.lists(st.sampled_from(["Zoé Martin", "Léo"]), min_size=1, max_size=2, unique=True))
def test_every_overlap_of_a_named_child_is_found_and_nothing_else(
    planned: list[Meeting], others: list[list[Meeting]], names: list[str]
) -> None:
    numbers = count()
    booked = [
        other(*(replace(one, id=f"m{next(numbers)}") for one in some), names=("Zoé Martin",), id=f"o{index}")
        for index, some in enumerate(others)
    ]
    expected = {
        session.id: sum(any(overlap(one, mine) for mine in planned) for one in session.meetings)
        for _, session in booked
        if "Zoé Martin" in names
    }
    assert {clash.session.id: clash.dates for clash in found(planned, *booked, names=tuple(names))} == {
        id: number for id, number in expected.items() if number
    }
