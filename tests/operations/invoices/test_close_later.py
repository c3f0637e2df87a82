"""Payment pages of invoices that a stream or the clock settled are closed by a job, also when Stripe does not answer at once."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import organisations
from chalicelib.operations.invoices import close_next, open_checkout
from chalicelib.operations.jobs import list_jobs
from chalicelib.operations.links import invoice_token
from chalicelib.operations.registrations import change_registration, set_billing
from chalicelib.operations.sessions import cancel_session, decide_due
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import BillingStatusInput, RegistrationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.online_payment import InvoiceOfCancelledSession, NothingDue
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import invoices, sessions
from tests.operations.invoices.test_credit_notes import paid, public_id, resized
from tests.operations.invoices.test_issue import added, stands
from tests.operations.simulated_aws import Streams
from tests.operations.simulated_queue import Sqs, Worker
from tests.stripe import KEYS, Stripe, stripe_configured


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch, sqs: Sqs) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        yield running


@pytest.fixture
def opened(open_session: Callable[..., Session], stripe: Stripe, streams: Streams, now: datetime) -> Registration:
    """A registration of three spots whose invoice has an open payment page, on a session that needs four."""
    open_session(minimum=Minimum(4, "cancel", hours_before=2))
    organisations.change("demo", OrganisationChanges.model_validate(KEYS), expected=None)
    registration = added("invoice", now=now)
    streams.drain(now)
    open_checkout(invoice_token(stands(registration), "2026-0001"), now=now)
    return stands(registration)


def pages(number: str = "2026-0001") -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = invoices.get("demo", number)
    return found.checkouts, found.closed_checkouts


def cancelled_by_the_clock() -> datetime:
    """Let the clock decide the session, and return when."""
    at = sessions.get("demo", "s1").decides_at
    assert at
    assert decide_due(now=at) == 1
    return at


def test_a_session_that_the_clock_cancels_leaves_no_page_open(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker
) -> None:
    at = cancelled_by_the_clock()
    streams.drain(at)
    assert stripe.expired == []
    worker.work()
    assert (stripe.expired, pages()) == (["cs_test_1"], ((), ("cs_test_1",)))


def test_a_partly_paid_invoice_that_stays_is_not_payable_either(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    paid(opened, 100, now=now)
    open_checkout(invoice_token(stands(opened), "2026-0001"), now=now)
    at = cancelled_by_the_clock()
    streams.drain(at)
    worker.work()
    assert (stands(opened).invoice, stripe.expired) == ("2026-0001", ["cs_test_1", "cs_test_2"])


def test_the_page_of_an_invoice_that_the_stream_corrects_is_closed(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    resized(opened, 2, now=now)
    streams.drain(now)
    assert stands(opened).invoice == "2026-0002"
    worker.work()
    assert (stripe.expired, pages()) == (["cs_test_1"], ((), ("cs_test_1",)))
    open_checkout(invoice_token(stands(opened), "2026-0002"), now=now)
    streams.drain(now)
    worker.work()
    assert (stripe.expired, pages("2026-0002")) == (["cs_test_1"], (("cs_test_2",), ()))


def test_a_page_that_stripe_did_not_close_when_it_was_paid_at_the_door_is_closed_later(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, sqs: Sqs, now: datetime
) -> None:
    stripe.status = 500
    set_billing("demo", public_id(opened), BillingStatusInput(status="paid"), by="owner", now=now)
    streams.drain(now)
    job = sqs.waiting[0]
    worker.work()
    assert (worker.set_aside, stripe.expired, [one.status for one in list_jobs("demo", limit=9).items]) == ([job], [], ["failed"])
    stripe.status = 200
    worker.deliver(job)
    assert (stripe.expired, [one.status for one in list_jobs("demo", limit=9).items]) == (["cs_test_1"], ["done"])


def test_records_and_messages_that_come_again_close_a_page_once(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    resized(opened, 2, now=now)
    records = streams.rosters.read()
    for _ in range(3):
        roster_events.handle({"Records": records}, clock=lambda: now)
    streams.drain(now)
    worker.repeats, worker.dice = 0.5, random.Random(3)
    worker.work()
    assert (stripe.expired, [one.kind for one in list_jobs("demo", limit=9).items]) == (["cs_test_1"], ["checkouts"])


def test_a_page_that_is_to_be_paid_again_stays(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    stripe.status = 500
    for status in ("paid", "invoiced"):
        set_billing("demo", public_id(opened), BillingStatusInput.model_validate({"status": status}), by="owner", now=now)
    streams.drain(now)
    stripe.status = 200
    worker.work()
    assert (stripe.expired, pages()) == ([], (("cs_test_1",), ()))


def test_an_invoice_without_pages_starts_no_job(open_session: Callable[..., Session], streams: Streams, sqs: Sqs, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    streams.drain(now)
    change_registration("demo", public_id(registration), RegistrationChanges(party_size=1), now=now)
    streams.drain(now)
    assert (stands(registration).invoice, sqs.waiting, list_jobs("demo", limit=9).items) == ("2026-0002", [], [])


def test_an_invoice_whose_people_were_erased_is_skipped(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, now: datetime
) -> None:
    resized(opened, 2, now=now)
    streams.drain(now)
    job = list_jobs("demo", limit=9).items[0]
    assert close_next(job, ["2026-0099"], now) == []
    assert stripe.expired == []


def test_nothing_is_opened_on_a_settled_invoice(opened: Registration, streams: Streams, now: datetime) -> None:
    resized(opened, 2, now=now)
    token = invoice_token(stands(opened), "2026-0001")
    streams.drain(now)
    with pytest.raises(NothingDue):
        open_checkout(token, now=now)


@pytest.mark.parametrize("meanwhile", ["cancelled", "paid"])
def test_no_page_stays_open_that_was_asked_for_while_the_session_was_cancelled_or_all_was_paid(
    opened: Registration, stripe: Stripe, streams: Streams, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """The pages are closed by somebody who looks before the new one is recorded. 100 was paid, so the invoice is not credited."""
    paid(opened, 100, now=now)
    token, note = invoice_token(stands(opened), "2026-0001"), invoices.note_checkout

    def late(invoice: Invoice, id: str) -> bool:
        with monkeypatch.context() as patch:
            patch.setattr(invoices, "note_checkout", note)
            if meanwhile == "cancelled":
                cancel_session("demo", "s1", CancelInput(), by="owner", now=now)
            else:
                paid(stands(opened), 3650, now=now)
            streams.drain(now)
            worker.work()
        return note(invoices.get("demo", invoice.number), id)

    with monkeypatch.context() as patch:
        patch.setattr(invoices, "note_checkout", late)
        with pytest.raises(InvoiceOfCancelledSession if meanwhile == "cancelled" else NothingDue):
            open_checkout(token, now=now)
    assert {session["status"] for session in stripe.sessions()} == {"expired"}
    assert pages()[0] == ()
