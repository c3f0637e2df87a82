"""The local stack's stand-in for Stripe on 127.0.0.1; the form of every request that creates something is checked.

with stripe_configured(monkeypatch) as stripe: stripe.url
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from infra.local.http_server import Server
from infra.local.stripe.account import Fields
from infra.local.stripe.events import body_of, signed
from infra.local.stripe.server import Stripe
from tests import stripe_forms

__all__ = ["KEYS", "SECRET_KEY", "WEBHOOK_SECRET", "Stripe", "body_of", "event", "signature", "stripe_configured", "stripe_running"]
SECRET_KEY, WEBHOOK_SECRET = "sk_test_51Secret", "whsec_Secret"
KEYS = {"stripe_secret_key": SECRET_KEY, "stripe_webhook_secret": WEBHOOK_SECRET}


def event(session: dict[str, Any], kind: str = "checkout.session.completed", status: str = "paid", **more: Any) -> bytes:
    """Return the body of a webhook event about a Checkout Session."""
    return body_of(kind, {**session, "payment_status": status, **more})


def signature(body: bytes, *, at: float | None = None, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """Return the signature header of a webhook event."""
    return signed(body, secret, at=at)


@contextmanager
def stripe_running() -> Iterator[Stripe]:
    """Run the stand-in. A request whose form Stripe does not declare fails the test in the end, besides its answer of 500."""
    faults: list[AssertionError] = []

    def check(path: str, fields: Fields) -> None:
        try:
            stripe_forms.check(path, fields)
        except AssertionError as fault:
            faults.append(fault)
            raise

    stripe = Stripe(check=check)
    server = Server(0, stripe)
    stripe.url = server.url
    server.begin()
    try:
        yield stripe
    finally:
        server.end()
    assert faults == []


@contextmanager
def stripe_configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    """Run the stand-in, and have the application of this process use it."""
    with stripe_running() as stripe:
        monkeypatch.setenv("ROLLBOOK_STRIPE_URL", stripe.url)
        monkeypatch.setenv("ROLLBOOK_STRIPE_PAGES", stripe.url)
        config.cache_clear()
        clients.stripe.cache_clear()
        yield stripe
    config.cache_clear()
    clients.stripe.cache_clear()
