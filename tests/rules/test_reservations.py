"""How the spots of many parties are spread over a session's ledger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.ledger import Chunk
from chalicelib.rules.reservations import ReservedChunk, extra_share, hold_id, is_reservation, prefix, share_of, spread


def chunks(*spots: int, debt: int | None = None) -> list[Chunk]:
    return [Chunk(number, 50, free, 0, {}, debt=number == debt) for number, free in enumerate(spots)]


@pytest.mark.parametrize(
    ("spots", "size", "parties", "shares"),
    [
        ((5,), 1, 3, [ReservedChunk(0, 3)]),
        ((5,), 2, 3, [ReservedChunk(0, 2)]),
        ((5, 5), 2, 4, [ReservedChunk(0, 2), ReservedChunk(1, 2)]),
        ((5, 5), 2, 5, [ReservedChunk(0, 3, 1), ReservedChunk(1, 2, -1)]),
        ((1, 1, 1), 3, 1, [ReservedChunk(0, 1, 2), ReservedChunk(1, 0, -1), ReservedChunk(2, 0, -1)]),
        ((-2, 4), 1, 9, [ReservedChunk(1, 4)]),
        ((0, 0), 1, 2, []),
    ],
)
def test_parties_stay_on_one_chunk_each(spots: tuple[int, ...], size: int, parties: int, shares: list[ReservedChunk]) -> None:
    assert spread(chunks(*spots), size, parties) == shares


def test_a_chunk_in_debt_has_no_room() -> None:
    assert spread(chunks(5, 5, debt=0), 1, 9) == [ReservedChunk(1, 5)]


@given(st.lists(st.integers(-3, 50), min_size=1, max_size=9), st.integers(1, 7), st.integers(0, 300))
def test_as_many_fit_as_the_free_spots_allow_and_no_spot_is_made_or_lost(spots: list[int], size: int, parties: int) -> None:
    shares = spread(chunks(*spots), size, parties)
    assert sum(share.parties for share in shares) == min(parties, sum(max(0, free) for free in spots) // size)
    assert sum(share.moved for share in shares) == 0
    assert [share for share in shares if share.parties * size > max(0, spots[share.chunk]) + share.moved] == []


def test_extra_spots_are_on_the_first_chunk_and_at_most_fifty() -> None:
    first = Chunk(0, 50, 0, 44, {})
    assert extra_share([first], 2, 9) == ReservedChunk(0, 3, extra=True)
    assert extra_share([first], 1, 2) == ReservedChunk(0, 2, extra=True)


def test_each_party_has_its_place() -> None:
    shares = [ReservedChunk(0, 2), ReservedChunk(3, 1), ReservedChunk(0, 1, extra=True)]
    assert [share_of(shares, index) for index in range(5)] == [shares[0], shares[0], shares[1], shares[2], None]


def test_the_holds_of_a_reservation_are_told_apart() -> None:
    ids = {hold_id("j1", share) for share in (ReservedChunk(0, 1), ReservedChunk(1, 1), ReservedChunk(0, 1, extra=True))}
    assert len(ids) == 3
    assert all(is_reservation(id) and id.startswith(prefix("j1")) for id in ids)
    assert not is_reservation("9dch8ddkuh")
