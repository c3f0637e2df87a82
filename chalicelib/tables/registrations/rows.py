"""Registrations as they are stored."""

from dataclasses import asdict
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.money import Money
from chalicelib.rules.registrations import BillingChange, PartyChange, Payment, Registration
from chalicelib.tables import keys
from chalicelib.tables.items import Item, item, plain


def registration_from(entry: Item) -> Registration:
    values = plain(entry)
    named = ("created_at", "covers_from", "confirmed_at", "removed_at")
    moments: dict[str, Any] = {name: times.read(values[name]) for name in named if name in values}
    org, _, session = values["pk"].partition("#")
    read: dict[str, Any] = {name: values[name] for name in Registration.__dataclass_fields__ if name in values}
    return Registration(
        **{
            **read,
            "org": org,
            "session": session,
            "id": values["sk"].removeprefix(keys.REGISTRATION),
            "email": values.get("email", ""),
            "participants": tuple(values["participants"]),
            "invoices_before": tuple(values.get("invoices_before", ())),
            "price": Money(**values["price"]),
            **lowering_from(values),
            "answers": tuple((question, answer) for question, answer in values.get("answers", {}).items()),
            "billing_history": tuple(BillingChange(**_timed(step)) for step in values.get("billing_history", ())),
            "payments": tuple(Payment(**_timed(payment)) for payment in values.get("payments", ())),
            "parties": tuple(PartyChange(**_timed(step)) for step in values.get("parties", ())),
            **moments,
        }
    )


def registration_item(registration: Registration) -> Item:
    values = {name: getattr(registration, name) for name in Registration.__dataclass_fields__ if name not in {"org", "session", "id"}}
    return {
        **keys.registration(registration.org, registration.session, registration.id).stored(),
        **item(
            {
                **{name: value for name, value in values.items() if value != ""},
                "tier": registration.tier,
                "invoices_before": registration.invoices_before or None,
                "booker": keys.booker(registration.org, registration.email),
                "orders": registration.org,
                "price": registration.price._asdict(),
                **lowering_item(registration),
                "answers": dict(registration.answers) or None,
                "billing_history": _steps(registration.billing_history),
                "payments": _steps(registration.payments),
                "parties": _steps(registration.parties),
                "created_at": times.written(registration.created_at),
                "covers_from": times.written(registration.covers_from),
                "confirmed_at": times.written(registration.confirmed_at) if registration.confirmed_at else None,
                "removed_at": times.written(registration.removed_at) if registration.removed_at else None,
            }
        ),
    }


def lowering_from(values: dict[str, Any]) -> dict[str, Any]:
    """Return what lowers the price of a registration or invitation, as it is read."""
    return {
        "discount": Reduction(**values["discount"]) if "discount" in values else None,
        "sibling": SiblingDiscount(**values["sibling"]) if "sibling" in values else None,
    }


def lowering_item(thing: Registration | Invitation) -> dict[str, Any]:
    """Return the same as it is stored."""
    return {
        "discount": thing.discount._asdict() if thing.discount else None,
        "sibling": asdict(thing.sibling) if thing.sibling else None,
        "discount_returned": thing.discount_returned or None,
    }


def _steps(steps: tuple[BillingChange, ...] | tuple[Payment, ...] | tuple[PartyChange, ...]) -> list[dict[str, Any]] | None:
    return [{**asdict(step), "at": times.written(step.at)} for step in steps] or None


def _timed(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "at": times.read(step["at"])}
