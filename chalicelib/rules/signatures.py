"""Stripe's signature of a webhook: `Stripe-Signature: t=<seconds>,v1=<hex>,…`, HMAC-SHA256 over the time and the body as it came.

https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
from datetime import datetime
from hashlib import sha256

TOLERANCE_SECONDS = 300
LONGEST_TIME = 12


def signed(body: bytes, header: str, secret: str, *, now: datetime) -> bool:
    """Whether one of the header's signatures is of this body, made with this secret within five minutes of now."""
    times = _values(header, "t")
    if len(times) != 1 or not _near(times[0], now):
        return False
    wanted = signature(body, times[0], secret).encode()
    return any(hmac.compare_digest(given.encode(), wanted) for given in _values(header, "v1"))


def signature(body: bytes, time: str, secret: str) -> str:
    """Return the signature of a body sent at a time, in seconds since 1970."""
    return hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()


def _near(time: str, now: datetime) -> bool:
    written = time.isascii() and time.isdigit() and len(time) <= LONGEST_TIME
    return written and abs(now.timestamp() - int(time)) <= TOLERANCE_SECONDS


def _values(header: str, name: str) -> list[str]:
    parts = (part.strip().partition("=") for part in header.split(","))
    return [value for found, _, value in parts if found == name]
