"""The one place that speaks with Stripe: it opens Checkout Sessions. What Stripe tells us comes by its webhook."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib import clients, telemetry
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.settings import settings

VERSION = "2024-06-20"
"""Of Stripe's API, so that what it answers stays what is read here."""
ATTEMPTS = 3


class _Session(NamedTuple):
    id: str
    url: str
    expires_at: int


def open_checkout(secret_key: str, fields: Mapping[str, str], *, now: datetime) -> str:
    """Return the address of the page that takes the payment; the same one for the same fields, while it lives.

    The Idempotency-Key is a digest of the fields, so that a repeated click opens nothing more. Stripe may repeat a session for longer than
    that lives; the next one's key is then made with the dead one's name. Raises StripeUnavailable.
    """
    text = urlencode(fields)
    key = sha256(text.encode()).hexdigest()
    for _ in range(ATTEMPTS):
        session = _session(_answer(secret_key, text, key))
        if session.expires_at > now.timestamp():
            return session.url
        key = sha256(f"{text}#{session.id}".encode()).hexdigest()
    raise StripeUnavailable


def _session(found: Any) -> _Session:
    match found:
        case {"id": str(own), "url": str(url), "expires_at": int(expires_at)} if url.isascii() and url.isprintable():
            return _Session(own, url, expires_at)
    raise StripeUnavailable


def _answer(secret_key: str, text: str, key: str) -> Any:
    """Return what Stripe answers to the request. Its errors are logged by their code; what they say may quote a key."""
    from urllib3.exceptions import HTTPError

    headers = {
        "Authorization": f"Bearer {secret_key}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": key,
        "Stripe-Version": VERSION,
    }
    try:
        answer = clients.stripe().request(
            "POST", f"{settings().stripe_url}/v1/checkout/sessions", body=text, headers=headers, redirect=False
        )
    except HTTPError:
        telemetry.stripe_failed(0, "unreachable")
        raise StripeUnavailable from None
    found = _read(answer.data)
    if answer.status != 200:
        telemetry.stripe_failed(answer.status, _code(found))
        raise StripeUnavailable
    return found


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _code(found: Any) -> str:
    match found:
        case {"error": {"type": str(kind)}} if kind.isascii() and kind.replace("_", "").isalpha():
            return kind[:60]
    return "unknown"
