"""R10: ten failed codes in ten minutes per address, a thousand an hour in all, invitation and discount codes together, under any race."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from chalicelib.config import config
from chalicelib.operations import codes, public_registration, throttle
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.codes import MISSES_OF_ALL, UnknownCode
from chalicelib.rules.discounts import UnknownDiscount
from chalicelib.rules.inputs.registrations import QuoteInput
from chalicelib.tables import dynamodb
from chalicelib.tables.items import stored
from tests.live.codes.scenario import SOURCE, code_for
from tests.live.codes.test_discounts import discount
from tests.live.ledger import race_report
from tests.live.ledger.scenario import NOW, ORG, later, open_session

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
THREADS = 64


def tried(session: str, typed: str, source: str) -> str:
    """Quote the price of a spot with a discount code."""
    try:
        public_registration.quote(ORG, session, QuoteInput(discount_code=typed), source=source, now=NOW)
    except (UnknownDiscount, TooManyAttempts) as refused:
        return type(refused).__name__
    return "found"


def look_up(typed: str, source: str) -> str:
    try:
        codes.look_up(ORG, typed, source=source, now=NOW)
    except (UnknownCode, TooManyAttempts) as refused:
        return type(refused).__name__
    return "found"


def all_at_once(tries: Sequence[Callable[[], str]]) -> Counter[str]:
    start = Barrier(len(tries))

    def started(each: Callable[[], str]) -> str:
        start.wait()
        return each()

    with ThreadPoolExecutor(len(tries)) as crowd:
        return Counter(crowd.map(started, tries))


def test_concurrent_failures_of_one_address_are_limited_to_ten() -> None:
    code_for(open_session(1))
    outcomes = all_at_once([partial(look_up, "ABCDEFGH", SOURCE)] * THREADS)
    assert outcomes == {"UnknownCode": 10, "TooManyAttempts": THREADS - 10}
    race_report.say(f"guessing: {THREADS} wrong codes at once from one address: {dict(outcomes)}")


def test_concurrent_failures_of_all_addresses_are_limited_to_a_thousand() -> None:
    code = code_for(open_session(1))
    assert look_up("ABCDEFGH", "198.51.100.1") == "UnknownCode"
    counted_before(MISSES_OF_ALL - 40)
    outcomes = all_at_once([partial(look_up, "ABCDEFGH", f"192.0.2.{number}") for number in range(THREADS)])
    assert outcomes == {"UnknownCode": 40, "TooManyAttempts": THREADS - 40}
    assert look_up(code, "198.51.100.2") == "TooManyAttempts"
    assert codes.look_up(ORG, code, source="198.51.100.2", now=later(hours=1)).code.code == code
    race_report.say(f"guessing: {MISSES_OF_ALL - 40} wrong codes before, {THREADS} at once from as many addresses: {dict(outcomes)}")


def counted_before(misses: int) -> None:
    """Set the count of failures within this hour."""
    dynamodb.update(
        config().memory_table,
        throttle.wrong_code_keys(ORG, SOURCE)[1],
        "SET tries = :misses",
        "tries = :one",
        values={":misses": stored(misses), ":one": stored(1)},
    )


def test_wrong_discount_codes_count_with_wrong_invitation_codes() -> None:
    session, code = open_session(1), discount()
    assert all_at_once([partial(look_up, "ABCDEFGH", SOURCE)] * 4) == {"UnknownCode": 4}
    assert all_at_once([partial(tried, session, code, SOURCE)] * 20) == {"found": 20}
    outcomes = all_at_once([partial(tried, session, "WINTER", SOURCE)] * THREADS)
    assert outcomes == {"UnknownDiscount": 6, "TooManyAttempts": THREADS - 6}
    assert tried(session, code, SOURCE) == look_up("ABCDEFGH", SOURCE) == "TooManyAttempts"
    assert tried(session, code, "192.0.2.2") == "found"


def test_valid_codes_are_not_counted() -> None:
    code = code_for(open_session(1))
    assert all_at_once([partial(look_up, code, SOURCE)] * THREADS) == {"found": THREADS}
    assert all_at_once([partial(look_up, "ABCDEFGH", SOURCE)] * 12) == {"UnknownCode": 10, "TooManyAttempts": 2}
    assert look_up(code, SOURCE) == "TooManyAttempts"
    assert look_up(code, "192.0.2.2") == "found"
