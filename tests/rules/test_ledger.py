from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.ledger import CHUNK_SIZE, MOST_SPOTS, Chunk, Hold, SessionFull, Spots, count, faults, resized, split, to_take_over

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())


def taken(n: int, x: int = 0) -> Hold:
    return Hold(spots=n, state="taken", nonce="v", extra=x)


def held(n: int, x: int = 0, *, seconds: int = 60) -> Hold:
    """Return a hold that expires this many seconds from now."""
    return Hold(spots=n, state="held", nonce="v", extra=x, expires_at=SECOND + seconds)


def chunk(spots: int, *holds: Hold, number: int = 0, debt: bool = False) -> Chunk:
    """Return a chunk that satisfies the invariant."""
    back, extra = sum(hold.freed for hold in holds), sum(hold.extra for hold in holds)
    return Chunk(number, spots + back, spots, extra, {f"own{index}": hold for index, hold in enumerate(holds)}, debt)


holds = st.builds(
    lambda n, extra, state, seconds: Hold(n, state, "v", n if extra else 0, SECOND + seconds if state == "held" else None),
    st.integers(1, 6),
    st.booleans(),
    st.sampled_from(["held", "taken"]),
    st.integers(-3, 3),
)
chunks = st.builds(lambda spots, held: chunk(spots, *held), st.integers(-5, 10), st.lists(holds, max_size=8))


@pytest.mark.parametrize(
    ("total", "sizes"),
    [(0, [0]), (1, [1]), (50, [50]), (51, [26, 25]), (100, [50, 50]), (101, [34, 34, 33]), (120, [40, 40, 40])],
)
def test_spots_lie_evenly_in_as_few_chunks_as_can_be(total: int, sizes: list[int]) -> None:
    assert split(total) == sizes


@given(st.integers(0, MOST_SPOTS))
def test_a_split_loses_no_spot_and_makes_no_chunk_too_large(total: int) -> None:
    sizes = split(total)
    assert sum(sizes) == total
    assert max(sizes) <= CHUNK_SIZE
    assert max(sizes) - min(sizes) <= 1


def test_a_hold_lives_until_its_second_begins() -> None:
    hold = held(1, seconds=60)
    assert hold.is_live(NOW + timedelta(seconds=59.999))
    assert not hold.is_live(NOW + timedelta(seconds=60))
    assert taken(1).is_live(NOW + timedelta(days=9999))
    assert not Hold(spots=1, state="held", nonce="v").is_live(NOW)


def test_expired_holds_count_as_free_before_the_sweeper_runs() -> None:
    found = count([chunk(1, held(2), held(3, seconds=0), taken(1), taken(2, 2)), chunk(0, taken(4))], NOW)
    assert found == Spots(total=11, taken=7, held=2, extra=2, free=4)
    assert found.used == 9


def test_a_debt_in_one_chunk_uses_up_free_spots_of_another() -> None:
    assert count([chunk(-2, taken(3)), chunk(1, taken(1))], NOW).free == 0
    assert count([chunk(-2, taken(3)), chunk(3)], NOW).free == 1


@given(st.lists(chunks, min_size=1, max_size=4))
def test_taken_held_and_free_add_up(found: list[Chunk]) -> None:
    spots = count(found, NOW)
    assert spots.free >= 0
    assert spots.free == max(0, spots.total - (spots.used - spots.extra))


@given(chunks, st.integers(1, 12), st.integers(0, 2**32))
def test_holds_taken_over_are_expired_and_just_enough(found: Chunk, wanted: int, rotation: int) -> None:
    chosen = to_take_over(found, wanted, NOW, rotation=rotation)
    if chosen is None:
        assert found.available(NOW) < wanted
        return
    assert all(not hold.is_live(NOW) and hold.freed for hold in chosen.values())
    gained = [hold.freed for hold in chosen.values()]
    assert found.spots + sum(gained) >= wanted
    assert not gained or found.spots + sum(gained[:-1]) < wanted


def test_claims_with_different_turns_reach_for_different_holds() -> None:
    found = chunk(0, *(held(1, seconds=-1) for _ in range(5)))
    chosen = [to_take_over(found, 1, NOW, rotation=rotation) for rotation in range(5)]
    assert len({tuple(entry or ()) for entry in chosen}) == 5


@given(chunks)
def test_a_chunk_that_keeps_its_law_has_no_faults(found: Chunk) -> None:
    assert faults(found) == []


def test_a_chunk_that_breaks_its_law_says_how() -> None:
    assert faults(Chunk(0, cap=5, spots=3, extra=0, holds={"a": taken(1)})) == ["spots"]
    assert faults(Chunk(0, cap=5, spots=5, extra=0, holds={"a": taken(1, 1)})) == ["extra"]
    assert faults(Chunk(0, cap=5, spots=5, extra=1, holds={"a": taken(1)})) == ["spots", "extra"]


def test_a_smaller_party_keeps_no_more_extras_than_spots() -> None:
    assert resized(taken(5, 3), 2) == taken(2, 2)
    assert resized(taken(5, 1), 3) == taken(3, 1)
    assert resized(taken(2), 6) == taken(6)


@pytest.mark.parametrize(
    ("free", "sentence"),
    [(0, "This session is full."), (1, "Only 1 spot is free"), (3, "Only %(free)d spots are free")],
)
def test_full_says_how_many_are_free(free: int, sentence: str) -> None:
    refused = SessionFull(free=free, wanted=4)
    assert refused.sentence.startswith(sentence)
    assert refused.data() == {"free": free, "wanted": 4}
