"""A small Stripe on 127.0.0.1: it opens Checkout Sessions, shows a page for each, and signs its webhook events.

with stripe_running() as stripe: ROLLBOOK_STRIPE_URL = ROLLBOOK_STRIPE_PAGES = stripe.url
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import new as hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

SECRET_KEY, WEBHOOK_SECRET = "sk_test_51Secret", "whsec_Secret"
KEYS = {"stripe_secret_key": SECRET_KEY, "stripe_webhook_secret": WEBHOOK_SECRET}
DAY_SECONDS = 24 * 3600
Fields = dict[str, str]


@dataclass
class Stripe:
    """The requests that the small Stripe received, and its settings for the next answers."""

    url: str = ""
    asked: list[Fields] = field(default_factory=list)
    """The fields of every request, with its Idempotency-Key under that name."""
    answers: dict[str, tuple[Fields, dict[str, Any]]] = field(default_factory=dict)
    expired: list[str] = field(default_factory=list)
    """The ids of Checkout Sessions that were closed."""
    refunds: dict[str, tuple[Fields, dict[str, Any]]] = field(default_factory=dict)
    """Each refund with its fields, by its Idempotency-Key."""
    lifetime: float = DAY_SECONDS
    """Seconds until a new Checkout Session expires."""
    status: int = 200
    """Any other status is the answer to all requests."""

    def create(self, fields: Fields, key: str, authorization: str) -> tuple[int, dict[str, Any]]:
        self.asked.append({**fields, "Idempotency-Key": key})
        if authorization != f"Bearer {SECRET_KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": f"Invalid API Key provided: {authorization}"}}
        if self.status != 200:
            return self.status, {"error": {"type": "api_error", "message": f"Broken for {fields.get('customer_email')}"}}
        before, session = self.answers.setdefault(key, (fields, self._session(fields)))
        if before != fields:
            return 400, {"error": {"type": "idempotency_error"}}
        return 200, session

    def expire(self, own: str, authorization: str) -> tuple[int, dict[str, Any]]:
        if authorization != f"Bearer {SECRET_KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
        if self.status != 200:
            return self.status, {"error": {"type": "api_error"}}
        if own in self.expired or own not in {session["id"] for session in self.sessions()}:
            return 400, {"error": {"type": "invalid_request_error", "message": "Only open sessions can be expired."}}
        self.expired.append(own)
        return 200, {"id": own, "status": "expired"}

    def read(self, own: str) -> tuple[int, dict[str, Any]]:
        if self.status != 200:
            return self.status, {"error": {"type": "api_error"}}
        found = next((session for session in self.sessions() if session["id"] == own), None)
        if found is None:
            return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
        ended = own in self.expired or (found["status"] == "open" and found["expires_at"] <= time.time())
        return 200, {**found, "status": "expired"} if ended else found

    def refund(self, fields: Fields, key: str) -> tuple[int, dict[str, Any]]:
        """Refund a payment; no more than was paid, and with one key once."""
        if self.status != 200:
            return self.status, {"error": {"type": "api_error"}}
        intent, amount = fields["payment_intent"], int(fields["amount"])
        paid = [session["amount_total"] for session in self.sessions() if session["payment_intent"] == intent]
        if not paid:
            return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}
        if key not in self.refunds:
            left = paid[0] - sum(made["amount"] for _, made in self.refunds.values() if made["payment_intent"] == intent)
            if amount > left:
                return 400, {"error": {"type": "invalid_request_error", "code": "" if left else "charge_already_refunded"}}
            made = {"id": f"re_{len(self.refunds) + 1}", "object": "refund", "amount": amount, "payment_intent": intent}
            self.refunds[key] = (fields, {**made, "status": "succeeded", "currency": "eur"})
        return 200, self.refunds[key][1]

    def pay(self, own: str) -> dict[str, Any]:
        """Pay a Checkout Session, as its page does, and return it."""
        (session,) = [session for session in self.sessions() if session["id"] == own]
        session.update(status="complete", payment_status="paid", payment_intent=f"pi_{own}")
        return session

    def sessions(self) -> list[dict[str, Any]]:
        return [session for _, session in self.answers.values()]

    def _session(self, fields: Fields) -> dict[str, Any]:
        own = f"cs_test_{len(self.answers) + 1}"
        return {
            "id": own,
            "object": "checkout.session",
            "url": f"{self.url}/c/pay/{own}",
            "expires_at": int(time.time() + self.lifetime),
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(fields["line_items[0][price_data][unit_amount]"]),
            "currency": fields["line_items[0][price_data][currency]"],
            "client_reference_id": fields["client_reference_id"],
            "metadata": {name[9:-1]: value for name, value in fields.items() if name.startswith("metadata[")},
        }


def event(session: dict[str, Any], kind: str = "checkout.session.completed", status: str = "paid", **more: Any) -> bytes:
    """Return the body of a webhook event about a Checkout Session."""
    return json.dumps(
        {"id": "evt_1", "object": "event", "type": kind, "data": {"object": {**session, "payment_status": status, **more}}}
    ).encode()


def signature(body: bytes, *, at: float | None = None, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """Return the signature header of a webhook event."""
    seconds = str(int(time.time() if at is None else at))
    return {"Stripe-Signature": f"t={seconds},v1={hmac(secret.encode(), seconds.encode() + b'.' + body, sha256).hexdigest()},v0=00"}


@contextmanager
def stripe_running() -> Iterator[Stripe]:
    stripe = Stripe()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path.endswith("/expire"):
                status, said = stripe.expire(self.path.split("/")[-2], self.headers["Authorization"])
                return self._answer(status, "application/json", json.dumps(said))
            if self.path == "/v1/refunds":
                status, said = stripe.refund(dict(parse_qsl(body)), self.headers["Idempotency-Key"])
                return self._answer(status, "application/json", json.dumps(said))
            if self.path != "/v1/checkout/sessions":
                return self._answer(404, "application/json", "{}")
            status, said = stripe.create(dict(parse_qsl(body)), self.headers["Idempotency-Key"], self.headers["Authorization"])
            return self._answer(status, "application/json", json.dumps(said))

        def do_GET(self) -> None:
            if self.path.startswith("/v1/checkout/sessions/"):
                status, said = stripe.read(self.path.rpartition("/")[2])
                return self._answer(status, "application/json", json.dumps(said))
            return self._answer(200, "text/html", f"<title>Checkout</title><h1>Checkout {self.path.rpartition('/')[2]}</h1>")

        def _answer(self, status: int, kind: str, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stripe.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stripe
    finally:
        server.shutdown()
        server.server_close()
