"""One invoice for everything that was booked together: issued once, paid in parts, corrected as a whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.api.baskets import OrderOut
from chalicelib.operations import bookings, invoices, links, orders, organisations, registrations, sessions
from chalicelib.operations.invoices import online_payment
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import BillingStatusInput, PaymentInput, RegistrationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import ReportedPayment
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, Tier
from chalicelib.tables import organisations as organisation_rows
from chalicelib.tables import registrations as rows
from tests.operations.orders.test_place import basket, place
from tests.operations.simulated_aws import Crash, Ses, Streams

OpenSession = Callable[..., Session]
NUMBER = "2026-0001"


@pytest.fixture
def placed(open_session: OpenSession, streams: Streams, now: datetime) -> orders.PlacedOrder:
    """An order of two sessions that cost something and one that costs nothing, of an organisation that sends invoices."""
    for number, price in enumerate((1250, 2000, 0)):
        open_session(id=f"s{number}", title=f"Session {number}", tiers=(Tier("t1", "Adult", Money(price, "EUR")),))
    billed = OrganisationChanges.model_validate({"public_billing": "invoice"})
    organisations.change("demo", billed, expected=organisation_rows.get("demo").version)
    made = place(basket(("s0", "Kim"), ("s1", "Kim"), ("s2", "Kim")), now)
    streams.drain(now)
    return made


def as_now(placed: orders.PlacedOrder) -> list[Registration]:
    return [rows.get("demo", one.session, one.id) for one in placed.registrations]


def due(number: str = NUMBER) -> int:
    return invoices.read_by_number("demo", number).due.amount


def pay(registration: Registration, amount: int, now: datetime) -> None:
    payment = PaymentInput.model_validate({"amount": {"amount": amount, "currency": "EUR"}, "method": "cash"})
    registrations.add_payment("demo", registration.public_id, payment, by="m", now=now)


def report(amount: int, now: datetime, session: str = "cs_1") -> None:
    online_payment.note_payment(ReportedPayment("demo", NUMBER, session, Money(amount, "EUR")), now=now)


def test_an_order_gets_one_invoice_and_one_e_mail_about_it(placed: orders.PlacedOrder, streams: Streams, ses: Ses, now: datetime) -> None:
    view = invoices.read_by_number("demo", NUMBER)
    assert [(line.label, line.amount.amount) for line in view.invoice.lines] == [("Session 0", 1250), ("Session 1", 2000)]
    assert [(one.invoice, one.billing_status) for one in as_now(placed)] == [(NUMBER, "invoiced"), (NUMBER, "invoiced"), ("", "free")]
    assert (view.due.amount, view.session_title, len(ses.sent)) == (3250, "Session 0, Session 1", 2)
    assert sum(NUMBER in subject for subject in ses.subjects) == 1
    for registration in as_now(placed)[:2]:
        assert invoices.issue_if_wanted(registration, now=now).invoice == NUMBER
    streams.drain(now)
    assert len(ses.sent) == 2


def test_the_order_shows_its_invoice_until_parts_of_it_have_others(placed: orders.PlacedOrder, streams: Streams, now: datetime) -> None:
    view = orders.read_order(links.order_token(placed.order), now=now)
    assert view.invoice
    assert (view.invoice.invoice.number, view.invoice.due.amount) == (NUMBER, 3250)
    assert OrderOut.of(view.order, view.registrations, view.invoice).model_dump()["invoice"]["number"] == NUMBER


def test_what_is_paid_for_each_counts_together(placed: orders.PlacedOrder, now: datetime) -> None:
    first, second, _ = as_now(placed)
    pay(first, 1250, now)
    assert (due(), invoices.read_by_number("demo", NUMBER).status) == (2000, "open")
    registrations.set_billing("demo", second.public_id, BillingStatusInput(status="paid"), by="m", now=now)
    assert (due(), invoices.read_by_number("demo", NUMBER).status) == (0, "paid")


def test_an_online_payment_is_recorded_on_each_registration_once(placed: orders.PlacedOrder, now: datetime) -> None:
    for _ in range(2):
        report(3250, now)
        assert [(one.paid.amount, one.billing) for one in as_now(placed)] == [(1250, "paid"), (2000, "paid"), (0, "unpaid")]
    report(500, now, session="cs_2")
    assert [one.paid.amount for one in as_now(placed)] == [1750, 2000, 0]
    assert due() == 0


def test_a_payment_that_crashed_between_two_registrations_is_completed_by_the_repeated_event(
    placed: orders.PlacedOrder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = rows.add_payment, [0]

    def dying(*arguments: Any, **more: Any) -> Registration:
        calls[0] += 1
        if calls[0] == 2:
            raise Crash
        return real(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(rows, "add_payment", dying)
        with pytest.raises(Crash):
            report(3250, now)
    assert due() == 2000
    report(3250, now)
    assert [one.paid.amount for one in as_now(placed)] == [1250, 2000, 0]


def test_a_party_that_grows_gets_a_new_invoice_for_everything(placed: orders.PlacedOrder, streams: Streams, now: datetime) -> None:
    later = now + timedelta(minutes=5)
    first = as_now(placed)[0]
    registrations.change_registration("demo", first.public_id, RegistrationChanges(party_size=2), now=later)
    streams.drain(later)
    replaced = invoices.read_by_number("demo", NUMBER).invoice.replaced_by
    assert [one.invoice for one in as_now(placed)] == [replaced, replaced, ""]
    assert (due(replaced), due()) == (4500, 0)


def test_a_cancelled_session_leaves_an_invoice_for_the_others(placed: orders.PlacedOrder, streams: Streams, now: datetime) -> None:
    sessions.cancel_session("demo", "s1", CancelInput(credit_invoices=True), by="m", now=now)
    streams.drain(now)
    replaced = invoices.read_by_number("demo", NUMBER).invoice.replaced_by
    assert [one.invoice for one in as_now(placed)] == [replaced, "", ""]
    assert due(replaced) == 1250


def test_a_session_that_is_cancelled_without_a_credit_is_not_to_be_paid(
    placed: orders.PlacedOrder, streams: Streams, now: datetime
) -> None:
    sessions.cancel_session("demo", "s1", CancelInput(credit_invoices=False), by="m", now=now)
    assert (due(), invoices.read_by_number("demo", NUMBER).called_off) == (1250, False)
    sessions.cancel_session("demo", "s0", CancelInput(credit_invoices=False), by="m", now=now)
    assert (due(), invoices.read_by_number("demo", NUMBER).called_off) == (0, True)


def test_a_booking_that_moved_before_its_invoice_is_billed_too(
    open_session: OpenSession, streams: Streams, organisation: Organisation, now: datetime
) -> None:
    for number in range(3):
        open_session(id=f"s{number}", title=f"Session {number}")
    organisation_rows.save(replace(organisation_rows.get("demo"), public_billing="invoice"))
    made = place(basket(("s0", "Kim"), ("s1", "Kim")), now)
    moved = registrations.transfer("demo", made.registrations[0].public_id, "s2", by="m", key="k", now=now).registration
    streams.drain(now)
    billed = [rows.get("demo", moved.session, moved.id), as_now(made)[1]]
    assert [one.billing for one in billed] == ["invoiced", "invoiced"]
    assert sum(due(number) for number in {one.invoice for one in billed}) == 2500


def test_a_line_that_its_family_cancelled_is_not_to_be_paid_when_another_is_paid(
    placed: orders.PlacedOrder, streams: Streams, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Registration] = []
    monkeypatch.setattr(invoices, "close_pages", closed.append)
    organisation_rows.save(replace(organisation_rows.get("demo"), cancel_until_hours=0))
    first, second, _ = as_now(placed)
    pay(first, 1250, now)
    closed.clear()
    bookings.cancel("demo", second.public_id, key="k", now=now)
    streams.drain(now)
    assert (due(), invoices.read_by_number("demo", NUMBER).status, [one.id for one in closed]) == (0, "paid", [second.id])


def test_a_booking_owes_its_own_part_of_the_invoice(placed: orders.PlacedOrder, now: datetime) -> None:
    pay(as_now(placed)[0], 250, now)
    views = [bookings.view_of(one, now=now) for one in as_now(placed)]
    assert [view.owed.amount for view in views] == [1000, 2000, 0]
    assert [view.invoice and view.invoice.due.amount for view in views] == [3000, 3000, None]
