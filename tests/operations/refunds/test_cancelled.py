"""What was paid online goes back by itself when a family cancels in time, and when its session is cancelled."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import bookings, cancellation, replay
from chalicelib.operations.sessions import cancel_session, decide_due
from chalicelib.rules.bookings import TooLateToCancel
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, organisations, registrations, sessions
from tests.operations.invoices.test_credit_notes import paid, public_id
from tests.operations.invoices.test_issue import stands
from tests.operations.refunds.test_refund import back, online, stripe
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, Worker
from tests.stripe import Stripe

__all__ = ["online", "stripe"]


@pytest.fixture(autouse=True)
def terms(organisation: Organisation) -> None:
    organisations.save(replace(organisations.get("demo"), cancel_until_hours=24))


def cancel(registration: Registration, *, now: datetime, key: str = "k") -> int:
    return bookings.cancel("demo", public_id(registration), key=key, now=now)


def test_a_family_that_cancels_gets_its_money_back(online: Registration, stripe: Stripe, streams: Streams, ses: Ses, now: datetime) -> None:
    assert [cancel(online, now=now) for _ in range(2)] == [3, 3]
    found = stands(online)
    assert (back(online), found.billing, found.was_cancelled) == ([(3750, "stripe", "made")], "refunded", True)
    assert found.refunds[0].by == "ana@example.org"
    streams.drain(now)
    assert {"Cancelled: Pottery", "You get €37.50 back: Pottery"} <= set(ses.subjects)
    told = next(text for text in ses.texts if "You cancelled your booking" in text)
    assert "€37.50 goes back to the card or account that you paid with." in told
    assert stripe.account.refunded("pi_cs_test_1") == 3750


def test_without_an_answer_of_stripe_a_job_goes_on(online: Registration, stripe: Stripe, streams: Streams, sqs: Sqs, now: datetime) -> None:
    stripe.status = 500
    assert cancel(online, now=now) == 3
    assert back(online) == [(3750, "stripe", "asked")]
    stripe.status = 200
    streams.drain(now)
    Worker(sqs, now).work()
    assert (back(online), stands(online).billing) == ([(3750, "stripe", "made")], "refunded")


def test_too_late_nothing_goes_back(online: Registration, stripe: Stripe, now: datetime) -> None:
    starts = sessions.get("demo", "s1").meetings[0].starts_at
    with pytest.raises(TooLateToCancel):
        cancel(online, now=starts - timedelta(hours=23))
    assert (back(online), stripe.refunds) == ([], {})


def test_cash_stays_until_staff_decide(online: Registration, stripe: Stripe, now: datetime) -> None:
    paid(online, 500, now=now)
    cancel(online, now=now)
    assert (back(online), stands(online).paid.amount, stands(online).billing) == ([(3750, "stripe", "made")], 500, "paid")


@pytest.mark.parametrize("guarded", [True, False])
def test_a_payment_that_comes_in_meanwhile_is_not_left_out(
    online: Registration, stripe: Stripe, now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control writes the cancellation without looking at the money: then the refund of staff is forgotten."""
    whole, transact = registrations.cancel_writes, dynamodb.transact

    def after_another(ended: Registration, was: Registration, **more: Any) -> Any:
        monkeypatch.setattr(registrations, "cancel_writes", whole)
        planned = replace(was, refunds=(), billing="paid")
        paid(planned, 100, now=now)
        return whole(ended, was if guarded else stands(online), **more)

    monkeypatch.setattr(registrations, "cancel_writes", after_another)
    tried: list[int] = []

    def counted(writes: Any) -> Any:
        tried.append(len(writes))
        return transact(writes)

    monkeypatch.setattr(dynamodb, "transact", counted)
    cancel(online, now=now)
    assert len(tried) == (2 if guarded else 1)


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("at_once", [100, 0], ids=["in the stream", "as a job"])
def test_cancelling_a_session_refunds_what_staff_say(
    online: Registration,
    stripe: Stripe,
    streams: Streams,
    sqs: Sqs,
    ses: Ses,
    now: datetime,
    wanted: bool,
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancellation, "SLICE", at_once)
    cancel_session("demo", "s1", CancelInput(refund_payments=wanted), by="ben@example.org", now=now)
    streams.drain(now)
    while sqs.waiting:
        Worker(sqs, now, repeats=0.5).work()
        streams.drain(now)
    assert back(online) == ([(3750, "stripe", "made")] if wanted else [])
    assert stands(online).billing == ("refunded" if wanted else "paid")
    assert [one.by for one in stands(online).refunds] == (["ben@example.org"] if wanted else [])
    assert ("You get €37.50 back: Pottery" in ses.subjects) == wanted


def test_a_lost_record_of_a_cancelled_session_is_made_good(online: Registration, stripe: Stripe, streams: Streams, now: datetime) -> None:
    cancel_session("demo", "s1", CancelInput(refund_payments=True), by="ben@example.org", now=now)
    streams.rosters.read()
    for one in replay.missed_reactions("demo", now=now):
        if one.what == "refunds" or one.id == "refunds":
            one.do()
    assert back(online) == [(3750, "stripe", "asked")]


def test_a_session_below_its_minimum_refunds_by_itself(
    online: Registration, open_session: Callable[..., Any], stripe: Stripe, streams: Streams, sqs: Sqs, now: datetime
) -> None:
    session = sessions.get("demo", "s1")
    sessions.save(replace(session, minimum=Minimum(4, "cancel", hours_before=2)), [], 0, was=session)
    at = sessions.get("demo", "s1").decides_at
    assert at
    assert decide_due(now=at) == 1
    streams.drain(at)
    Worker(sqs, at).work()
    assert (back(online), stands(online).billing) == ([(3750, "stripe", "made")], "refunded")
