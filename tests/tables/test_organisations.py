"""The stored form of organisations stays: rows of the deployed version are read, and an equal row is written."""

from datetime import UTC, datetime, time

import pytest

from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.organisations import Bounce, EmailPreferences, Organisation, QuietHours, WaitlistSettings
from chalicelib.tables.items import Item, item
from chalicelib.tables.organisations import _item, email_preferences_from, organisation_from

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"

NEW = Organisation("demo", "Atelier", NOW)
NEW_ROW = {
    "pk": "demo",
    "sk": "ORGANISATION",
    "name": "Atelier",
    "created_at": "2026-11-22T12:00:00Z",
    "from_name": "",
    "reply_to": "",
    "locale": "en",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "invitation_days": 7,
    "reminder_days": [3, 7, 14],
    "quiet_hours": {"starts": "21:00", "ends": "08:00"},
    "forwarding": "open",
    "waitlist": {"mode": "strict", "auto_offer": True, "offer_hours": 24, "cutoff_hours": 2},
    "public_billing": "later",
    "address": "",
    "vat_number": "",
    "vat_rate": 0,
    "payment_instructions": "",
    "accent": "#2f5d50",
    "date_reminder_hours": 24,
    "self_service_moves": False,
    "online_payment": False,
    "version": 1,
}
FULL = Organisation(
    org="demo",
    name="Atelier",
    created_at=NOW,
    from_name="Atelier Lumière",
    reply_to="hello@example.org",
    locale="fr",
    time_zone="Europe/Zurich",
    currency="CHF",
    invitation_days=3,
    reminder_days=(1,),
    quiet_hours=QuietHours(time(22, 30), time(7)),
    forwarding="locked",
    waitlist=WaitlistSettings("skip_to_fit", False, 12, 1),
    sibling_discount=SiblingDiscount(2, 15),
    public_billing="invoice",
    address="1 rue des Lilas\nParis",
    vat_number="FR1",
    vat_rate=8.1,
    payment_instructions="IBAN",
    accent="#000000",
    embed_origins=("https://www.studio.example",),
    date_reminder_hours=48,
    cancel_until_hours=12,
    self_service_moves=True,
    online_payment=True,
    version=7,
)
FULL_ROW = {
    "pk": "demo",
    "sk": "ORGANISATION",
    "name": "Atelier",
    "created_at": "2026-11-22T12:00:00Z",
    "from_name": "Atelier Lumière",
    "reply_to": "hello@example.org",
    "locale": "fr",
    "time_zone": "Europe/Zurich",
    "currency": "CHF",
    "invitation_days": 3,
    "reminder_days": [1],
    "quiet_hours": {"starts": "22:30", "ends": "07:00"},
    "forwarding": "locked",
    "waitlist": {"mode": "skip_to_fit", "auto_offer": False, "offer_hours": 12, "cutoff_hours": 1},
    "sibling_discount": {"from_nth": 2, "percent": 15},
    "public_billing": "invoice",
    "address": "1 rue des Lilas\nParis",
    "vat_number": "FR1",
    "vat_rate": 8.1,
    "payment_instructions": "IBAN",
    "accent": "#000000",
    "embed_origins": ["https://www.studio.example"],
    "date_reminder_hours": 48,
    "cancel_until_hours": 12,
    "self_service_moves": True,
    "online_payment": True,
    "version": 7,
}
WITHOUT_QUIET_HOURS = Organisation("demo", "Atelier", NOW, quiet_hours=None, reminder_days=())
WITHOUT_QUIET_HOURS_ROW = {
    "pk": "demo",
    "sk": "ORGANISATION",
    "name": "Atelier",
    "created_at": "2026-11-22T12:00:00Z",
    "from_name": "",
    "reply_to": "",
    "locale": "en",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "invitation_days": 7,
    "reminder_days": [],
    "forwarding": "open",
    "waitlist": {"mode": "strict", "auto_offer": True, "offer_hours": 24, "cutoff_hours": 2},
    "public_billing": "later",
    "address": "",
    "vat_number": "",
    "vat_rate": 0,
    "payment_instructions": "",
    "accent": "#2f5d50",
    "date_reminder_hours": 24,
    "self_service_moves": False,
    "online_payment": False,
    "version": 1,
}
ADDED_LATER = {"public_billing", "address", "vat_number", "vat_rate", "payment_instructions", "accent", "embed_origins", "online_payment"}
ADDED_LATER |= {"date_reminder_hours", "cancel_until_hours", "self_service_moves"}


@pytest.mark.parametrize(
    ("organisation", "row"),
    [(NEW, NEW_ROW), (FULL, FULL_ROW), (WITHOUT_QUIET_HOURS, WITHOUT_QUIET_HOURS_ROW)],
    ids=["new", "full", "without quiet hours"],
)
def test_an_organisation_is_stored_as_it_always_was(organisation: Organisation, row: Item) -> None:
    assert _item(organisation) == item(row)
    assert organisation_from(item(row)) == organisation


def test_a_row_without_attributes_that_were_added_later_is_read() -> None:
    older = {name: value for name, value in NEW_ROW.items() if name not in ADDED_LATER}
    older["waitlist"] = {"mode": "strict", "auto_offer": True}
    assert organisation_from(item(older)) == NEW


def test_the_email_preferences_of_an_address_are_read() -> None:
    assert email_preferences_from(None) == email_preferences_from(item({"pk": "demo", "sk": "ADDRESS#a"})) == EmailPreferences()
    row = {"unsubscribed": True, "unsubscribed_at": WRITTEN, "suppressed": True, "suppressed_for": "bounced", "suppressed_at": WRITTEN}
    assert email_preferences_from(item(row)) == EmailPreferences(True, Bounce(NOW))
