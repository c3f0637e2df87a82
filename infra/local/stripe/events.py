"""Stripe's events: their bodies, their signatures, and how the stand-in sends them to the application."""

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import urllib3

from chalicelib.rules.signatures import signature

PAUSES = (0, 1, 3, 10, 30)
"""Seconds before each attempt to send an event. Stripe tries for three days."""
SECONDS = 20
log = logging.getLogger(__name__)


def body_of(kind: str, about: dict[str, Any]) -> bytes:
    """Return the body of an event about an object of the account."""
    event = {"id": f"evt_{uuid.uuid4().hex[:24]}", "object": "event", "type": kind, "data": {"object": about}}
    return json.dumps({**event, "created": int(time.time()), "livemode": False}).encode()


def signed(body: bytes, secret: str, *, at: float | None = None) -> dict[str, str]:
    """Return the header with the signature of an event, sent now or at another moment."""
    seconds = str(int(time.time() if at is None else at))
    return {"Stripe-Signature": f"t={seconds},v1={signature(body, seconds, secret)},v0=00"}


class Webhooks:
    """Sends events to the application in the background, again if it does not take one."""

    def __init__(self, rollbook: str, secret_of: Callable[[str], str]) -> None:
        """`rollbook` is the application's address; `secret_of` returns the signing secret of an organisation, empty without one."""
        self._rollbook = rollbook
        self._secret_of = secret_of
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=SECONDS), retries=False)

    def send(self, org: str, kind: str, about: dict[str, Any]) -> None:
        """Send an event to the webhook of an organisation."""
        body = body_of(kind, about)
        threading.Thread(target=self._deliver, args=(org, kind, body), daemon=True, name=f"Stripe's event {kind}").start()

    def _deliver(self, org: str, kind: str, body: bytes) -> None:
        for pause in PAUSES:
            time.sleep(pause)
            if self._taken(org, body):
                return
        log.warning("Rollbook did not take the event %s", kind)

    def _taken(self, org: str, body: bytes) -> bool:
        secret = self._secret_of(org)
        headers = {"Content-Type": "application/json", **signed(body, secret or "none")}
        try:
            return self._pool.request("POST", f"{self._rollbook}/v1/stripe/{org}/webhook", body=body, headers=headers).status == 200
        except urllib3.exceptions.HTTPError:
            return False
