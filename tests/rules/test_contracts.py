"""The rules of a contract, and the shareable details of a participant."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.rules.contracts import (
    MOST_CONTRACTS,
    Contract,
    ContractParticipant,
    ContractPrice,
    ContractTerms,
    EndsBeforeItStarts,
    PrefixTaken,
    TooManyContracts,
    check_dates,
    check_room,
)
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Meeting, Session

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def _contract(own: str = "a", prefix: str = "AB", starts_on: date | None = None, ends_on: date | None = None) -> Contract:
    return Contract("demo", own, "Acme 2026", "Acme", prefix, starts_on, ends_on, True, "client_id", NOW)


def _session(own: str = "yoga", *tags: str) -> Session:
    meetings = (Meeting("m1", NOW, NOW.replace(hour=13)),)
    return Session("demo", own, "Yoga", meetings, "Europe/Paris", 10, 1, (), NOW, NOW, NOW, tags=tags)


@pytest.mark.parametrize(
    ("terms", "day", "state"),
    [
        (ContractTerms("", True, None, None), FIRST, "open"),
        (ContractTerms("", False, None, None), FIRST, "inactive"),
        (ContractTerms("", True, FIRST, LAST), date(2026, 10, 31), "upcoming"),
        (ContractTerms("", True, FIRST, LAST), FIRST, "open"),
        (ContractTerms("", True, FIRST, LAST), LAST, "open"),
        (ContractTerms("", True, FIRST, LAST), date(2026, 12, 1), "ended"),
        (ContractTerms("", True, None, LAST), FIRST, "open"),
    ],
)
def test_the_first_and_the_last_day_count(terms: ContractTerms, day: date, state: str) -> None:
    assert terms.state_on(day) == state
    assert terms.open_on(day) is (state == "open")


def test_a_prefix_belongs_to_one_contract_and_so_does_none() -> None:
    others = {"b": ContractTerms("AB", False, None, None), "c": ContractTerms("", True, None, None)}
    for prefix, holder in (("AB", "b"), ("", "c")):
        with pytest.raises(PrefixTaken) as refused:
            check_room(_contract(prefix=prefix), others)
        assert refused.value.contract == holder
    check_room(_contract(prefix="A"), others)
    check_room(_contract("b"), others)


def test_there_is_room_for_so_many_contracts() -> None:
    others = {str(number): ContractTerms(str(number), True, None, None) for number in range(MOST_CONTRACTS)}
    with pytest.raises(TooManyContracts):
        check_room(_contract(), others)
    check_room(_contract("7"), others)


def test_a_contract_may_last_one_day_and_not_less() -> None:
    check_dates(_contract(starts_on=FIRST, ends_on=FIRST))
    check_dates(_contract(ends_on=FIRST))
    with pytest.raises(EndsBeforeItStarts):
        check_dates(_contract(starts_on=LAST, ends_on=FIRST))


def test_a_price_is_for_one_session_or_for_all_that_carry_a_tag() -> None:
    one = ContractPrice("demo", "a", "p1", "STD", "Standard", Money(1000, "EUR"), session="yoga")
    assert one.fits(_session("yoga"))
    assert not one.fits(_session("judo", "yoga"))
    tagged = ContractPrice("demo", "a", "p2", "TAG", "Any", Money(1000, "EUR"), tag="Health")
    assert tagged.fits(_session("judo", "health"))
    assert not tagged.fits(_session("yoga", "Healthy"))


def test_only_what_may_be_shared_fills_in_a_booking() -> None:
    details = (("Department", "Sales"), ("Allergies", "Nuts"))
    ana = ContractParticipant("demo", "a", "x", "C-1", "Ana", "ana@example.org", details, ("Department",))
    assert ana.prefill() == {"name": "Ana", "email": "ana@example.org", "Department": "Sales"}
