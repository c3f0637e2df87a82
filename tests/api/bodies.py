"""Bodies of requests, and what a test takes from an answer."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_numbers = itertools.count(1)


def fresh_number() -> int:
    """Return a number that no other call returns."""
    return next(_numbers)


def in_days(days: float, *, now: datetime | None = None) -> str:
    return ((now or datetime.now(UTC)) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def session_body(**more: Any) -> dict[str, Any]:
    return {
        "title": "Judo",
        "time_zone": "Europe/Paris",
        "spots_total": 5,
        "meetings": [{"starts_at": in_days(10), "ends_at": in_days(10.05)}],
        "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
        **more,
    }


def person(email: str, *children: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "name": "A Parent", "participants": [{"name": child} for child in children or ("Kim",)], **more}


def price_body(**more: Any) -> dict[str, Any]:
    return {"code": "STD", "label": "Standard", "price": {"amount": 1000, "currency": "EUR"}, "tag": "health", **more}


def fresh_prefix() -> str:
    """Return an unused contract prefix."""
    return f"P{fresh_number()}"


def claim_of(invitation: Mapping[str, Any]) -> str:
    """Return the API path that corresponds to the invitation's link."""
    return "/v1/invitations/" + token_of(invitation)


def token_of(invitation: Mapping[str, Any]) -> str:
    return str(invitation["link"]).rpartition("/i/")[2]
