"""The Stripe API: opening, reading and closing Checkout Sessions, and refunds. Stripe reports payments through its webhook
(`api/online_payment.py`)."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib import clients, telemetry
from chalicelib.config import config
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import StripeUnavailable, to_stripe

VERSION = "2024-06-20"
"""Pinned version of Stripe's API, so that the shape of its answers does not change."""
ATTEMPTS = 3
SESSIONS = "/v1/checkout/sessions"
REFUNDS = "/v1/refunds"
MOST_REFUNDS = 100
"""The longest page of a list. Stripe takes no more than a few refunds of one payment."""


class CheckoutSession(NamedTuple):
    """A payment page of Stripe."""

    id: str
    url: str
    expires_at: int


class CheckoutRefund(NamedTuple):
    """A refund as Stripe answers it. `status`: pending, requires_action, succeeded, failed or canceled."""

    id: str
    status: str


class StripeRefundRefused(Exception):
    """Stripe does not refund this payment: it is refunded already, has not so much left, or is not this account's.

    `code` is Stripe's word for it, such as `charge_already_refunded`; empty if it has none."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def open_checkout(secret_key: str, fields: Mapping[str, str], *, closed: Collection[str] = (), now: datetime) -> CheckoutSession:
    """Return Stripe's payment page; the same one for the same fields until it expires or is among the `closed` ones.

    The Idempotency-Key is a digest of the fields, so that a repeated click opens no second session. Stripe may replay a session after it
    has ended; the next key then includes the id of the ended session. Raises StripeUnavailable.
    """
    text = urlencode(fields)
    key = sha256(text.encode()).hexdigest()
    for _ in range(ATTEMPTS + len(closed)):
        session = _session(_answer(secret_key, text, key))
        if session.expires_at > now.timestamp() and session.id not in closed:
            return session
        key = sha256(f"{text}#{session.id}".encode()).hexdigest()
    raise StripeUnavailable


def expire_checkout(secret_key: str, id: str) -> None:
    """Close a payment page. Stripe refuses it for one that has ended already, which is the same. Raises StripeUnavailable."""
    try:
        _answer(secret_key, "", f"expire-{id}", path=f"{SESSIONS}/{id}/expire", ended=(400, 404))
    except StripeUnavailable:
        telemetry.count("CheckoutStaysOpen")
        raise


def read_checkout(secret_key: str, id: str) -> Any:
    """Return a Checkout Session as Stripe has it now, the same object that its events bring; None for an unknown one.

    Raises StripeUnavailable.
    """
    found = _answer(secret_key, "", "", method="GET", path=f"{SESSIONS}/{id}", ended=(404,))
    return found if isinstance(found, dict) and found.get("id") == id else None


def list_refunds(secret_key: str, payment_intent: str) -> list[Any]:
    """Return the refunds of a payment as Stripe has them now. Raises StripeUnavailable."""
    query = urlencode({"payment_intent": payment_intent, "limit": MOST_REFUNDS})
    return _listed(_answer(secret_key, "", "", method="GET", path=f"{REFUNDS}?{query}"))


def checkout_of(secret_key: str, payment_intent: str) -> Any:
    """Return the Checkout Session of a payment; None for a payment that came in otherwise. Raises StripeUnavailable."""
    query = urlencode({"payment_intent": payment_intent})
    return next(iter(_listed(_answer(secret_key, "", "", method="GET", path=f"{SESSIONS}?{query}"))), None)


def _listed(found: Any) -> list[Any]:
    match found:
        case {"object": "list", "data": [*listed]}:
            return list(listed)
    raise StripeUnavailable


def refund(secret_key: str, payment_intent: str, amount: Money, *, key: str, notes: Mapping[str, str] = {}) -> CheckoutRefund:
    """Refund a payment in full or in part. `key`: its Idempotency-Key; the same one refunds once, however often it is sent.

    `notes` are kept with the refund as its metadata. Raises StripeRefundRefused, StripeUnavailable.
    """
    metadata = {f"metadata[{name}]": text for name, text in notes.items()}
    text = urlencode({"payment_intent": payment_intent, "amount": str(to_stripe(amount)), **metadata})
    match _answer(secret_key, text, key, path=REFUNDS, ended=(400, 402, 404)):
        case {"object": "refund", "id": str(id), "status": str(status)}:
            return CheckoutRefund(id, status)
        case {"error": {**error}}:
            raise StripeRefundRefused(str(error.get("code", "")))
    raise StripeUnavailable


def _session(found: Any) -> CheckoutSession:
    match found:
        case {"id": str(id), "url": str(url), "expires_at": int(expires_at)} if url.isascii() and url.isprintable():
            return CheckoutSession(id, url, expires_at)
    raise StripeUnavailable


def _answer(secret_key: str, text: str, key: str, *, method: str = "POST", path: str = SESSIONS, ended: Collection[int] = ()) -> Any:
    """Return Stripe's answer, also one of a status in `ended`. Errors are logged by their type only: their text may quote a key."""
    from urllib3.exceptions import HTTPError

    headers = {
        "Authorization": f"Bearer {secret_key}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Stripe-Version": VERSION,
        **({"Idempotency-Key": key} if key else {}),
    }
    try:
        answer = clients.stripe().request(method, f"{config().stripe_url}{path}", body=text or None, headers=headers, redirect=False)
    except HTTPError:
        telemetry.record_stripe_failure(0, "unreachable")
        raise StripeUnavailable from None
    found = _read(answer.data)
    if answer.status != 200 and answer.status not in ended:
        telemetry.record_stripe_failure(answer.status, _code(found))
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
