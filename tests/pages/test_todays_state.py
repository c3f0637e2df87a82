"""Each page behind a link in an e-mail tells today's state of its thing, in every state that the thing can have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import invitations, invoices, links, sessions
from chalicelib.operations.registrations import add, add_payment, remove_registration, set_billing, transfer
from chalicelib.rules.inputs.roster import AddInput, BillingStatusInput, PaymentInput
from chalicelib.rules.inputs.sessions import CancelInput, SessionChanges
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations
from tests.http import call
from tests.live.ledger import race_report
from tests.pages.browser import Browser
from tests.pages.conftest import BASE


@dataclass
class Booking:
    """A registration with an invoice, on a session, and another session that it may move to."""

    registration: Registration
    session: Session
    other: Session
    now: datetime

    @property
    def pages(self) -> dict[str, str]:
        """The paths of the pages that its e-mails link to."""
        return {
            "registration": links.booking_link(self.registration).removeprefix(BASE),
            "invoice": links.invoice_link(self.registration, self.registration.invoice).removeprefix(BASE),
            "session": f"/p/demo/sessions/{self.session.id}",
        }

    def nothing(self) -> None:
        """Leave it as it was booked."""

    def pay(self) -> None:
        draft = PaymentInput.model_validate({"amount": {"amount": 1200, "currency": "EUR"}, "method": "cash"})
        add_payment("demo", self.registration.public_id, draft, by="m", now=self.now)

    def refund(self) -> None:
        set_billing("demo", self.registration.public_id, BillingStatusInput(status="refunded"), by="m", now=self.now)

    def cancel(self) -> None:
        sessions.cancel_session("demo", self.session.id, CancelInput(reason="Storm"), by="m", now=self.now)

    def move(self) -> None:
        transfer("demo", self.registration.public_id, self.other.id, by="m", key="k", now=self.now)

    def remove(self) -> None:
        remove_registration("demo", self.registration.public_id, by="m", now=self.now)

    def correct(self) -> None:
        invoices.correct("demo", self.registration.invoice, by="m", now=self.now)

    def move_session(self) -> None:
        sessions.edit_session("demo", self.session.id, SessionChanges(location="Gym"), expected=None, now=self.now)


@pytest.fixture
def booking(make_session: Callable[..., Session], today: datetime) -> Booking:
    session, other = make_session(title="Judo", location="Hall"), make_session(title="Karate", location="Hall")
    body: dict[str, Any] = {"new_customer": {"name": "Ana", "email": "ana@example.org"}, "participants": [{"name": "Zoé"}]}
    draft = AddInput.model_validate({**body, "billing": {"method": "invoice"}})
    added = add("demo", session.id, draft, by="m", key="one", now=today - timedelta(hours=2)).registration
    invoices.issue(added, by="m", now=today)
    return Booking(registrations.get("demo", session.id, added.id), session, other, today)


Happening = Callable[[Booking], None]
REGISTERED, PAYS = "You are registered", "An invoice comes by e-mail"
STATES: list[tuple[Happening, str, list[str], list[str]]] = [
    (Booking.nothing, "registration", [REGISTERED, "Hall"], ["cancelled"]),
    (Booking.nothing, "invoice", ["To be paid"], ["Cancelled", "was moved to"]),
    (Booking.nothing, "session", ["Judo", "Register"], ["cancelled"]),
    (Booking.pay, "registration", [REGISTERED, "Paid"], [PAYS]),
    (Booking.pay, "invoice", ["Paid. Thank you!"], ["To be paid", "How to pay"]),
    (Booking.refund, "registration", [REGISTERED], [PAYS]),
    (Booking.refund, "invoice", ["This invoice was refunded."], ["To be paid", "How to pay"]),
    (Booking.cancel, "registration", ["This session is cancelled", "Storm"], [REGISTERED, PAYS]),
    (Booking.cancel, "invoice", ["The session of this invoice is cancelled"], ["To be paid", "How to pay"]),
    (Booking.cancel, "session", ["cancelled"], ["Your details"]),
    (Booking.move, "registration", ["This registration was moved to Karate."], [REGISTERED, "taken off the roster"]),
    (Booking.move, "invoice", ["This registration was moved to Karate.", "To be paid"], ["was cancelled"]),
    (Booking.remove, "registration", ["taken off the roster"], [REGISTERED, PAYS]),
    (Booking.remove, "invoice", ["This registration was cancelled. Ask"], ["was moved to"]),
    (Booking.correct, "invoice", ["is cancelled by the credit note C"], ["To be paid", "How to pay"]),
    (Booking.move_session, "registration", [REGISTERED, "Gym"], ["Hall"]),
    (Booking.move_session, "session", ["Gym"], ["Hall"]),
]


@pytest.fixture(scope="module")
def kept() -> list[str]:
    """The pages that told today's state."""
    return []


