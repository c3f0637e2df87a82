from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.rules.ledger import CHUNK_SIZE, Chunk
from chalicelib.rules.rebalancing import Deltas, gather, gather_on, grow, settle_debts, shrink


def chunk(number: int, cap: int, spots: int) -> Chunk:
    return Chunk(number, cap, spots, 0, {})


def session(*sizes: tuple[int, int]) -> list[Chunk]:
    return [chunk(number, cap, spots) for number, (cap, spots) in enumerate(sizes)]


def after(chunks: list[Chunk], deltas: Deltas) -> list[int]:
    return [found.spots + deltas.get(found.number, 0) for found in chunks]


sizes = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (max(pair), min(pair)))
sessions = st.lists(sizes, min_size=1, max_size=6).map(lambda found: session(*found))
in_debt = st.lists(st.tuples(st.integers(0, 60), st.integers(-10, 10)), min_size=1, max_size=6).map(lambda found: session(*found))


@given(in_debt, st.integers(1, 300))
def test_growing_adds_exactly_so_many(chunks: list[Chunk], more: int) -> None:
    deltas, fresh = grow(chunks, more)
    assert sum(deltas.values()) + sum(fresh) == more
    assert min([*deltas.values(), *fresh], default=0) > 0 or not (deltas or fresh)
    assert all(size <= CHUNK_SIZE for size in fresh)


@given(in_debt, st.integers(1, 300))
def test_no_new_chunk_is_made_while_one_owes(chunks: list[Chunk], more: int) -> None:
    deltas, fresh = grow(chunks, more)
    if fresh:
        assert min(after(chunks, deltas)) >= 0


@given(sessions, st.integers(1, 300))
def test_shrinking_takes_exactly_so_many_and_every_free_spot_first(chunks: list[Chunk], fewer: int) -> None:
    assume(fewer <= sum(found.cap for found in chunks))
    deltas = shrink(chunks, fewer)
    left = after(chunks, deltas)
    assert sum(deltas.values()) == -fewer
    assert all(found.cap + deltas.get(found.number, 0) >= 0 for found in chunks)
    assert not (min(left) < 0 < max(left))


@given(sessions, st.integers(1, 80))
def test_gathering_gives_one_chunk_the_spots_and_leaves_none_below_zero(chunks: list[Chunk], wanted: int) -> None:
    deltas = gather(chunks, wanted)
    if deltas is None:
        assert sum(found.spots for found in chunks) < wanted
        return
    left = after(chunks, deltas)
    assert sum(deltas.values()) == 0
    assert min(left) >= 0
    assert max(left) >= wanted


@given(sessions, st.integers(1, 80), st.integers(0, 5))
def test_bringing_spots_to_a_chunk(chunks: list[Chunk], wanted: int, place: int) -> None:
    number = place % len(chunks)
    deltas = gather_on(chunks, number, wanted)
    if deltas is None:
        assert sum(found.spots for found in chunks) < wanted
        return
    left = after(chunks, deltas)
    assert sum(deltas.values()) == 0
    assert min(left) >= 0
    assert left[number] >= wanted


@given(in_debt)
def test_settling_pays_every_debt_and_makes_no_spot(chunks: list[Chunk]) -> None:
    deltas = settle_debts(chunks)
    if deltas is None:
        assert sum(found.spots for found in chunks) < 0
        return
    assert sum(deltas.values()) == 0
    assert min(after(chunks, deltas)) >= 0


def test_nothing_moves_where_nothing_must() -> None:
    assert gather(session((50, 10), (50, 3)), 8) == {}
    assert settle_debts(session((50, 0), (50, 3))) == {}
    assert grow(session((50, 0)), 50) == ({}, [50])
    assert grow(session((40, 0)), 70) == ({0: 10}, [50, 10])
    assert shrink(session((50, 5), (50, 20)), 22) == {1: -20, 0: -2}
