"""From a corrected invoice to its credit note and the e-mails that left."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import links
from chalicelib.operations.invoices import correct, correct_if_outdated, read_by_number, read_invoice
from chalicelib.operations.registrations import (
    add_payment,
    change_registration,
    correct_contact,
    remove_registration,
    set_billing,
    transfer,
)
from chalicelib.rules.inputs.roster import BillingStatusInput, ContactChanges, PaymentInput, RegistrationChanges
from chalicelib.rules.invoices import InvoiceSettled
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import credit_notes, invoices
from tests.operations.invoices.test_issue import added, billed, stands
from tests.operations.simulated_aws import Ses, Streams

OpenSession = Callable[..., Session]


def public_id(registration: Registration) -> str:
    return f"{registration.session}-{registration.id}"


def resized(registration: Registration, size: int, *, now: datetime) -> None:
    change_registration("demo", public_id(registration), RegistrationChanges(party_size=size), now=now)


def paid(registration: Registration, amount: int, *, now: datetime) -> None:
    draft = PaymentInput.model_validate({"amount": {"amount": amount, "currency": "EUR"}, "method": "cash"})
    add_payment("demo", public_id(registration), draft, by="owner", now=now)


def counted() -> tuple[int, int]:
    return invoices.count("demo", 2026), invoices.count("demo", 2026, credit=True)


def test_a_party_of_another_size_gets_another_invoice(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    streams.drain(now)
    resized(registration, 2, now=now)
    streams.drain(now)
    found = stands(registration)
    assert (found.invoice, found.invoices_before, found.billing) == ("2026-0002", ("2026-0001", "C2026-0001"), "invoiced")
    old, note, new = (read_by_number("demo", number) for number in ("2026-0001", "C2026-0001", "2026-0002"))
    assert (old.status, old.due, old.invoice.credited_by, old.invoice.replaced_by) == (
        "cancelled",
        Money(0, "EUR"),
        "C2026-0001",
        "2026-0002",
    )
    assert (note.status, note.due, note.invoice.total, note.invoice.credits) == (
        "credit",
        Money(0, "EUR"),
        Money(-3750, "EUR"),
        "2026-0001",
    )
    assert (new.status, new.due) == ("open", Money(2500, "EUR"))
    assert old.invoice.total == Money(3750, "EUR"), "what was issued stays"
    wanted = {"Invoice 2026-0001 of Atelier Lumière", "Credit note C2026-0001 of Atelier Lumière", "Invoice 2026-0002 of Atelier Lumière"}
    assert wanted <= set(ses.subjects)
    assert len(ses.sent) == 4
    text = next(text for text in ses.texts if "Credit note" in text)
    assert read_invoice(text.splitlines()[0].rpartition("/")[2]).invoice.number == "C2026-0001"
    assert "cancels invoice 2026-0001" in text


def test_records_that_come_again_correct_nothing_more(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    resized(registration, 2, now=now)
    resized(registration, 4, now=now)
    records = streams.rosters.read()
    for order in (records, records[::-1], records):
        roster_events.handle({"Records": order}, clock=lambda: now)
    streams.drain(now)
    streams.drain(now)
    assert counted() == (2, 1)
    assert read_by_number("demo", stands(registration).invoice).due == Money(5000, "EUR")
    assert len(ses.subjects) == len(set(ses.subjects))


def test_a_size_that_is_taken_back_in_time_changes_nothing(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    resized(registration, 2, now=now)
    resized(registration, 3, now=now)
    streams.drain(now)
    assert counted() == (1, 0)


@pytest.mark.parametrize("settled", ["payment", "paid", "refunded"])
def test_an_invoice_with_money_on_it_stays(settled: str, open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    if settled == "payment":
        paid(registration, 1000, now=now)
        resized(registration, 2, now=now)
    else:
        billed(registration, settled, now=now)
    streams.drain(now)
    with pytest.raises(InvoiceSettled):
        correct("demo", "2026-0001", by="owner", now=now)
    assert counted() == (1, 0)


def test_staff_correct_a_name_once(open_session: OpenSession, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    correct_contact("demo", public_id(registration), ContactChanges(name="Ana Lima GmbH"), now=now)
    first, again = (correct("demo", "2026-0001", by="owner", now=now + timedelta(seconds=second)) for second in (0, 9))
    assert first == again
    assert first.invoice
    assert (first.invoice.customer, first.invoice.total, counted()) == ("Ana Lima GmbH", Money(3750, "EUR"), (2, 1))
    step = stands(registration).billing_history[-1]
    assert (step.status, step.by, step.note) == ("invoiced", "owner", "2026-0001 is cancelled by C2026-0001")


def test_whoever_was_removed_keeps_the_invoice_until_staff_cancel_it(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    registration = added("invoice", now=now)
    streams.drain(now)
    remove_registration("demo", public_id(registration), by="owner", now=now)
    streams.drain(now)
    assert (counted(), read_by_number("demo", "2026-0001").status) == ((1, 0), "open")
    done = correct("demo", "2026-0001", by="owner", now=now)
    streams.drain(now)
    assert (done.invoice, counted(), stands(registration).invoice, stands(registration).billing) == (None, (1, 1), "", "unpaid")
    assert ses.subjects[-1] == "Credit note C2026-0001 of Atelier Lumière"
    billed(registration, "invoiced", now=now)
    assert stands(registration).invoice == "2026-0002", "a fee may still be invoiced"


def test_an_invoice_goes_along_and_may_name_the_other_session(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session()
    open_session(id="s2", title="Weaving")
    registration = added("invoice", now=now)
    resized(registration, 2, now=now)
    streams.drain(now)
    moved = transfer("demo", public_id(registration), "s2", by="owner", key="move", now=now).registration
    streams.drain(now)
    assert (moved.invoice, counted()) == ("2026-0002", (2, 1))
    done = correct("demo", "2026-0002", by="owner", now=now)
    assert done.invoice
    assert (done.invoice.lines[0].label, stands(moved).invoice) == ("Weaving", "2026-0003")
    assert stands(moved).invoices_before == ("2026-0001", "C2026-0001", "2026-0002", "C2026-0002")


def test_a_payment_that_comes_first_wins(open_session: OpenSession, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    open_session()
    registration, whole = added("invoice", now=now), credit_notes.write

    def after_a_payment(*given: object, **more: object) -> None:
        monkeypatch.setattr(credit_notes, "write", whole)
        paid(registration, 1000, now=now)
        whole(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(credit_notes, "write", after_a_payment)
    with pytest.raises(InvoiceSettled):
        correct("demo", "2026-0001", by="owner", now=now)
    assert counted() == (1, 0)


def test_a_credit_note_is_not_corrected(open_session: OpenSession, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    set_billing("demo", public_id(registration), BillingStatusInput(status="unpaid"), by="owner", now=now)
    correct("demo", "2026-0001", by="owner", now=now)
    for number in ("C2026-0001", "2026-0099", ""):
        with pytest.raises(NotFound):
            correct("demo", number, by="owner", now=now)
    correct_if_outdated(stands(registration), now=now)
    assert (links.invoice_token(registration, "C2026-0001"), counted())[1] == (2, 1)