@pytest.mark.parametrize(("happens", "page", "says", "says_not"), STATES, ids=[f"{do.__name__} {page}" for do, page, _, _ in STATES])
def test_a_page_tells_the_state_of_today(
    visitor: Browser,
    booking: Booking,
    happens: Happening,
    page: str,
    says: list[str],
    says_not: list[str],
    kept: list[str],
    record_property: Callable[[str, object], None],
) -> None:
    path = booking.pages[page]
    happens(booking)
    shown = visitor.get(path)
    assert shown.status == 200
    assert [words for words in says if words not in shown.text] == []
    assert [words for words in says_not if words in shown.text] == []
    kept.append(page)
    if (happens, page) == STATES[-1][:2]:
        record_property(race_report.PROPERTY, f"R21: {len(kept)} pages after something has happened: 0 tell a state that has gone by")


def test_a_moved_registration_leads_to_where_it_is_now(visitor: Browser, booking: Booking) -> None:
    path = booking.pages["registration"]
    booking.move()
    (there,) = [link for link in visitor.get(path).links if "/b/" in link]
    assert "Karate" in visitor.get(there).text


@pytest.mark.parametrize(
    ("happens", "status", "due"),
    [
        (Booking.nothing, "open", 1200),
        (Booking.pay, "paid", 0),
        (Booking.refund, "refunded", 0),
        (Booking.cancel, "cancelled", 0),
        (Booking.move, "open", 1200),
        (Booking.correct, "cancelled", 0),
    ],
)
def test_the_api_tells_the_state_of_an_invoice_of_today(booking: Booking, happens: Happening, status: str, due: int) -> None:
    token = booking.pages["invoice"].rpartition("/")[2]
    happens(booking)
    invoice = call("GET", f"/v1/invoices/{token}").json
    assert (invoice["status"], invoice["due"]["amount"], invoice["payable_online"]) == (status, due, False)


@pytest.mark.parametrize("ends", ["cancelled", "session_cancelled"])
def test_an_invitation_tells_that_it_is_over(visitor: Browser, booking: Booking, invite: Callable[..., Any], ends: str) -> None:
    invitation, path = invite("kim@example.org", to=booking.session)
    if ends == "cancelled":
        invitations.cancel_invitation("demo", invitation.public_id, by="m", now=booking.now)
    else:
        booking.cancel()
    shown = visitor.get(path)
    assert shown.status == 410
    assert "cancelled" in shown.text


def test_the_link_of_an_earlier_version_leads_to_the_booking(visitor: Browser, booking: Booking) -> None:
    before = links.REGISTERED.token("demo", booking.registration.public_id)
    leads = visitor.get(f"/p/demo/registered/{before}?lang=fr")
    assert (leads.status, leads.headers["location"]) == (303, f"{booking.pages['registration']}?lang=fr")
    assert visitor.get(f"/p/demo/registered/{before}x").status == 404
    assert visitor.get(f"/p/zebra/registered/{before}").status == 404


def test_the_dates_of_a_booking_are_saved_as_a_calendar_file(visitor: Browser, booking: Booking) -> None:
    path = booking.pages["registration"]
    shown = visitor.get(path)
    assert f"{path}/calendar" in shown.html
    saved = visitor.get(f"{path}/calendar")
    assert saved.headers["content-type"].startswith("text/calendar")
    assert f"UID:{booking.session.id}-{booking.registration.id}-" in saved.html
    assert "METHOD:PUBLISH" in saved.html
    booking.remove()
    assert "BEGIN:VEVENT" not in visitor.get(f"{path}/calendar").html
    assert "/calendar" not in visitor.get(path).html
