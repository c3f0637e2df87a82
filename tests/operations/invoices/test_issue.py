"""From a registration to the invoice that left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import links
from chalicelib.operations.invoices import read_invoice
from chalicelib.operations.registrations import add, set_billing, transfer
from chalicelib.rules.inputs.roster import AddInput, BillingStatusInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session, Tier
from chalicelib.tables import invoices, organisations, registrations
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import accepted, invited, registered

OpenSession = Callable[..., Session]


@pytest.fixture
def invoicing(organisation: Organisation) -> None:
    """Let the public pay by invoice."""
    organisations.save(replace(organisation, public_billing="invoice", vat_rate=20.0, payment_instructions="IBAN FR76"))


def added(method: str, *, now: datetime, email: str = "ana@example.org") -> Registration:
    body = {"new_customer": {"name": "Ana", "email": email}, "participants": [{"name": "Zoé"}], "party_size": 3}
    draft = AddInput.model_validate({**body, "billing": {"method": method}, "send_confirmation": True})
    return add("demo", "s1", draft, by="owner", key=email, now=now).registration


def stands(registration: Registration) -> Registration:
    return registrations.get("demo", registration.session, registration.id)


def billed(registration: Registration, status: str, *, now: datetime) -> Registration:
    step = BillingStatusInput.model_validate({"status": status})
    return set_billing("demo", f"{registration.session}-{registration.id}", step, by="owner", now=now)


@pytest.mark.usefixtures("invoicing")
def test_the_public_gets_a_confirmation_and_an_invoice(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = registered("ben@example.org", now=now)
    streams.drain(now)
    assert sorted(ses.subjects) == ["Facture 2026-0001 – Atelier Lumière", "Inscription confirmée\u00a0: Pottery"]
    invoice = next(text for text in ses.texts if "2026-0001" in text)
    view = read_invoice(invoice.splitlines()[0].rpartition("/")[2])
    assert (view.invoice.total, view.invoice.vat, view.status) == (Money(1250, "EUR"), Money(208, "EUR"), "open")
    assert "IBAN FR76" in invoice
    step = stands(registration).billing_history[0]
    assert (stands(registration).billing, step.status, step.by) == ("invoiced", "invoiced", "settings")


@pytest.mark.usefixtures("invoicing")
def test_an_accepted_invitation_is_invoiced_too(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = accepted(invited("ana@example.org", now=now), now=now)
    streams.drain(now)
    assert stands(registration).invoice == "2026-0001"
    assert len([text for text in ses.texts if "2026-0001" in text]) == 1


@pytest.mark.usefixtures("invoicing")
def test_a_free_registration_is_not_invoiced(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session(tiers=(Tier("t1", "Adult", Money(0, "EUR")),))
    registration = registered("ben@example.org", now=now)
    streams.drain(now)
    assert (stands(registration).invoice, len(ses.sent)) == ("", 1)


def test_nobody_is_invoiced_where_people_pay_later(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = registered("ben@example.org", now=now)
    streams.drain(now)
    assert (stands(registration).invoice, stands(registration).billing, len(ses.sent)) == ("", "unpaid", 1)


def test_staff_add_a_customer_who_pays_by_invoice(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = added("invoice", now=now)
    assert (registration.invoice, registration.billing) == ("2026-0001", "invoiced")
    streams.drain(now)
    assert sorted(ses.subjects) == ["Invoice 2026-0001 of Atelier Lumière", "You are registered: Pottery"]
    assert "3 × €12.50" in next(text for text in ses.texts if "2026-0001" in text)


def test_a_refused_registration_uses_no_invoice_number(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session(spots_total=2)
    with pytest.raises(SessionFull):
        added("invoice", now=now)
    streams.drain(now)
    assert invoices.count("demo", 2026) == 0


def test_a_status_set_by_staff_issues_the_invoice_once(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = added("later", now=now)
    for status in ("invoiced", "unpaid", "invoiced"):
        registration = billed(registration, status, now=now)
        streams.drain(now)
    assert registration.invoice == "2026-0001"
    assert ses.subjects.count("Invoice 2026-0001 of Atelier Lumière") == 1
    assert len(ses.sent) == 2


def test_a_status_whose_invoice_was_never_issued_is_followed(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = added("later", now=now)
    registrations.set_billing(registration, "invoiced", by="owner", note="", now=now)
    streams.drain(now)
    assert stands(registration).invoice == "2026-0001"
    assert "Invoice 2026-0001 of Atelier Lumière" in ses.subjects


@pytest.mark.usefixtures("invoicing")
def test_records_that_come_again_issue_nothing_more(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registered("ben@example.org", now=now)
    records = streams.rosters.read()
    for _ in range(3):
        roster_events.handle({"Records": records}, clock=lambda: now)
    streams.drain(now)
    assert (invoices.count("demo", 2026), len(ses.sent)) == (1, 2)


def test_an_invoice_goes_along_and_is_not_sent_twice(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    open_session(id="s2", title="Weaving")
    registration = added("invoice", now=now)
    streams.drain(now)
    moved = transfer("demo", f"s1-{registration.id}", "s2", by="owner", key="move", now=now).registration
    streams.drain(now)
    assert moved.invoice == "2026-0001"
    assert ses.subjects.count("Invoice 2026-0001 of Atelier Lumière") == 1
    billed(moved, "paid", now=now)
    assert read_invoice(links.invoice_token(moved, "2026-0001")).status == "paid"
    with pytest.raises(AlreadyRemoved):
        billed(registration, "invoiced", now=now)
