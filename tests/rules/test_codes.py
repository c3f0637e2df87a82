"""Invitation codes: reading, formatting, state, scope, and drawing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.code_generation import SYMBOLS, TooManyForWidth, check_quantity, generate_from_seed, most_of_width, replacement_code
from chalicelib.rules.codes import NARROWEST, WIDEST, Code, CodePrice, CodeState, Use, compared, grouped, well_formed
from chalicelib.rules.contracts import ContractPrice
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.money import Money
from tests.samples import NOW, SESSION

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SEED = bytes(range(32))
PRICE = CodePrice("p1", "STD", "Standard", 900, "EUR", session="s1")
CODE = Code("demo", "ACME2345ABCD", "c1", PRICE, NOW, left=1)
USE = Use(1, "s1", "n", NOW)
widths = st.integers(NARROWEST, WIDEST)
codes = st.text(SYMBOLS, min_size=NARROWEST, max_size=WIDEST)


def test_no_two_symbols_are_taken_for_each_other() -> None:
    assert len(set(SYMBOLS)) == 31
    assert not set("01ILO") & set(SYMBOLS)
    assert SYMBOLS.isupper()


@given(codes, st.sampled_from(["", "ACME", "X1"]))
def test_a_code_is_read_as_it_was_written_whatever_people_do_to_it(code: str, prefix: str) -> None:
    shown = grouped(prefix + code, prefix)
    for typed in (shown, shown.lower(), shown.replace("-", " "), shown.replace("-", "\u2013"), f"  {shown}.\n", shown.replace("-", "")):
        assert compared(typed) == prefix + code
        assert well_formed(compared(typed))


@pytest.mark.parametrize(
    ("code", "prefix", "shown"),
    [
        ("234567", "", "2345-67"),
        ("23456789", "", "2345-6789"),
        ("ABCDEFGHJ", "", "ABCD-EFGHJ"),
        ("ACME234567", "ACME", "ACME-2345-67"),
        ("ACME23456", "ACME", "ACME-23456"),
        ("ABC", "", "ABC"),
    ],
    ids=["4-2", "4-4", "no single letter is left over", "with its prefix", "five are one group", "short"],
)
def test_a_code_is_read_aloud_in_groups(code: str, prefix: str, shown: str) -> None:
    assert grouped(code, prefix) == shown


@pytest.mark.parametrize(
    ("code", "may_be"),
    [
        ("ABCDEF", True),
        ("ABCDE", False),
        ("A" * 30, True),
        ("A" * 31, False),
        ("ABCDE0", True),
        ("abcdef", False),
        ("ABC-DEF", False),
        ("ABCDÉF", False),
        ("ABCDEF\n", False),
        ("", False),
    ],
    ids=[
        "narrowest",
        "too narrow",
        "widest with a prefix",
        "too wide",
        "a prefix may have a 0",
        "small",
        "hyphen",
        "accent",
        "line",
        "none",
    ],
)
def test_only_what_may_be_a_code_is_looked_up(code: str, may_be: bool) -> None:
    assert well_formed(code) is may_be


@pytest.mark.parametrize(
    ("what", "at", "state"),
    [
        pytest.param({}, NOW, "new", id="made"),
        pytest.param({"handed_out_at": NOW}, NOW, "handed_out", id="marked as handed out"),
        pytest.param({"participant": "p"}, NOW, "handed_out", id="somebody's own"),
        pytest.param({"max_redemptions": 3, "left": 2}, NOW, "used", id="used in part"),
        pytest.param({"max_redemptions": 3, "left": 2, "handed_out_at": NOW}, NOW, "used", id="used says more than handed out"),
        pytest.param({"left": 0}, NOW, "spent", id="spent"),
        pytest.param({"expires_at": NOW + SECOND}, NOW, "new", id="its last second"),
        pytest.param({"expires_at": NOW}, NOW, "expired", id="run out"),
        pytest.param({"expires_at": NOW, "max_redemptions": 2, "left": 1}, NOW, "expired", id="run out with uses left"),
        pytest.param({"expires_at": NOW, "left": 0}, NOW, "spent", id="spent says more than run out"),
        pytest.param({"archived_at": NOW, "left": 0}, NOW, "archived", id="deleted after use"),
    ],
)
def test_a_code_is_in_one_state(what: dict[str, Any], at: datetime, state: CodeState) -> None:
    assert replace(CODE, **what).state(at) == state


@pytest.mark.parametrize(("most", "left", "redeemed"), [(1, 1, 0), (1, 0, 1), (5, 2, 3)])
def test_uses_are_counted_from_those_left(most: int, left: int, redeemed: int) -> None:
    assert replace(CODE, max_redemptions=most, left=left).redeemed == redeemed


@pytest.mark.parametrize(
    ("price", "session", "tags", "books"),
    [
        (PRICE, "s1", (), True),
        (PRICE, "s2", ("s1",), False),
        (PRICE._replace(session="", tag="Health"), "s2", ("health", "clay"), True),
        (PRICE._replace(session="", tag="Health"), "s2", ("healthy",), False),
        (PRICE._replace(session="", tag=""), "s2", ("",), False),
    ],
    ids=["its session", "another one", "any with its tag, in any case", "another tag", "neither books nothing"],
)
def test_a_code_books_its_session_or_any_with_its_tag(price: CodePrice, session: str, tags: tuple[str, ...], books: bool) -> None:
    assert price.fits(replace(SESSION, id=session, tags=tags)) is books


def test_a_code_keeps_the_price_that_it_was_issued_at() -> None:
    contracts = ContractPrice("demo", "c1", "p1", "STD", "Standard", Money(900, "EUR"), session="s1")
    issued = CodePrice.of(contracts)
    assert (issued, issued.money) == (PRICE, Money(900, "EUR"))
    assert CodePrice.of(replace(contracts, price=Money(1, "EUR"))) != issued


@pytest.mark.parametrize(
    ("use", "at", "may_be_under_way"),
    [
        (USE, NOW, True),
        (USE, NOW + IN_FLIGHT, True),
        (USE, NOW + IN_FLIGHT + SECOND, False),
        (USE._replace(is_final=True), NOW, False),
    ],
    ids=["just begun", "the longest request", "crashed", "booked"],
)
def test_a_use_without_spots_may_be_a_booking_under_way(use: Use, at: datetime, may_be_under_way: bool) -> None:
    assert use.in_flight(at) is may_be_under_way


@pytest.mark.parametrize(("width", "most"), [(6, 8_875_036), (7, 275_126_141), (8, 8_528_910_374)])
def test_a_batch_is_one_per_cent_of_the_key_space_at_most(width: int, most: int) -> None:
    assert most_of_width(width) == most == 31**width // 100
    check_quantity(most, width)
    with pytest.raises(TooManyForWidth) as refused:
        check_quantity(most + 1, width)
    assert refused.value.data() == {"width": width, "most": most}


@given(st.binary(min_size=32, max_size=32), widths, st.integers(0, 10**6), st.integers(1, 60))
def test_a_step_done_again_draws_the_same_codes(seed: bytes, width: int, first: int, count: int) -> None:
    made = list(generate_from_seed(seed, first=first, count=count, width=width))
    assert made == list(generate_from_seed(seed, first=first, count=count, width=width))
    assert len(made) == count
    assert all(len(code) == width and set(code) <= set(SYMBOLS) for code in made)
    assert made[: count // 2] == list(generate_from_seed(seed, first=first, count=count // 2, width=width)), (
        "a shorter step draws the same ones"
    )


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_other_seeds_and_other_steps_draw_other_codes(seed: bytes, other: bytes) -> None:
    made = set(generate_from_seed(seed, first=0, count=50, width=12))
    assert len(made) == 50
    assert not made & set(generate_from_seed(seed, first=50, count=50, width=12))
    if seed != other:
        assert not made & set(generate_from_seed(other, first=0, count=50, width=12))


@given(st.integers(0, 10**6), widths)
def test_a_code_drawn_again_is_another_one_each_time(number: int, width: int) -> None:
    tries = [replacement_code(SEED, number=number, attempt=attempt, width=width) for attempt in range(1, 6)]
    assert len(set(tries)) == 5
    assert tries[0] == replacement_code(SEED, number=number, attempt=1, width=width)
    assert all(len(code) == width for code in tries)


def test_every_symbol_is_drawn_equally_often() -> None:
    """A byte modulo 31 would draw eight of the symbols an eighth more often: 3,000 of these draws, far more than chance."""
    drawn_symbols = "".join(generate_from_seed(SEED, first=0, count=20_000, width=20))
    expected = len(drawn_symbols) / len(SYMBOLS)
    chi_squared = sum((drawn_symbols.count(symbol) - expected) ** 2 / expected for symbol in SYMBOLS)
    assert chi_squared < 60, "the 99.9th percentile of 30 degrees of freedom"
