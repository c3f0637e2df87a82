"""P1. Registrations: how many requests one asks of DynamoDB, also in a rush for a session that is full."""

from collections.abc import Callable

import pytest

from bench.counting import counting
from bench.limits import PARTITION_WRITES
from bench.meter import metered
from chalicelib.operations import orders
from chalicelib.operations.registrations import remove_registration
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.tables import ledger
from tests.live.codes.scenario import booked, code_for
from tests.live.ledger.scenario import NOW, ORG, fresh, invited, named, open_session, registered, sell_out
from tests.operations.request_counter import counted

pytestmark = pytest.mark.usefixtures("tables")
SPOTS = pytest.mark.parametrize("spots", [10, 120, 2000])


@SPOTS
def test_registering_takes_three(spots: int) -> None:
    session = open_session(spots)
    with counted() as counts:
        registered(session)
    assert counts == {"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}


def test_who_finds_a_session_full_pays_one_read_and_whoever_comes_after_at_most_one() -> None:
    session = open_session(1)
    registered(session)
    ledger.reopen(ORG, session)
    for most in (1, 1):
        with counted() as counts, pytest.raises(SessionFull):
            registered(session)
        assert counts.total() <= most
    with counted() as counts, pytest.raises(SessionFull):
        invited(session)
    assert counts.total() == 1


@pytest.mark.parametrize("spots", [30, 500, 2000, 4000])
def test_who_loses_a_rush_writes_nothing_although_the_function_remembers_nothing(spots: int) -> None:
    """As on Lambda, where few functions have answered a request for the same session before (P10)."""
    session = open_session(spots)
    sell_out(session)
    code = code_for(session)
    with pytest.raises(SessionFull):
        registered(session)  # The first who finds it full marks it.
    ways: list[Callable[[], object]] = [lambda: registered(session), lambda: booked(session, code), lambda: _basket(session)]
    for lose in ways:
        ledger.reopen(ORG, session)
        with counting() as counts, pytest.raises(SessionFull):
            lose()
        assert (counts.requests <= 2, counts.write_units) == (True, 0), counts.names
        assert counts.read_units <= 10, counts.names


def _basket(session: str) -> object:
    lines = [{"session": session, "participants": [{"name": "Kim"}]}]
    basket = BasketInput.model_validate({"email": f"{fresh('parent')}@example.org", "name": "Ana", "lines": lines})
    return orders.place_order(ORG, basket, locale="en", key=fresh("key"), now=NOW)


def test_a_hundred_and_fifty_registrations_a_second_fit_the_partition_of_their_session() -> None:
    """docs/scale.md promises so many, while a chunk fills up. What follows by the stream takes a unit more."""
    session, of_the_session = open_session(50), []
    for _ in range(50):
        with metered("test") as use:
            registered(session)
        of_the_session.append(max(use.writes.values()))
        busiest = max(use.writes, key=lambda partition: use.writes[partition])
        assert (busiest.table, busiest.of_index, busiest.value) == ("rollbook-test-rosters", "", f"{ORG}#{session}")
    assert max(of_the_session) <= 6
    assert PARTITION_WRITES / (sum(of_the_session) / 50 + 1) >= 150


@SPOTS
def test_removing_takes_four_at_most(spots: int) -> None:
    session = open_session(spots)
    own = named(session, registered(session).registration.id)
    with counted() as counts:
        remove_registration(ORG, own, by="staff", now=NOW)
    assert counts.total() <= 4, counts
