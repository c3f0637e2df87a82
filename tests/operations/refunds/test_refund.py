"""Refunds: in full and in part, through Stripe or by hand, once however often they are reported, and never more than was paid."""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import organisations, refunds, stripe_events
from chalicelib.operations.invoices import open_checkout
from chalicelib.operations.links import invoice_token
from chalicelib.operations.notifications import list_notifications
from chalicelib.operations.registrations import transfer
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import RefundInput
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.receipts import received
from chalicelib.rules.refunds import MoreThanPaid, RefundRefused, left_to_refund
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.registration_refusals import AlreadyRemoved, OtherCurrency
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations
from tests.operations.invoices.test_credit_notes import paid, public_id
from tests.operations.invoices.test_issue import added, billed, stands
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, Worker
from tests.stripe import KEYS, Stripe, body_of, event, signature, stripe_configured

OpenSession = Callable[..., Session]
completion: Any = sys.modules["chalicelib.operations.refunds.complete"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch, sqs: Sqs) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        yield running


@pytest.fixture
def online(open_session: OpenSession, stripe: Stripe, streams: Streams, now: datetime) -> Registration:
    """A registration of 37.50, paid through Stripe."""
    open_session()
    organisations.change("demo", OrganisationChanges.model_validate(KEYS), expected=None)
    registration = added("invoice", now=now)
    streams.drain(now)
    open_checkout(invoice_token(stands(registration), "2026-0001"), now=now)
    stripe_says(event(stripe.pay("cs_test_1")), now)
    streams.drain(now)
    return stands(registration)


def stripe_says(body: bytes, now: datetime) -> None:
    headers = signature(body, at=now.timestamp())
    stripe_events.handle_stripe_event("demo", body, headers["Stripe-Signature"], now=now)


def told(body: bytes, now: datetime) -> None:
    """Let Stripe tell of a refund, later than it was paid."""
    stripe_says(body, now + MINUTE)


def refund(registration: Registration, amount: int | None = None, *, now: datetime, key: str = "one") -> Registration:
    draft = RefundInput.model_validate({"amount": {"amount": amount, "currency": "EUR"} if amount is not None else None, "note": "ill"})
    return refunds.refund("demo", public_id(registration), draft, by="owner", key=key, now=now)


def charge_refunded(stripe: Stripe) -> bytes:
    return body_of("charge.refunded", stripe.account.charge_of("pi_cs_test_1"))


def back(registration: Registration) -> list[tuple[int, str, str]]:
    return [(one.amount, one.method, one.state) for one in stands(registration).refunds]


def test_all_of_it_goes_back_through_stripe(online: Registration, stripe: Stripe, streams: Streams, ses: Ses, now: datetime) -> None:
    done = refund(online, now=now)
    assert (done.billing, done.paid.amount, left_to_refund(done).amount) == ("refunded", 0, 0)
    assert back(online) == [(3750, "stripe", "made")]
    ((fields, _),) = stripe.refunds.values()
    assert fields == {"payment_intent": "pi_cs_test_1", "amount": "3750", "metadata[refund]": done.refunds[0].id}
    streams.drain(now)
    assert [subject for subject in ses.subjects if "€37.50" in subject] == ["You get €37.50 back: Pottery"]
    assert any("5 to 10 days" in text for text in ses.texts)
    assert [step.status for step in stands(online).billing_history] == ["invoiced", "paid", "refunded"]


def test_a_part_leaves_it_paid_and_nothing_due(online: Registration, stripe: Stripe, streams: Streams, ses: Ses, now: datetime) -> None:
    done = refund(online, 1000, now=now)
    assert (done.billing, done.paid.amount, left_to_refund(done)) == ("paid", 2750, Money(2750, "EUR"))
    with pytest.raises(MoreThanPaid) as refused:
        refund(online, 2751, now=now, key="two")
    assert "27.50 EUR" in refused.value.filled
    refund(online, now=now, key="three")
    assert (back(online), stands(online).billing) == ([(1000, "stripe", "made"), (2750, "stripe", "made")], "refunded")
    with pytest.raises(MoreThanPaid):
        refund(online, 1, now=now, key="four")


@pytest.mark.parametrize("amount", [0, 3751])
def test_nothing_and_more_than_was_paid_are_refused(online: Registration, stripe: Stripe, now: datetime, amount: int) -> None:
    with pytest.raises(MoreThanPaid):
        refund(online, amount, now=now)
    assert (back(online), stripe.refunds) == ([], {})


