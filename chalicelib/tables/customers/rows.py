"""Customers as they are stored."""

from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.customers import Customer, Participant, sought
from chalicelib.rules.text import without_accents
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item, plain

MOMENTS = ("created_at", "invited_at", "asked_at", "remind_at", "sessions_from")

SORTED_BY = 200
"""Of a name, as many characters count for the order: some grow when compared, and a key has an end."""


def customer_from(entry: Item) -> Customer:
    values = plain(entry)
    read: dict[str, Any] = {name: values[name] for name in Customer.__dataclass_fields__ if name in values}
    return Customer(
        **{
            **read,
            **{name: times.read(values[name]) for name in MOMENTS if name in values},
            "org": values["directory"],
            "id": values["sk"].removeprefix(keys.CUSTOMER),
            "participants": tuple(Participant(**participant) for participant in values.get("participants", ())),
            "groups": tuple(values.get("groups", ())),
            "fields": tuple((name, value) for name, value in values.get("fields", ())),
            "addresses": tuple(values.get("addresses", ())),
        }
    )


def customer_item(customer: Customer) -> Item:
    return {
        **keys.customer(customer.org, customer.id).stored(),
        **item(
            {
                "directory": customer.org,
                "directory_at": f"{without_accents(customer.name)[:SORTED_BY]}#{customer.id}",
                "sought": sought(customer),
                "email": customer.email,
                "name": customer.name,
                "created_at": times.written(customer.created_at),
                "phone": customer.phone or None,
                "participants": [{"name": one.name, "date_of_birth": one.date_of_birth} for one in customer.participants] or None,
                "groups": list(customer.groups) or None,
                "fields": [list(field) for field in customer.fields] or None,
                "addresses": list(customer.addresses) or None,
                "status": customer.status,
                "user": customer.user or None,
                "link_version": customer.link_version,
                "invitations": customer.invitations,
                "invited_at": times.written(customer.invited_at) if customer.invited_at else None,
                "asked_at": times.written(customer.asked_at) if customer.asked_at else None,
                **_waiting(customer),
                "sessions_from": times.written(customer.sessions_from) if customer.sessions_from else None,
                "version": customer.version,
            }
        ),
    }


def due_at(customer: Customer, moment: datetime) -> str:
    """Return where a customer stands among those to remind."""
    return f"{times.written(moment)}#{customer.id}"


def _waiting(customer: Customer) -> dict[str, Any]:
    """Return what has the schedule look at a customer; whoever has accepted waits for nothing."""
    if customer.remind_at is None or customer.status == "accepted":
        return {}
    return {"remind_at": times.written(customer.remind_at), "due": customer.org, "due_at": due_at(customer, customer.remind_at)}
