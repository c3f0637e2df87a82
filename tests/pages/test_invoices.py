"""The page of an invoice, and its PDF."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.operations import customers, invoices, links, organisations
from chalicelib.operations.registrations import add, add_payment, set_billing
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules import links as rules
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import AddInput, BillingStatusInput, PaymentInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.online_payment import InvoiceOfCancelledSession
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations
from tests.aws import Demo
from tests.http import call
from tests.pages.browser import Browser

SELLER = {"address": "3 rue de l'Église\n75011 Paris", "vat_number": "FR12345678901"}
SETTINGS = {
    "vat_rate": 20,
    "payment_instructions": "IBAN FR76 <0001>\nBIC DEMO",
    "name": "Atelier Lumière",
    "accent": "#a82424",
    **SELLER,
}


@pytest.fixture
def invoiced(make_session: Callable[..., Session], today: datetime) -> Registration:
    """A registration of three spots at 12.50, with an invoice."""
    organisations.change("demo", OrganisationChanges.model_validate(SETTINGS), expected=None)
    session = make_session(
        title="Poterie & tournage Łódź", tiers=[{"name": "Enfant", "price": {"amount": 1250, "currency": "EUR"}}], spots_total=5
    )
    body: dict[str, Any] = {"new_customer": {"name": "Ana Müller", "email": "ana@example.org"}, "participants": [{"name": "Zoé"}]}
    draft = AddInput.model_validate({**body, "party_size": 3, "billing": {"method": "invoice"}})
    return add("demo", session.id, draft, by="owner", key="one", now=today).registration


def link_of(registration: Registration) -> str:
    return f"/invoice/{links.invoice_token(registration, registration.invoice)}"


def public_id(registration: Registration) -> str:
    return f"{registration.session}-{registration.id}"


def test_the_link_shows_the_invoice_without_signing_in(visitor: Browser, invoiced: Registration) -> None:
    page = visitor.get(link_of(invoiced))
    assert page.status == 200
    for said in (
        "Invoice 2026-0001",
        "To be paid",
        "Ana Müller",
        "Poterie & tournage Łódź",
        "€31.25",
        "€6.25",
        "€37.50",
        "20%",
        "IBAN FR76 <0001>",
        "3 rue de l'Église 75011 Paris",
        "VAT number FR12345678901",
    ):
        assert said in page.text
    assert "Atelier Lumière" in page.text
    assert any("a82424" in link for link in re.findall(r'href="([^"]+)"', page.html))


def test_the_page_speaks_french(french: Browser, invoiced: Registration) -> None:
    text = french.get(link_of(invoiced)).text
    for said in ("Facture 2026-0001", "À payer", "Total hors taxes", "37,50"):
        assert said in text


def test_a_payment_and_a_status_show_on_the_page(visitor: Browser, invoiced: Registration, today: datetime) -> None:
    part = PaymentInput.model_validate({"amount": {"amount": 1000, "currency": "EUR"}, "method": "cash"})
    add_payment("demo", public_id(invoiced), part, by="owner", now=today)
    assert "Still to be paid €27.50" in visitor.get(link_of(invoiced)).text
    rest = PaymentInput.model_validate({"amount": {"amount": 2750, "currency": "EUR"}, "method": "cash"})
    add_payment("demo", public_id(invoiced), rest, by="owner", now=today)
    paid = visitor.get(link_of(invoiced)).text
    assert "Paid. Thank you!" in paid
    assert "IBAN" not in paid
    set_billing("demo", public_id(invoiced), BillingStatusInput(status="refunded"), by="owner", now=today)
    assert "This invoice was refunded." in visitor.get(link_of(invoiced)).text


def test_an_issued_invoice_keeps_its_facts(visitor: Browser, invoiced: Registration) -> None:
    changed = {"vat_rate": 5.5, "payment_instructions": "Cash", "name": "Another name", "address": "Elsewhere", "vat_number": ""}
    organisations.change("demo", OrganisationChanges.model_validate(changed), expected=None)
    text = visitor.get(link_of(invoiced)).text
    assert "From Atelier Lumière" in text
    assert "VAT at 20%" in text
    assert "IBAN" in text
    assert "75011 Paris" in text
    assert "FR12345678901" in text


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), lambda token: token.replace("0001", "0002")]
)
def test_a_forged_link_is_not_found(visitor: Browser, invoiced: Registration, spoil: Callable[[str], str]) -> None:
    token = spoil(links.invoice_token(invoiced, invoiced.invoice))
    assert visitor.get(f"/invoice/{token}").status == 404
    assert call("GET", f"/v1/invoices/{token}").status == 404
    assert call("GET", f"/v1/invoices/{token}.pdf").status == 404


@pytest.mark.parametrize("kind", ["invitation", "registered", "unsubscribe"])
def test_the_link_of_another_thing_opens_no_invoice(visitor: Browser, invoiced: Registration, kind: str) -> None:
    token = rules.token(config().link_key, kind, "demo", invoiced.invoice)
    assert visitor.get(f"/invoice/{token}").status == 404


def test_the_api_and_the_page_agree(invoiced: Registration) -> None:
    response = call("GET", "/v1/invoices/" + links.invoice_token(invoiced, invoiced.invoice))
    said = response.json
    assert (said["number"], said["status"], said["vat_rate"], said["customer"]) == ("2026-0001", "open", 20, "Ana Müller")
    assert [said[name]["amount"] for name in ("net", "vat", "total", "due")] == [3125, 625, 3750, 3750]
    assert said["lines"][0]["spots"] == 3
    assert {name: said[name] for name in SELLER} == SELLER
    assert said["link"].endswith(link_of(invoiced))


def test_staff_reach_the_invoice_from_the_registration(manager: Browser, invoiced: Registration) -> None:
    page = manager.get(f"/o/demo/registrations/{public_id(invoiced)}")
    assert "Invoice 2026-0001" in page.text
    assert any(link.endswith(link_of(invoiced)) for link in page.links)


@pytest.mark.parametrize(
    "token", ["x", ".pdf", "a.b.c", "demo.2026-0001.", "%00", "s%C3%A9ance-%F0%9F%98%80", "%FF", "x" * 3000, "%2E%2E", "a.b.c.pdf"]
)
def test_an_invalid_token_is_not_found(demo_org: Demo, token: str) -> None:
    assert [call("GET", path + token).status for path in ("/v1/invoices/", "/invoice/")] == [404, 404]


def test_staff_correct_an_invoice_from_the_registration(manager: Browser, visitor: Browser, invoiced: Registration) -> None:
    path = f"/o/demo/registrations/{public_id(invoiced)}"
    question = manager.get("/o/demo/invoices/2026-0001/correct")
    assert question.path in manager.get(path).links
    assert "A new one is issued for what is booked now: 3 spots, for Ana Müller." in question.text
    sent = manager.send(question, {})
    again = manager.send(question, {})
    page = manager.follow(sent)
    for said in ("Invoice 2026-0002", "Cancelled 2026-0001 , C2026-0001", "2026-0001 is cancelled by C2026-0001"):
        assert said in page.text, said
    assert manager.follow(again).text == page.text
    note = next(link for link in page.links if "C2026-0001" in link)
    shown = visitor.get("/invoice/" + note.rpartition("/")[2]).text
    assert "Credit note C2026-0001" in shown
    assert "This credit note cancels the invoice 2026-0001." in shown
    assert "−€37.50" in shown
    old = visitor.get(link_of(invoiced)).text
    assert "This invoice is cancelled by the credit note C2026-0001." in old
    assert "How to pay" not in old
    listed = manager.get("/o/demo/invoices").text
    assert re.findall(r"C?2026-\d{4}", listed) == ["C2026-0001", "2026-0002", "2026-0001"]


def free_of_charge(make_session: Callable[..., Session], today: datetime, method: str) -> Registration:
    session = make_session(tiers=[{"name": "Free", "price": {"amount": 0, "currency": "EUR"}}])
    customer = {"name": "Free Fred", "email": "fred@example.org"}
    draft = AddInput.model_validate({"new_customer": customer, "participants": [{"name": "Kim"}], "billing": {"method": method}})
    return add("demo", session.id, draft, by="owner", key=method, now=today).registration


def test_a_registration_for_nothing_is_not_called_unpaid(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    registration = free_of_charge(make_session, today, "later")
    registrations.mark_confirmed("demo", registration.session, registration.id, now=today)
    draft = CustomerInput(name=registration.name, email=registration.email)
    customer = customers.create_customer("demo", draft, key="fred", now=today)
    pages = (f"sessions/{registration.session}", f"registrations/{registration.public_id}", f"customers/{customer.id}")
    for path in pages:
        text = manager.get(f"/o/demo/{path}").text
        assert ("nothing to pay" in text, "unpaid" in text) == (True, False), path
    listed = {status: "Free Fred" in manager.get(f"/o/demo/orders?status={status}").text for status in ("unpaid", "free")}
    assert listed == {"unpaid": False, "free": True}


def test_the_statuses_to_choose_from_are_in_the_language_of_the_page(manager: Browser, invoiced: Registration) -> None:
    page = manager.get(f"/o/demo/registrations/{invoiced.public_id}/billing?lang=de").html
    options = re.findall(r'<option value="\w+"[^>]*>([^<]+)</option>', page)
    assert {"Offen", "Bezahlt"} <= set(options)
    assert "Unpaid" not in options


def test_an_invoice_of_nothing_asks_for_no_payment(
    manager: Browser, visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    registration = free_of_charge(make_session, today, "invoice")
    page = visitor.get(f"/invoice/{links.invoice_token(registration, registration.invoice)}")
    assert ("Nothing to pay" in page.text, "To be paid" in page.text, "How to pay" in page.text) == (True, False, False)


def test_the_invoice_of_a_cancelled_session_says_so_and_asks_for_nothing(
    manager: Browser, visitor: Browser, invoiced: Registration, today: datetime
) -> None:
    assert "How to pay" in visitor.get(link_of(invoiced)).text
    old_list = manager.get("/o/demo/invoices").text
    cancel_session("demo", invoiced.session, CancelInput(), by="m", now=today)
    page = visitor.get(link_of(invoiced))
    assert "The session of this invoice is cancelled, so it cannot be paid." in page.text
    assert not [words for words in ("To be paid", "How to pay", "IBAN") if words in page.text]
    listed, _ = invoices.list_invoices("demo", limit=10)
    assert [view.session_cancelled for view in listed] == [True]
    new_list = manager.get("/o/demo/invoices").text
    assert ("to be paid" in old_list, "session cancelled" in old_list) == (True, False)
    assert ("to be paid" in new_list, "session cancelled" in new_list) == (False, True)
    with pytest.raises(InvoiceOfCancelledSession):
        invoices.open_checkout(links.invoice_token(invoiced, invoiced.invoice), now=today)
