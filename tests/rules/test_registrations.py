"""A registration: its price, billing, meetings, original party size, and the hold that confirms it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.billing import billing_after
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.ledger import Hold
from chalicelib.rules.money import Money
from chalicelib.rules.registration_history import Billing, PartyChange, Payment
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.rules.sessions import Meeting
from tests.samples import NOW, REGISTRATION

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
TAKEN = Hold(spots=2, state="taken", nonce="n", registration="r1")


def meeting(days: float) -> Meeting:
    return Meeting("m", NOW + days * DAY, NOW + days * DAY + HOUR)


@pytest.mark.parametrize(
    ("covers_from", "removed_at", "days", "covered"),
    [
        pytest.param(NOW, None, 1, True, id="still to come"),
        pytest.param(NOW, None, 0, False, id="began at the moment of booking"),
        pytest.param(NOW, None, -7, False, id="who joins late is missing on past meetings"),
        pytest.param(NOW - 30 * DAY, None, -7, True, id="past, and was there"),
        pytest.param(NOW, NOW + 2 * DAY, 1, True, id="history stays after removal"),
        pytest.param(NOW, NOW + 2 * DAY, 2, True, id="began at the moment of removal"),
        pytest.param(NOW, NOW + 2 * DAY, 3, False, id="not after removal"),
    ],
)
def test_the_meetings_that_a_registration_covers(covers_from: datetime, removed_at: datetime | None, days: int, covered: bool) -> None:
    assert replace(REGISTRATION, covers_from=covers_from, removed_at=removed_at).covers(meeting(days)) is covered


GREW = replace(REGISTRATION, party_size=5, parties=(PartyChange(NOW + 2 * DAY, 2), PartyChange(NOW + 4 * DAY, 3)))


@pytest.mark.parametrize(
    ("days", "size"),
    [(1, 2), (2, 3), (3, 3), (4, 5), (9, 5)],
    ids=["as booked", "begins as it changes", "after the first change", "begins with the second change", "as it is now"],
)
def test_a_past_meeting_keeps_the_party_that_it_had(days: int, size: int) -> None:
    assert GREW.party_at(meeting(days)) == size


def test_a_party_that_never_changed_is_as_large_as_ever() -> None:
    assert REGISTRATION.party_at(meeting(-100)) == REGISTRATION.party_at(meeting(100)) == 2


@pytest.mark.parametrize(
    ("what", "total", "lines"),
    [
        pytest.param({}, 2500, 0, id="the price of a spot for each"),
        pytest.param({"party_size": 5}, 6250, 0, id="a larger party"),
        pytest.param({"discount": Reduction("A", "percent", 10)}, 2250, 1, id="a discount code"),
        pytest.param({"discount": Reduction("A", "fixed", 9999)}, 0, 1, id="never below zero"),
        pytest.param({"sibling": SiblingDiscount(2, 50)}, 1875, 1, id="the second sibling"),
        pytest.param({"sibling": SiblingDiscount(3, 50)}, 2500, 0, id="no third sibling"),
        pytest.param(
            {"discount": Reduction("A", "percent", 50), "sibling": SiblingDiscount(2, 50)}, 937, 2, id="both, half a cent off is a cent off"
        ),
    ],
)
def test_what_a_registration_costs(what: dict[str, Any], total: int, lines: int) -> None:
    registration: Registration = replace(REGISTRATION, **what)
    assert registration.total == Money(total, "EUR")
    assert len(registration.lowered) == lines


@pytest.mark.parametrize(
    ("before", "amount", "currency", "billing"),
    [
        pytest.param([], 2500, "", "paid", id="all at once"),
        pytest.param([], 2499, "", "partly_paid", id="a cent is missing"),
        pytest.param([1250], 1250, "", "paid", id="the rest"),
        pytest.param([1000, 500], 500, "", "partly_paid", id="another part"),
        pytest.param([2000], 1000, "", "paid", id="more than enough"),
        pytest.param([], 9999, "USD", "unpaid", id="another currency is for staff to look at"),
    ],
)
def test_a_payment_leads_to_a_billing_status(before: list[int], amount: int, currency: str, billing: Billing) -> None:
    paid = replace(REGISTRATION, payments=tuple(Payment(one, "cash", NOW, "ben") for one in before))
    assert billing_after(paid, Payment(amount, "cash", NOW, "ben", currency=currency)) == billing


def test_what_costs_nothing_is_paid_by_any_payment() -> None:
    assert billing_after(replace(REGISTRATION, price=Money(0, "EUR")), Payment(0, "cash", NOW, "ben")) == "paid"


def test_money_in_another_currency_is_kept_and_not_counted() -> None:
    euros, dollars = Payment(500, "cash", NOW, "ben"), Payment(700, "card", NOW, "ben", currency="USD")
    assert replace(REGISTRATION, payments=(euros, dollars)).paid == Money(500, "EUR")
    assert [payment.money("EUR") for payment in (euros, dollars)] == [Money(500, "EUR"), Money(700, "USD")]


@pytest.mark.parametrize(
    ("hold", "real"),
    [
        pytest.param(TAKEN, True, id="its spots are taken"),
        pytest.param(None, False, id="no spots"),
        pytest.param(TAKEN._replace(state="held", expires_at=9), False, id="only held"),
        pytest.param(TAKEN._replace(nonce="another"), False, id="another attempt's"),
        pytest.param(TAKEN._replace(registration="r2"), False, id="the invitation became another registration"),
        pytest.param(TAKEN._replace(registration=None), False, id="a hold under another name"),
    ],
)
def test_the_hold_that_makes_a_registration_real(hold: Hold | None, real: bool) -> None:
    assert REGISTRATION.holds(hold) is real


def test_a_registration_without_invitation_has_the_hold_of_its_own_name() -> None:
    assert replace(REGISTRATION, hold="r1").holds(TAKEN._replace(registration=None))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Zoé Martin", "zoé martin", True),
        ("Zoé Martin", " Zoé   Martin ", True),
        ("Zoé", "Zoe\u0301", True),
        ("Zoé", "Zo\u200bé", True),
        ("STRASSE", "straße", True),
        ("\uff21na", "Ana", True),
        ("Zoé", "Zoe", False),
        ("Kim", "Kim B.", False),
        ("Anna-Lena", "Anna Lena", False),
    ],
    ids=["case", "spaces", "composed", "invisible", "sharp s", "full width", "accents tell apart", "longer", "hyphen"],
)
def test_one_participant_is_registered_once(one: str, other: str, same: bool) -> None:
    assert (same_participant(one) == same_participant(other)) is same


@given(st.text())
def test_the_compared_form_of_a_name_stays(name: str) -> None:
    assert same_participant(same_participant(name)) == same_participant(name)


@pytest.mark.parametrize(
    ("what", "status"),
    [
        pytest.param({}, "unpaid", id="something is due"),
        pytest.param({"price": Money(0, "EUR")}, "free", id="a free tier"),
        pytest.param({"discount": Reduction("A", "percent", 100)}, "free", id="a discount of all"),
        pytest.param({"discount": Reduction("A", "percent", 99)}, "unpaid", id="a discount of nearly all"),
        pytest.param({"price": Money(0, "EUR"), "billing": "invoiced"}, "invoiced", id="staff chose an invoice"),
        pytest.param({"price": Money(0, "EUR"), "billing": "refunded"}, "refunded", id="a refund stays visible"),
    ],
)
def test_nothing_due_is_not_unpaid(what: dict[str, Any], status: str) -> None:
    assert replace(REGISTRATION, **what).billing_status == status
