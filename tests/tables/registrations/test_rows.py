"""The stored form of registrations stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.rules.consents import Consent
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.money import Money
from chalicelib.rules.participants import UNKNOWN, ParticipantDetails
from chalicelib.rules.registration_history import BillingChange, PartyChange, Payment
from chalicelib.rules.registrations import Registration
from chalicelib.tables.items import Item, item
from chalicelib.tables.registrations.rows import registration_from, registration_item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"

CONSENT = Consent("photos", "Photos are fine.", NOW)
DETAILS = ParticipantDetails((("nuts", "none"), ("photos", True)), (CONSENT,))
NEW = Registration(
    org="demo",
    session="s1",
    id="r1",
    hold="h1",
    nonce="n1",
    email="ana@example.org",
    name="Ana",
    participants=("Zoé", "Max"),
    party_size=2,
    tier="t1",
    price=Money(1250, "EUR"),
    source="public",
    locale="fr",
    created_at=NOW,
    covers_from=NOW,
)
NEW_ROW = {
    "pk": "demo#s1",
    "sk": "3#REGISTRATION#r1",
    "hold": "h1",
    "nonce": "n1",
    "email": "ana@example.org",
    "name": "Ana",
    "participants": ["Zoé", "Max"],
    "party_size": 2,
    "tier": "t1",
    "price": {"amount": 1250, "currency": "EUR"},
    "source": "public",
    "locale": "fr",
    "created_at": "2026-11-22T12:00:00Z",
    "covers_from": "2026-11-22T12:00:00Z",
    "billing": "unpaid",
    "chunk": 0,
    "send_confirmation": True,
    "booker": "demo#ana@example.org",
    "orders": "demo",
}
FULL = Registration(
    org="demo",
    session="s1",
    id="r1",
    hold="h1",
    nonce="n1",
    email="ana@example.org",
    name="Ana",
    participants=("Zoé", "Max"),
    party_size=2,
    tier="t1",
    price=Money(1250, "EUR"),
    source="invitation",
    locale="fr",
    created_at=NOW,
    covers_from=NOW,
    phone="+33 1",
    invitation="i1",
    invited_email="anna@example.org",
    signed_in=True,
    billing="partly_paid",
    answers=(("q1", "S"), ("q2", True), ("q3", 2), ("q4", 1.5)),
    chunk=3,
    send_confirmation=False,
    confirmed_at=NOW,
    removed_at=NOW,
    removed_by="owner",
    moved_to="s2-r2",
    moved_from="s0-r0",
    billing_history=(BillingChange("invoiced", NOW, "owner"), BillingChange("partly_paid", NOW, "owner", "by post")),
    payments=(Payment(500, "cash", NOW, "owner"), Payment(5, "card", NOW, "", "m1", "CHF", "pi_1")),
    parties=(PartyChange(NOW, 3),),
    code="ABCD",
    contract="c1",
    entitled="p1",
    invoice="2026-0001",
    invoices_before=("2025-0001", "2025C-0001"),
    discount=Reduction("EARLY", "percent", 10, "someone"),
    sibling=SiblingDiscount(2, 15),
    discount_returned=True,
)
PAYMENT_ADDED_LATER = {"with_order": False}
FULL_ROW = {
    "pk": "demo#s1",
    "sk": "3#REGISTRATION#r1",
    "hold": "h1",
    "nonce": "n1",
    "email": "ana@example.org",
    "name": "Ana",
    "participants": ["Zoé", "Max"],
    "party_size": 2,
    "tier": "t1",
    "price": {"amount": 1250, "currency": "EUR"},
    "source": "invitation",
    "locale": "fr",
    "created_at": "2026-11-22T12:00:00Z",
    "covers_from": "2026-11-22T12:00:00Z",
    "phone": "+33 1",
    "invitation": "i1",
    "invited_email": "anna@example.org",
    "signed_in": True,
    "billing": "partly_paid",
    "answers": {"q1": "S", "q2": True, "q3": 2, "q4": 1.5},
    "chunk": 3,
    "send_confirmation": False,
    "confirmed_at": "2026-11-22T12:00:00Z",
    "removed_at": "2026-11-22T12:00:00Z",
    "removed_by": "owner",
    "moved_to": "s2-r2",
    "moved_from": "s0-r0",
    "billing_history": [
        {"status": "invoiced", "at": "2026-11-22T12:00:00Z", "by": "owner", "note": ""},
        {"status": "partly_paid", "at": "2026-11-22T12:00:00Z", "by": "owner", "note": "by post"},
    ],
    "payments": [
        {"amount": 500, "method": "cash", "at": "2026-11-22T12:00:00Z", "by": "owner", "meeting": "", "currency": "", "reference": ""}
        | PAYMENT_ADDED_LATER,
        {"amount": 5, "method": "card", "at": "2026-11-22T12:00:00Z", "by": "", "meeting": "m1", "currency": "CHF", "reference": "pi_1"}
        | PAYMENT_ADDED_LATER,
    ],
    "parties": [{"at": "2026-11-22T12:00:00Z", "size": 3}],
    "code": "ABCD",
    "contract": "c1",
    "entitled": "p1",
    "invoice": "2026-0001",
    "invoices_before": ["2025-0001", "2025C-0001"],
    "discount": {"code": "EARLY", "kind": "percent", "value": 10, "by": "someone"},
    "sibling": {"from_nth": 2, "percent": 15},
    "discount_returned": True,
    "booker": "demo#ana@example.org",
    "orders": "demo",
}
ANONYMOUS = Registration("demo", "s1", "r1", "h1", "n1", "", "Ana", (), 1, "", Money(0, "EUR"), "staff", "en", NOW, NOW)
ANONYMOUS_ROW = {
    "pk": "demo#s1",
    "sk": "3#REGISTRATION#r1",
    "hold": "h1",
    "nonce": "n1",
    "name": "Ana",
    "participants": [],
    "party_size": 1,
    "price": {"amount": 0, "currency": "EUR"},
    "source": "staff",
    "locale": "en",
    "created_at": "2026-11-22T12:00:00Z",
    "covers_from": "2026-11-22T12:00:00Z",
    "billing": "unpaid",
    "chunk": 0,
    "send_confirmation": True,
    "tier": "",
    "booker": "demo#",
    "orders": "demo",
}
ADDED_LATER = {"billing", "chunk", "send_confirmation"}


@pytest.mark.parametrize(
    ("registration", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW), (ANONYMOUS, ANONYMOUS_ROW)], ids=["new", "full", "without address"]
)
def test_a_registration_is_stored_as_it_always_was(registration: Registration, row: Item) -> None:
    assert registration_item(registration) == item(row)
    assert registration_from(item(row)) == registration


def test_a_payment_of_an_older_row_is_read() -> None:
    payments = [{name: value for name, value in one.items() if name not in PAYMENT_ADDED_LATER} for one in FULL_ROW["payments"]]  # type: ignore[attr-defined]
    assert registration_from(item({**FULL_ROW, "payments": payments})) == FULL


def test_a_row_without_attributes_that_were_added_later_is_read() -> None:
    assert registration_from(item({name: value for name, value in NEW_ROW.items() if name not in ADDED_LATER})) == NEW
    reduced = {**FULL_ROW, "discount": {"code": "EARLY", "kind": "percent", "value": 10}}
    assert registration_from(item(reduced)).discount == Reduction("EARLY", "percent", 10)


def test_an_erased_registration_is_read() -> None:
    erased = registration_from(item({**NEW_ROW, "name": "Erased customer", "email": "", "participants": []}))
    assert (erased.name, erased.email, erased.participants) == ("Erased customer", "", ())


def test_details_are_stored_and_old_rows_have_none() -> None:
    known = replace(NEW, participant_details=(UNKNOWN, DETAILS))
    assert registration_from(registration_item(known)) == known
    row = registration_item(NEW)
    assert "participant_details" not in row
    assert registration_from(row).participant_details == ()


def test_consents_are_stored_and_old_rows_have_none() -> None:
    agreed_to = replace(NEW, consents=(CONSENT,))
    assert registration_from(registration_item(agreed_to)) == agreed_to
    row = registration_item(NEW)
    assert "consents" not in row
    assert registration_from(row).consents == ()