def test_what_was_paid_otherwise_is_noted_by_hand(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    with pytest.raises(MoreThanPaid):
        refund(registration, now=now)
    paid(registration, 2000, now=now)
    done = refund(registration, now=now)
    assert (back(registration), done.billing) == ([(2000, "cash", "made")], "refunded")
    streams.drain(now)
    assert any("€20.00" in text for text in ses.texts)


def test_a_status_that_was_set_by_hand_counts_as_paid(open_session: OpenSession, now: datetime) -> None:
    open_session()
    registration = added("later", now=now)
    billed(registration, "paid", now=now)
    assert refund(registration, 750, now=now).billing == "paid"
    assert refund(registration, now=now, key="two").billing == "refunded"
    assert back(registration) == [(750, "", "made"), (3000, "", "made")]


def test_cash_and_stripe_go_back_the_way_they_came(online: Registration, stripe: Stripe, now: datetime) -> None:
    paid(online, 500, now=now)
    done = refund(online, 4000, now=now)
    assert back(online) == [(3750, "stripe", "made"), (250, "cash", "made")]
    assert (done.billing, left_to_refund(done).amount) == ("paid", 250)


def test_a_repeated_request_refunds_nothing_more(online: Registration, stripe: Stripe, now: datetime) -> None:
    assert refund(online, 1000, now=now) == refund(online, 1000, now=now)
    assert (back(online), stripe.account.refunded("pi_cs_test_1")) == ([(1000, "stripe", "made")], 1000)


def test_a_lost_reply_is_made_good_by_the_retry(
    online: Registration, stripe: Stripe, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_outcome = completion.record_outcome

    def dies(*_: Any, **__: Any) -> Registration:
        raise ConnectionResetError

    monkeypatch.setattr(completion, "record_outcome", dies)
    with pytest.raises(ConnectionResetError):
        refund(online, 1000, now=now)
    monkeypatch.setattr(completion, "record_outcome", record_outcome)
    assert (back(online), stripe.account.refunded("pi_cs_test_1")) == ([(1000, "stripe", "asked")], 1000)
    stripe.account.answers.clear()  # Stripe has forgotten the key: only the note on the refund is left.
    refund(online, 1000, now=now)
    assert (back(online), stripe.account.refunded("pi_cs_test_1")) == ([(1000, "stripe", "made")], 1000)


def test_a_job_goes_on_when_stripe_does_not_answer(
    online: Registration, stripe: Stripe, streams: Streams, sqs: Sqs, ses: Ses, now: datetime
) -> None:
    stripe.status = 500
    noted = refund(online, 1000, now=now)
    assert (back(online), noted.billing, left_to_refund(noted).amount) == ([(1000, "stripe", "asked")], "paid", 2750)
    streams.drain(now)
    assert not any("€10.00" in text for text in ses.texts)
    stripe.status = 200
    Worker(sqs, now, repeats=0.5, dice=random.Random(3)).work()
    streams.drain(now)
    assert (back(online), stripe.account.refunded("pi_cs_test_1")) == ([(1000, "stripe", "made")], 1000)
    assert len([text for text in ses.texts if "€10.00" in text]) == 1


@pytest.mark.parametrize("guarded", [True, False])
def test_two_refunds_at_once_return_no_more_than_was_paid(
    online: Registration, stripe: Stripe, now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control takes the condition out: then the second one is recorded over the first."""
    whole = registrations.note_refunds

    def after_another(planned: Registration, *, was: Registration, **more: Any) -> Registration:
        monkeypatch.setattr(registrations, "note_refunds", whole)
        refund(online, 2000, now=now, key="other")
        return whole(planned, was=was if guarded else replace(was, refunds=stands(online).refunds), **more)

    monkeypatch.setattr(registrations, "note_refunds", after_another)
    if guarded:
        with pytest.raises(MoreThanPaid):
            refund(online, 2000, now=now)
        assert back(online) == [(2000, "stripe", "made")]
    else:
        refund(online, 1000, now=now)
        assert sum(one.amount for one in stands(online).refunds) != stripe.account.refunded("pi_cs_test_1")


def test_events_in_any_order_note_each_refund_once(online: Registration, stripe: Stripe, streams: Streams, ses: Ses, now: datetime) -> None:
    first = refund(online, 1000, now=now)
    early = charge_refunded(stripe)
    stripe.account.refund({"payment_intent": "pi_cs_test_1", "amount": "500"})
    for body in (charge_refunded(stripe), early, charge_refunded(stripe), body_of("refund.created", stripe.account.refunds["re_2"])):
        told(body, now)
    assert back(online) == [(1000, "stripe", "made"), (500, "stripe", "made")]
    assert stands(online).refunds[0] == replace(first.refunds[0], reference="re_1")
    streams.drain(now)
    assert [len([text for text in ses.texts if amount in text]) for amount in ("€10.00", "€5.00")] == [1, 1]


def test_an_event_before_our_own_answer_settles_our_refund(
    online: Registration, stripe: Stripe, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_outcome = completion.record_outcome

    def told_first(*given: Any, **more: Any) -> Any:
        told(charge_refunded(stripe), now)
        return record_outcome(*given, **more)

    monkeypatch.setattr(completion, "record_outcome", told_first)
    assert refund(online, now=now).billing == "refunded"
    assert back(online) == [(3750, "stripe", "made")]


def test_what_was_refunded_at_stripe_cannot_go_back_again(online: Registration, stripe: Stripe, streams: Streams, now: datetime) -> None:
    stripe.account.refund({"payment_intent": "pi_cs_test_1"})
    with pytest.raises(RefundRefused):
        refund(online, now=now)
    assert back(online) == [(3750, "stripe", "failed")]
    streams.drain(now)
    ben = StaffMember("demo", "ben", "ben@example.org", "Ben", "owner", "active", now - MINUTE)
    rung = [one.text for one in list_notifications(ben, now=now, limit=9, locale="en").items]
    assert [text for text in rung if text.startswith("Stripe did not refund Ana: Pottery.")] != []
    told(charge_refunded(stripe), now)
    assert (back(online), stands(online).billing) == ([(3750, "stripe", "failed"), (3750, "stripe", "made")], "refunded")


def test_a_refund_that_fails_later_leaves_it_paid(online: Registration, stripe: Stripe, streams: Streams, now: datetime) -> None:
    refund(online, now=now)
    stripe.account.refunds["re_1"]["status"] = "failed"
    told(body_of("charge.refund.updated", stripe.account.refunds["re_1"]), now)
    found = stands(online)
    assert (back(online), found.billing, found.paid.amount) == ([(3750, "stripe", "failed")], "paid", 3750)
    assert left_to_refund(found).amount == 3750


def test_a_refund_by_hand_that_stripe_reports_later_counts_once(online: Registration, stripe: Stripe, now: datetime) -> None:
    billed(online, "refunded", now=now)
    stripe.account.refund({"payment_intent": "pi_cs_test_1"})
    told(charge_refunded(stripe), now)
    assert (back(online), received(stands(online)).amount) == ([(3750, "stripe", "made")], 0)
    billed(online, "unpaid", now=now)
    told(charge_refunded(stripe), now)
    assert stands(online).billing == "unpaid"


def test_a_transfer_takes_refunds_along(
    online: Registration, open_session: OpenSession, stripe: Stripe, streams: Streams, sqs: Sqs, ses: Ses, now: datetime
) -> None:
    open_session(id="s2", title="Weaving")
    stripe.status = 500
    refund(online, 1000, now=now)
    moved = transfer("demo", public_id(online), "s2", by="owner", key="move", now=now).registration
    with pytest.raises(AlreadyRemoved):
        refund(online, 1, now=now, key="two")
    stripe.status = 200
    streams.drain(now)
    Worker(sqs, now).work()
    streams.drain(now)
    assert back(moved) == [(1000, "stripe", "made")]
    stripe.account.refund({"payment_intent": "pi_cs_test_1", "amount": "500"})
    told(charge_refunded(stripe), now)
    assert back(moved) == [(1000, "stripe", "made"), (500, "stripe", "made")]
    assert len([text for text in ses.texts if "€10.00" in text]) == 1


def test_another_currency_and_payments_of_others_are_refused(online: Registration, stripe: Stripe, now: datetime) -> None:
    with pytest.raises(OtherCurrency):
        refunds.refund(
            "demo", public_id(online), RefundInput.model_validate({"amount": {"amount": 1, "currency": "USD"}}), by="o", key="k", now=now
        )
    for thing in ({"payment_intent": "pi_other"}, {"payment_intent": None}, {}):
        told(body_of("charge.refunded", thing), now)
    stripe.account.sessions["cs_test_1"]["metadata"]["org"] = "zebra"
    stripe.account.refund({"payment_intent": "pi_cs_test_1"})
    told(charge_refunded(stripe), now)
    assert stands(online) == online


def test_a_change_that_goes_on_and_on_is_busy(online: Registration, stripe: Stripe, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*_: Any, **__: Any) -> Registration:
        raise ChangedMeanwhile

    stripe.account.refund({"payment_intent": "pi_cs_test_1"})
    monkeypatch.setattr(registrations, "note_refunds", changed)
    with pytest.raises(Busy):
        refund(online, now=now)
    with pytest.raises(Busy):
        told(charge_refunded(stripe), now)
