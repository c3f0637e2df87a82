"""Stripe's signature of a webhook: `Stripe-Signature: t=<seconds>,v1=<hex>,…`, HMAC-SHA256 over the time and the raw body.

https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
from datetime import datetime
from hashlib import sha256

from chalicelib.rules.numbers import whole_number

TOLERANCE_SECONDS = 300
LONGEST_TIME = 12


def signed(body: bytes, header: str, secret: str, *, now: datetime) -> bool:
    """Whether one of the header's signatures is valid for the body and the secret, and dated within five minutes of `now`."""
    times = _values(header, "t")
    if len(times) != 1 or not _near(times[0], now):
        return False
    wanted = signature(body, times[0], secret).encode()
    return any(hmac.compare_digest(given.encode(), wanted) for given in _values(header, "v1"))


def signature(body: bytes, time: str, secret: str) -> str:
    """Return the signature of a body sent at a time, in seconds since 1970."""
    return hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()


def _near(time: str, now: datetime) -> bool:
    seconds = whole_number(time, most_digits=LONGEST_TIME)
    return seconds is not None and abs(now.timestamp() - seconds) <= TOLERANCE_SECONDS


def _values(header: str, name: str) -> list[str]:
    parts = (part.strip().partition("=") for part in header.split(","))
    return [value for found, _, value in parts if found == name]
