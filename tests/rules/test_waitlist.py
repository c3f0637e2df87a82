"""The order of a waitlist, the next offer, the spots reserved for it, and why an entry has no offer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules import organisations
from chalicelib.rules.ledger import Hold
from chalicelib.rules.wait_reasons import WHY, Circumstances, NoOfferReason, wait_reasons
from chalicelib.rules.waitlist import (
    EntryStatus,
    HeldBack,
    OfferOutcome,
    Queue,
    SpotsAreFree,
    WaitlistEntry,
    entry_with_reserved_spots,
    in_order,
    last_place,
    next_in_line,
    outcome,
    place_at,
    place_for_position,
    placed,
    position_of,
    queue_of,
    reserved,
)
from tests.samples import ENTRY, NOW, OFFER, SESSION, STARTS

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
STRICT, FITTING = Queue(True, NOW + DAY), Queue(False, NOW + DAY)
HELD = Hold(spots=2, state="held", nonce=OFFER.nonce, expires_at=int(OFFER.expires_at.timestamp()))
TAKEN = HELD._replace(state="taken", expires_at=None)


def entry(
    name: str, spots: int = 1, place: int = 0, status: EntryStatus = "waiting", held_back: HeldBack = "", unconfirmed: bool = False
) -> WaitlistEntry:
    return replace(
        ENTRY,
        id=name,
        email=f"{name}@example.org",
        spots=spots,
        place=place,
        status=status,
        held_back=held_back,
        invitation=f"of {name}",
        unconfirmed=unconfirmed,
    )


def parties_of(*parties: int) -> list[WaitlistEntry]:
    """Return entries a, b, c … in this order, with these numbers of spots."""
    return [entry(chr(ord("a") + index), spots, index) for index, spots in enumerate(parties)]


def name(found: WaitlistEntry | None) -> str | None:
    return found.id if found else None


entries = st.lists(
    st.builds(
        entry,
        st.uuids().map(str),
        st.integers(1, 4),
        st.integers(0, 5),
        st.sampled_from(["waiting", "waiting", "offered", "left", "declined"]),
        st.sampled_from(["", "", "", "revoked", "suppressed", "unanswered"]),
        st.booleans(),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("parties", "free", "strict", "fitting"),
    [
        pytest.param([], 3, None, None, id="nobody waits"),
        pytest.param([2], 0, None, None, id="nothing is free"),
        pytest.param([2], 1, None, None, id="too few for the only one"),
        pytest.param([2], 2, "a", "a", id="just enough"),
        pytest.param([3, 1], 1, None, "b", id="the first is too large"),
        pytest.param([3, 2, 1], 2, None, "b", id="the first that fits, not the smallest"),
        pytest.param([1, 4], 4, "a", "a", id="who comes first is served first"),
    ],
)
def test_who_is_offered_the_free_spots(parties: list[int], free: int, strict: str | None, fitting: str | None) -> None:
    assert name(next_in_line(parties_of(*parties), free, STRICT)) == strict
    assert name(next_in_line(parties_of(*parties), free, FITTING)) == fitting


@pytest.mark.parametrize(
    ("free", "gets", "kept"),
    [(0, None, False), (1, "b", True), (2, "b", True), (3, "a", True)],
    ids=["nothing is free", "the confirmed one fits", "it goes before", "the unconfirmed one keeps its place"],
)
def test_an_unconfirmed_entry_blocks_nobody_and_gets_its_offer(free: int, gets: str | None, kept: bool) -> None:
    """The finding: a stranger's party of three froze a session of three for everybody behind it."""
    found = [replace(parties_of(3)[0], unconfirmed=True), parties_of(3, 1)[1]]
    assert name(next_in_line(found, free, STRICT)) == gets
    if free:
        assert reserved({3: 1, 1: 1}, free, STRICT, NOW, unconfirmed=1) is kept


@pytest.mark.parametrize(("free", "automatic", "kept"), [(2, True, False), (3, True, True), (3, False, False)])
def test_the_public_waits_for_an_unconfirmed_entry_only_while_its_offer_is_about_to_leave(free: int, automatic: bool, kept: bool) -> None:
    assert reserved({3: 1}, free, STRICT._replace(automatic=automatic), NOW, unconfirmed=1) is kept
    assert reserved({3: 1}, free, STRICT._replace(automatic=automatic), NOW) is True


