"""What Stripe says about the refunds of one payment for several registrations, and how much may go back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.money import Money
from chalicelib.rules.refunds import StripeRefund, comes_back, left_to_refund, plan, refunded_payment, reported, stripe_refund, under_way
from chalicelib.rules.registration_history import Payment
from chalicelib.rules.registrations import Registration
from tests.samples import REGISTRATION

PAID_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOW = PAID_AT + timedelta(hours=1)


def paid(session: str, amount: int, **more: object) -> Registration:
    payment = Payment(amount, "stripe", PAID_AT, "stripe", reference="cs_1")
    return replace(REGISTRATION, session=session, billing="paid", payments=(payment,), **more)  # type: ignore[arg-type]


FIRST, SECOND = paid("s1", 2500), paid("s2", 1000)


def from_stripe(amount: int, *, id: str = "re_1", of: str = "", currency: str = "EUR", failed: bool = False) -> StripeRefund:
    return StripeRefund(id, Money(amount, currency), "failed" if failed else "made", of)


def shares(registered: list[Registration]) -> list[list[tuple[int, str]]]:
    return [[(refund.amount, refund.state) for refund in one.refunds] for one in registered]


def test_a_refund_at_stripe_is_shared_out_those_that_ended_first() -> None:
    ended = replace(SECOND, removed_at=NOW)
    told = reported("cs_1", [from_stripe(1500)], [FIRST, ended], now=NOW)
    assert shares(told) == [[(500, "made")], [(1000, "made")]]
    assert [one.billing for one in told] == ["paid", "refunded"]
    assert reported("cs_1", [from_stripe(1500)], told, now=NOW) == told


def test_a_share_that_was_not_written_is_written_by_the_repeated_event() -> None:
    whole = reported("cs_1", [from_stripe(3000)], [FIRST, SECOND], now=NOW)
    assert reported("cs_1", [from_stripe(3000)], [whole[0], SECOND], now=NOW) == whole


def test_a_refund_that_we_asked_for_counts_for_its_registration_alone() -> None:
    planned = plan(SECOND, 1000, request="k", id="f", by="ben", now=NOW)
    assert (left_to_refund(planned).amount, under_way(planned).amount, planned.billing) == (0, 1000, "paid")
    told = reported("cs_1", [from_stripe(1000, of="f-0")], [FIRST, planned], now=NOW)
    assert shares(told) == [[], [(1000, "made")]]
    assert (told[1].refunds[0].reference, told[1].billing) == ("re_1", "refunded")


def test_failed_refunds_other_currencies_and_more_than_was_paid_share_nothing() -> None:
    for refund in (from_stripe(1500, failed=True), from_stripe(1500, currency="USD"), from_stripe(1500, of="somebody-0")):
        assert reported("cs_1", [refund], [FIRST, SECOND], now=NOW) == [FIRST, SECOND]
    assert reported("cs_2", [from_stripe(1500)], [FIRST, SECOND], now=NOW) == [FIRST, SECOND]
    assert shares(reported("cs_1", [from_stripe(9999)], [FIRST, SECOND], now=NOW)) == [[(2500, "made")], [(1000, "made")]]


def test_only_what_was_paid_online_comes_back_by_itself() -> None:
    cash = Payment(300, "cash", PAID_AT, "ben")
    mixed = replace(FIRST, payments=(*FIRST.payments, cash))
    assert (left_to_refund(mixed).amount, comes_back(mixed).amount) == (2800, 2500)
    assert comes_back(replace(FIRST, payments=(cash,))).amount == 0


@pytest.mark.parametrize(
    "event", [None, {}, {"type": "charge.refunded"}, {"type": "charge.succeeded", "data": {"object": {"payment_intent": "pi"}}}]
)
def test_other_events_name_no_payment(event: object) -> None:
    assert refunded_payment(event) == ""


@pytest.mark.parametrize("found", [None, {"object": "charge"}, {"object": "refund", "id": "re_1", "amount": "5"}])
def test_what_is_no_refund_of_stripe_is_none(found: object) -> None:
    assert stripe_refund(found) is None
