"""Read marks: all up to a sort key, and single ones beyond it."""

from datetime import UTC, datetime, timedelta

from chalicelib.rules.notifications import LAST, MOST_BEYOND, ReadMarks, oldest, settled, sort_key

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return sort_key(NOW + timedelta(seconds=seconds), f"id-{seconds}")


def test_places_sort_as_the_time_does() -> None:
    moments = [-1, 0, 0.000001, 0.5, 1, 10, 3600]
    assert sorted(map(at, reversed(moments))) == [at(moment) for moment in moments]
    assert sort_key(NOW) < at(0) < sort_key(NOW, LAST) < at(0.000001)


def test_single_marks_leave_those_between_unread() -> None:
    seen = ReadMarks(at(0)).with_more([at(2)]).with_more([at(4), at(2)])
    assert [seen.has(at(second)) for second in range(6)] == [True, False, True, False, True, False]


def test_all_up_to_a_place_forgets_what_was_seen_one_by_one_below_it() -> None:
    seen = ReadMarks(at(0), (at(2), at(1))).with_more([at(5)], up_to=at(3))
    assert seen == ReadMarks(at(3), (at(5),))


def test_the_mark_never_goes_back() -> None:
    assert ReadMarks(at(5)).with_more([at(1)], up_to=at(2)) == ReadMarks(at(5))


def test_only_so_many_are_remembered_one_by_one_and_the_oldest_take_all_before_them_along() -> None:
    every = [at(second) for second in range(1, MOST_BEYOND + 3)]
    seen = ReadMarks(at(-9)).with_more(every)
    assert len(seen.beyond) == MOST_BEYOND
    assert all(map(seen.has, every))
    assert seen.up_to == at(2)


def test_notifications_of_the_last_minute_are_not_settled() -> None:
    assert at(-61) < settled(NOW) < at(-59)


def test_ninety_days() -> None:
    day = 24 * 3600
    assert at(-90 * day - 1) < oldest(NOW) < at(-90 * day + 1)