def test_nobody_is_behind_an_unconfirmed_entry() -> None:
    found = [replace(parties_of(3)[0], unconfirmed=True), *parties_of(3, 2, 2)[1:]]
    assert reasons(found, free=1) == ["party_too_large", "party_too_large", "behind_the_first"]
    assert reasons([replace(found[0], unconfirmed=False), *found[1:]], free=1) == [
        "party_too_large",
        "behind_the_first",
        "behind_the_first",
    ]


def test_in_strict_order_free_spots_wait_for_the_first() -> None:
    assert name(entry_with_reserved_spots(parties_of(3, 1), 1, STRICT)) == "a"
    assert name(entry_with_reserved_spots(parties_of(3, 1), 1, FITTING)) == "b"
    assert entry_with_reserved_spots(parties_of(3), 1, FITTING) is None


@pytest.mark.parametrize(
    ("status", "held_back", "gets"),
    [
        ("waiting", "", "a"),
        ("waiting", "revoked", "b"),
        ("waiting", "suppressed", "b"),
        ("offered", "", "b"),
        ("accepted", "", "b"),
        ("declined", "", "b"),
        ("left", "", "b"),
        ("removed", "", "b"),
        ("closed", "", "b"),
    ],
)
def test_only_who_waits_for_an_offer_is_in_line(status: EntryStatus, held_back: HeldBack, gets: str) -> None:
    first, second = parties_of(1, 1)
    assert name(next_in_line([replace(first, status=status, held_back=held_back), second], 1, STRICT)) == gets


@given(entries, st.integers(0, 6), st.booleans())
def test_an_offer_goes_to_the_first_that_may_have_it(found: list[WaitlistEntry], free: int, strict: bool) -> None:
    chosen = next_in_line(found, free, Queue(strict, NOW))
    before = [other for other in in_order(found) if other.in_line]
    if chosen is None:
        blocked = next((place for place, other in enumerate(before) if strict and not other.unconfirmed), len(before))
        assert all(other.spots > free for other in before[: blocked + 1])
        return
    passed = before[: before.index(chosen)]
    assert chosen.spots <= free
    assert all(other.spots > free for other in passed)
    assert all(other.unconfirmed for other in passed) or not strict


@given(entries, st.integers(0, 6), st.booleans())
def test_spots_are_reserved_exactly_while_an_entry_in_line_could_have_them(found: list[WaitlistEntry], free: int, strict: bool) -> None:
    """`reserved` counts parties by size, and `awaited` looks at the entries: both must agree."""
    sizes: dict[int, int] = {}
    for other in found:
        if other.in_line:
            sizes[other.spots] = sizes.get(other.spots, 0) + 1
    rule, unconfirmed = Queue(strict, NOW + DAY), sum(other.in_line and other.unconfirmed for other in found)
    if free:
        assert reserved(sizes, free, rule, NOW, unconfirmed=unconfirmed) == (entry_with_reserved_spots(found, free, rule) is not None)


@pytest.mark.parametrize(
    ("waiting", "free", "rule", "at", "kept"),
    [
        pytest.param({}, 3, STRICT, NOW, False, id="nobody waits"),
        pytest.param({4: 1}, 3, STRICT, NOW, True, id="strict: the first is saved for"),
        pytest.param({4: 1}, 3, FITTING, NOW, False, id="skip to fit: nobody fits"),
        pytest.param({4: 1, 3: 2}, 3, FITTING, NOW, True, id="skip to fit: somebody fits"),
        pytest.param({1: 1}, 3, STRICT, NOW + DAY - SECOND, True, id="until the cut-off"),
        pytest.param({1: 1}, 3, STRICT, NOW + DAY, False, id="not from the cut-off on"),
        pytest.param({1: 1}, 3, FITTING, NOW + DAY, False, id="in either order"),
    ],
)
def test_free_spots_are_kept_from_the_public(waiting: dict[int, int], free: int, rule: Queue, at: datetime, kept: bool) -> None:
    assert reserved(waiting, free, rule, at) is kept


