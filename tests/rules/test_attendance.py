from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.attendance import (
    STATUSES,
    Counts,
    Mark,
    MeetingCounts,
    NoMeetingNow,
    ParticipantKey,
    count,
    counts_at,
    in_parts,
    meeting_now,
    merge,
    names_of,
    new_mark,
    parts_needed,
    takes_place,
)
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from tests.samples import NOW, REGISTRATION, SESSION, STARTS

moments = st.integers(0, 4).map(lambda seconds: NOW + timedelta(seconds=seconds))
marks = st.builds(
    lambda status, at, by, note: new_mark(status, at, now=NOW + timedelta(hours=1), by=by, note=note),
    st.sampled_from(STATUSES),
    moments,
    st.sampled_from(["ana@example.org", "ben@example.org"]),
    st.sampled_from(["", "ill"]),
)
participant_keys = st.builds(ParticipantKey, st.sampled_from(["r1", "r2"]), st.integers(0, 1))
arrivals = st.lists(st.tuples(participant_keys, marks), max_size=12)


@given(arrivals, st.randoms(use_true_random=False))
def test_the_latest_mark_counts_in_any_order_and_however_often(sent: list[tuple[ParticipantKey, Mark]], random: object) -> None:
    once = merge({}, sent)
    shuffled = [*sent, *sent[::2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge({}, shuffled) == once
    for key, mark in once.items():
        assert mark.at == max(other.at for at, other in sent if at == key)
        here = [other.at for at, other in sent if at == key and other.is_here]
        assert mark.first_at == (min(here) if here else None)


@given(st.lists(arrivals, max_size=4))
def test_devices_that_merge_their_marks_first_agree(devices: list[list[tuple[ParticipantKey, Mark]]]) -> None:
    together = merge({}, [sent for device in devices for sent in device])
    merged = reduce(lambda found, device: merge(found, merge({}, device).items()), reversed(devices), dict[ParticipantKey, Mark]())
    assert merged == together


def test_a_mark_from_the_future_is_of_now() -> None:
    ahead = new_mark("present", NOW + timedelta(days=3), now=NOW)
    assert ahead.at == NOW
    assert new_mark("absent", NOW + timedelta(seconds=1), now=NOW + timedelta(seconds=2)).at > ahead.at


def test_counts_and_those_without_a_mark() -> None:
    found = count(["present", "late", "expected", "absent", "present"])
    assert found == Counts(1, 2, 1, 1, 0)
    assert found.of(9) == Counts(5, 2, 1, 1, 0)
    assert found.of(2).expected == 0


@pytest.mark.parametrize(("begun", "expected"), [(True, 7), (False, 9)])
def test_a_meeting_that_has_begun_counts_its_own_participants(begun: bool, expected: int) -> None:
    stored = MeetingCounts(Counts(present=3), covered=10)
    assert counts_at(stored, 12, begun=begun) == Counts(expected=expected, present=3)
    assert counts_at(None, 12, begun=begun) == Counts(expected=12)


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=60), st.integers(1, 5), st.integers(1, 5))
def test_parts_contain_every_mark_once(ids: list[int], parts: int, more: int) -> None:
    marked = {ParticipantKey(str(id), 0): Mark("present", NOW) for id in ids}
    for number in (parts, parts + more):
        found = in_parts(marked, number)
        assert sum(map(len, found)) == len(marked)
        assert {key: mark for part in found for key, mark in part.items()} == marked


def test_parts_grow_and_never_become_fewer() -> None:
    assert [parts_needed(0), parts_needed(150), parts_needed(151), parts_needed(10, existing=4)] == [1, 1, 2, 4]


def meeting(id: str, starts_at: datetime) -> Meeting:
    return Meeting(id, starts_at, starts_at + timedelta(hours=1))


COURSE = replace(SESSION, meetings=tuple(meeting(f"m{week}", STARTS + timedelta(weeks=week)) for week in range(3)))


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(-121, None), (-120, "m0"), (59, "m0"), (89, "m0"), (90, None), (7 * 24 * 60 - 5, "m1")],
)
def test_check_in_is_for_the_meeting_at_that_moment(minutes: int, found: str | None) -> None:
    at = STARTS + timedelta(minutes=minutes)
    if found:
        assert meeting_now(COURSE, REGISTRATION, at).id == found
    else:
        with pytest.raises(NoMeetingNow):
            meeting_now(COURSE, REGISTRATION, at)


def test_no_meeting_now_names_the_next_in_the_time_of_the_place() -> None:
    with pytest.raises(NoMeetingNow) as refused:
        meeting_now(COURSE, REGISTRATION, STARTS + timedelta(days=1))
    assert (refused.value.meeting, refused.value.local_start) == ("m1", "2026-12-08 16:00")
    with pytest.raises(NoMeetingNow) as refused:
        meeting_now(COURSE, REGISTRATION, STARTS + timedelta(days=99))
    assert refused.value.meeting is None


def test_of_two_meetings_the_one_that_is_not_over() -> None:
    double = replace(SESSION, meetings=(meeting("a", STARTS), meeting("b", STARTS + timedelta(minutes=60))))
    assert meeting_now(double, REGISTRATION, STARTS + timedelta(minutes=59)).id == "a"
    assert meeting_now(double, REGISTRATION, STARTS + timedelta(minutes=61)).id == "b"


def test_a_cancelled_meeting_does_not_take_place() -> None:
    first, second = COURSE.meetings[:2]
    assert takes_place(COURSE, first)
    assert not takes_place(COURSE, replace(first, cancelled_at=NOW))
    cancelled: Session = replace(COURSE, cancelled_at=first.ends_at)
    assert takes_place(cancelled, first)
    assert not takes_place(cancelled, second)


def test_participants_without_a_name_have_the_bookers() -> None:
    unnamed: Registration = replace(REGISTRATION, participants=())
    assert names_of(REGISTRATION, 3) == ["Zoé Martin", "Léo Martin", "Ana Martin (3)"]
    assert names_of(unnamed, 2) == ["Ana Martin", "Ana Martin (2)"]
    assert names_of(REGISTRATION, 1) == ["Zoé Martin"]


def test_marks_are_to_the_millisecond() -> None:
    assert new_mark("present", datetime(2026, 1, 1, 0, 0, 0, 123456, UTC), now=NOW).at.microsecond == 123000
