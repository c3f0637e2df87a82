"""The stored form of customers."""

from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.customers import Customer, search_text
from chalicelib.rules.text import without_accents
from chalicelib.tables import keys
from chalicelib.tables.codec import Codec
from chalicelib.tables.items import Item, item, plain

CUSTOMERS = Codec(
    Customer,
    attributes={"tokens_valid_from": "sessions_from"},
    elsewhere={"org", "id"},
    always={"status", "link_version", "invitations", "version"},
)

INDEXED = {"directory", "directory_at", "sought", "due", "due_at"}
"""The attributes of the indexes."""
SORTED_BY = 200
"""Of a name, as many characters count for the order: some grow when compared, and a key has an end."""


def customer_from(row: Item) -> Customer:
    values = plain(row)
    return CUSTOMERS.read(values, org=values["directory"], id=values["sk"].removeprefix(keys.CUSTOMER))


def sort_key(customer: Customer) -> str:
    """Return the customer's sort key among all by name."""
    return f"{without_accents(customer.name)[:SORTED_BY]}#{customer.id}"


def customer_item(customer: Customer) -> Item:
    listed = {
        "directory": customer.org,
        "directory_at": sort_key(customer),
        "sought": search_text(customer),
    }
    return {
        **keys.customer(customer.org, customer.id).stored(),
        **item({**listed, **CUSTOMERS.write(customer), **_waiting(customer)}),
    }


def due_at(customer: Customer, moment: datetime) -> str:
    """Return the customer's sort key in the index of reminders."""
    return f"{times.written(moment)}#{customer.id}"


def _waiting(customer: Customer) -> dict[str, Any]:
    """Return the index attributes that make the schedule check a customer. By hand: an accepted one stores no reminder."""
    if customer.remind_at is None or customer.status == "accepted":
        return {"remind_at": None}
    return {
        "remind_at": times.written(customer.remind_at),
        "due": keys.clock("portal", customer.org),
        "due_at": due_at(customer, customer.remind_at),
    }