@pytest.mark.parametrize(
    ("closes", "cutoff_hours", "until"),
    [
        pytest.param(STARTS, 2, STARTS - 2 * HOUR, id="so many hours before the last meeting"),
        pytest.param(STARTS - DAY, 2, STARTS - DAY, id="when registration closes, if that is earlier"),
        pytest.param(STARTS, 0, STARTS, id="no cut-off: when it starts"),
        pytest.param(STARTS + DAY, 0, STARTS, id="never after it starts"),
    ],
)
def test_the_line_ends_with_registration_or_before_the_last_meeting(closes: datetime, cutoff_hours: int, until: datetime) -> None:
    settings = organisations.WaitlistSettings(mode="skip_to_fit", cutoff_hours=cutoff_hours)
    assert queue_of(replace(SESSION, registration_closes_at=closes), settings) == Queue(False, until)


def test_strict_order_is_the_default() -> None:
    assert queue_of(SESSION, organisations.WaitlistSettings()).strict


def test_who_joins_later_stands_behind_though_only_a_microsecond_later() -> None:
    assert place_at(NOW) < place_at(NOW + timedelta(microseconds=1))


@given(entries)
def test_the_bottom_is_behind_everybody(found: list[WaitlistEntry]) -> None:
    assert all(last_place(found, NOW) > other.place for other in found)


def test_the_bottom_is_behind_who_was_moved_there_from_the_future() -> None:
    ahead = entry("a", place=place_at(NOW + DAY))
    assert last_place([ahead], NOW) > ahead.place


def test_only_who_is_still_on_the_list_has_a_position() -> None:
    found = [*parties_of(1, 1, 1), entry("gone", place=-1, status="left"), entry("has an offer", place=-2, status="offered")]
    assert [(other.id, position_of(other.id, found)) for other in found] == [
        ("a", 2),
        ("b", 3),
        ("c", 4),
        ("gone", 0),
        ("has an offer", 1),
    ]


def test_who_shares_a_place_stands_in_a_settled_order() -> None:
    twins = [entry("b", place=7), entry("a", place=7)]
    assert [other.id for other in in_order(twins)] == [other.id for other in in_order(reversed(twins))] == ["a", "b"]


@given(st.integers(1, 6), st.data())
def test_staff_move_an_entry_to_any_position(size: int, data: st.DataObject) -> None:
    """Successive moves, each to a position counted from 1; a position beyond the end means the end."""
    found = [replace(one, place=place_at(NOW + number * SECOND)) for number, one in enumerate(parties_of(*[1] * size))]
    for _ in range(12):
        one = data.draw(st.sampled_from(found))
        position = data.draw(st.integers(1, size + 2))
        order = [other.id for other in in_order(found) if other.id != one.id]
        order.insert(min(position, size) - 1, one.id)
        found = [replace(other, place=place_for_position(found, one, position)) if other is one else other for other in found]
        assert [other.id for other in in_order(found)] == order


@pytest.mark.parametrize(
    ("status", "offer"), [("offered", OFFER), ("waiting", None), ("accepted", None)], ids=["has one", "had one", "used it"]
)
def test_an_entry_on_the_list_is_shown_with_the_offer_that_it_has(status: EntryStatus, offer: Any) -> None:
    waits = replace(ENTRY, status=status, invitation=OFFER.id)
    places = placed([waits], [OFFER])
    assert [(place.position, place.offer) for place in places] == ([(1, offer)] if waits.is_live else [])


