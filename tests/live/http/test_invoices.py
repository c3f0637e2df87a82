"""Invoices over HTTP: chosen by staff or by the settings, e-mailed, opened by their link, paid."""

from typing import Any

import pytest

from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh, person
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live


def added(staff: Staff, session: str, address: str, **more: Any) -> Any:
    body = {"new_customer": {"name": "Ana Lima", "email": address}, "participants": [{"name": "Kim"}], "party_size": 2, **more}
    reply = staff.call("POST", f"/sessions/{session}/registrations", body)
    assert reply.status == 201, reply.body
    return reply.json


def invoice_mails(stack: Stack, address: str) -> list[dict[str, Any]]:
    return [mail for mail in stack.mails(address) if "Invoice" in mail["subject"]]


def test_the_invoice_arrives_opens_without_signing_in_and_turns_paid(stack: Stack, staff: Staff) -> None:
    address = fresh("ana")
    made = added(staff, staff.session(), address, billing={"method": "invoice"}, send_confirmation=True)
    assert (made["billing"]["status"], made["invoice"]["status"]) == ("invoiced", "open")
    (mail,) = eventually(lambda: invoice_mails(stack, address) or None)
    assert len(stack.mails(address)) == 2, "the confirmation is another e-mail"
    link = mail["text"].splitlines()[0]
    assert link == made["invoice"]["link"]
    token = link.rpartition("/")[2]
    assert made["invoice"]["number"].encode() in stack.call("GET", f"/invoice/{token}").body
    read = stack.call("GET", f"/v1/invoices/{token}").json
    assert (read["status"], read["due"]) == ("open", {"amount": 2500, "currency": "EUR"})
    paid = staff.call("POST", f"/registrations/{made['id']}/billing", {"status": "paid"}).json
    assert paid["invoice"]["status"] == "paid"
    assert stack.call("GET", f"/v1/invoices/{token}").json["status"] == "paid"
    assert stack.call("GET", f"/v1/invoices/{token[:-2]}").status == 404


def test_the_pdf_reaches_a_browser_as_pdf(stack: Stack, staff: Staff) -> None:
    made = added(staff, staff.session(), fresh("ana"), billing={"method": "invoice"})
    token = made["invoice"]["link"].rpartition("/")[2]
    for accept in ("text/html,*/*;q=0.8", "application/octet-stream"):
        pdf = stack.call("GET", f"/v1/invoices/{token}.pdf", headers={"Accept": accept})
        assert (pdf.status, pdf.headers["content-type"], pdf.body[:5]) == (200, "application/pdf", b"%PDF-")


def test_a_status_issues_one_invoice_and_full_payment_closes_it(stack: Stack, staff: Staff) -> None:
    address = fresh("ana")
    made = added(staff, staff.session(), address)
    path = f"/registrations/{made['id']}"
    assert made["invoice"] is None
    numbers = {staff.call("POST", path + "/billing", {"status": "invoiced"}).json["invoice"]["number"] for _ in range(2)}
    assert len(numbers) == 1
    eventually(lambda: invoice_mails(stack, address) or None)
    payment = {"amount": {"amount": 2500, "currency": "EUR"}, "method": "transfer"}
    assert staff.call("POST", path + "/payments", payment).json["invoice"]["status"] == "paid"
    assert len(invoice_mails(stack, address)) == 1


def test_the_public_is_invoiced_where_the_settings_say_so(stack: Stack, staff: Staff) -> None:
    address, session = fresh("zoe"), staff.session()
    assert staff.call("PATCH", "", {"public_billing": "invoice", "vat_rate": 20}).status == 200
    try:
        assert stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", person(address, "Lou")).status == 201
        (mail,) = eventually(lambda: invoice_mails(stack, address) or None)
    finally:
        staff.call("PATCH", "", {"public_billing": "later", "vat_rate": 0})
    read = stack.call("GET", "/v1/invoices/" + mail["text"].splitlines()[0].rpartition("/")[2]).json
    assert (read["total"]["amount"], read["vat"]["amount"], read["net"]["amount"]) == (1250, 208, 1042)


def test_a_party_that_shrinks_gets_a_credit_note_and_another_invoice(stack: Stack, staff: Staff) -> None:
    address = fresh("ana")
    made = added(staff, staff.session(), address, billing={"method": "invoice"})
    old = made["invoice"]["number"]
    path = f"/registrations/{made['id']}"
    assert staff.call("PATCH", path, {"party_size": 1}).status == 200
    found = eventually(lambda: one if (one := staff.call("GET", path).json)["invoices_before"] else None)
    new, note = found["invoice"], f"{found['invoices_before'][1]}"
    assert (found["invoices_before"], note[0]) == ([old, note], "C")
    read = stack.call("GET", "/v1/invoices/" + new["link"].rpartition("/")[2]).json
    assert (read["status"], read["due"]["amount"]) == ("open", 1250)
    subjects = eventually(lambda: told if len(told := {mail["subject"] for mail in stack.mails(address)}) == 3 else None)
    assert {old in subject or note in subject or new["number"] in subject for subject in subjects} == {True}
    listed = {one["number"]: one["status"] for one in staff.call("GET", "/invoices?limit=200").json["items"]}
    assert (listed[old], listed[note], listed[new["number"]]) == ("cancelled", "credit", "open")
    again = staff.call("POST", f"/invoices/{old}/correct")
    assert (again.status, again.json["invoice"]["number"]) == (200, new["number"])