@pytest.mark.parametrize(
    ("what", "hold", "became"),
    [
        pytest.param({}, HELD, None, id="it stands"),
        pytest.param({"registration": "r1"}, TAKEN, "accepted", id="accepted"),
        pytest.param({}, TAKEN, "accepted", id="the ledger knows first"),
        pytest.param({"ended": "expired"}, TAKEN, "accepted", id="accepted as it ran out"),
        pytest.param({"ended": "expired"}, TAKEN._replace(nonce="another"), "expired", id="another attempt's spots"),
        pytest.param({"ended": "expired"}, None, "expired", id="run out"),
        pytest.param({"ended": "declined"}, None, "declined", id="declined"),
        pytest.param({"ended": "cancelled"}, None, "revoked", id="taken back by staff"),
        pytest.param(None, None, "revoked", id="its row is gone"),
    ],
)
def test_what_became_of_an_offer(what: dict[str, Any] | None, hold: Hold | None, became: OfferOutcome | None) -> None:
    assert outcome(None if what is None else replace(OFFER, **what), hold) == became


FREE = Circumstances(session_over=False, registration_closed=False, auto_offer=True, free=1, queue=STRICT, suppressed=set(), now=NOW)


def reasons(found: Sequence[WaitlistEntry], **about: Any) -> list[NoOfferReason]:
    return [told.reason for told in wait_reasons(found, FREE._replace(**about))]


@pytest.mark.parametrize(
    ("about", "told"),
    [
        pytest.param({}, ["about_to_leave", "behind_the_first"], id="strict"),
        pytest.param({"free": 0}, ["nothing_free", "nothing_free"], id="nothing free"),
        pytest.param({"queue": FITTING}, ["about_to_leave", "others_come_first"], id="skip to fit"),
        pytest.param({"session_over": True}, ["session_over", "session_over"], id="over"),
        pytest.param({"auto_offer": False}, ["offers_are_off", "offers_are_off"], id="offers by hand"),
        pytest.param({"registration_closed": True}, ["registration_closed", "registration_closed"], id="closed"),
        pytest.param({"now": NOW + DAY}, ["past_the_cutoff", "past_the_cutoff"], id="cut-off"),
        pytest.param({"suppressed": {"a@example.org"}}, ["suppressed", "behind_the_first"], id="bounced since it joined"),
        pytest.param(
            {"session_over": True, "auto_offer": False}, ["session_over", "session_over"], id="what cannot be changed is said first"
        ),
    ],
)
def test_why_no_offer_went_out(about: dict[str, Any], told: list[NoOfferReason]) -> None:
    assert reasons(parties_of(1, 1), **about) == told


@pytest.mark.parametrize(
    ("parties", "free", "rule", "told"),
    [
        ([3, 1], 2, STRICT, ["party_too_large", "behind_the_first"]),
        ([3, 1], 2, FITTING, ["party_too_large", "about_to_leave"]),
        ([1, 3, 2], 2, FITTING, ["about_to_leave", "party_too_large", "others_come_first"]),
    ],
)
def test_a_party_that_does_not_fit_is_told_so(parties: list[int], free: int, rule: Queue, told: list[NoOfferReason]) -> None:
    assert reasons(parties_of(*parties), free=free, queue=rule) == told


def test_who_has_an_offer_and_who_is_passed_over_are_told_apart() -> None:
    found = [entry("a", place=1, status="offered"), entry("b", place=2, held_back="revoked"), entry("c", place=3, held_back="suppressed")]
    assert reasons([*found, entry("d", place=4)]) == ["has_an_offer", "revoked", "suppressed", "about_to_leave"]


@given(entries, st.integers(0, 6), st.booleans())
def test_exactly_who_is_next_is_about_to_leave(found: list[WaitlistEntry], free: int, strict: bool) -> None:
    rule = Queue(strict, NOW + DAY)
    leaving = [told.entry for told in wait_reasons(found, FREE._replace(free=free, queue=rule)) if told.reason == "about_to_leave"]
    chosen = next_in_line(found, free, rule)
    assert leaving == ([chosen] if chosen else [])


def test_every_reason_has_a_sentence() -> None:
    assert set(WHY) == set(get_args(NoOfferReason))
    assert len(set(WHY.values())) == len(WHY)


@pytest.mark.parametrize(
    ("free", "sentence"), [(1, "1 spot is free: book now instead of waiting."), (4, "%(free)d spots are free: book now.")]
)
def test_who_need_not_wait_is_told_to_book(free: int, sentence: str) -> None:
    assert SpotsAreFree(free).sentence == sentence
    assert SpotsAreFree(free).data() == {"free": free}
