"""What the stand-in for Stripe knows: Checkout Sessions, refunds, and the answers that it repeats for an Idempotency-Key."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from infra.local.state import read_json, write_json

DAY_SECONDS = 24 * 3600
Fields = dict[str, str]
StripeObject = dict[str, Any]


class RefusedError(Exception):
    """Stripe refuses a request: the status and the error in its answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": "invalid_request_error", "code": code, "message": message}


@dataclass
class Account:
    """The objects of one account by their ids, as Stripe shows them; kept in `file` if there is one."""

    sessions: dict[str, StripeObject] = field(default_factory=dict)
    refunds: dict[str, StripeObject] = field(default_factory=dict)
    answers: dict[str, tuple[str, Fields, StripeObject]] = field(default_factory=dict)
    """By Idempotency-Key: the path and the fields of the first request, and its answer."""

    def once(self, key: str, path: str, fields: Fields, make: Callable[[], StripeObject]) -> StripeObject:
        """Return the answer to a request, the first one again for the same key. Raises RefusedError for other fields with it."""
        if key not in self.answers:
            made = make()
            if not key:
                return made
            self.answers[key] = (path, fields, copy.deepcopy(made))
        before, given, answer = self.answers[key]
        if (before, given) != (path, fields):
            raise RefusedError(400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters.")
        return answer

    def open_session(self, fields: Mapping[str, str], *, pages: str, lifetime: float) -> StripeObject:
        """Return a new Checkout Session of one or more lines; the page to pay it is below `pages`."""
        now, id = int(time.time()), f"cs_test_{len(self.sessions) + 1}"
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "mode": fields.get("mode"),
            "url": f"{pages}/c/pay/{id}",
            "created": now,
            "expires_at": int(fields.get("expires_at") or now + lifetime),
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": _total(fields),
            "currency": fields["line_items[0][price_data][currency]"],
            "client_reference_id": fields.get("client_reference_id"),
            "customer_email": fields.get("customer_email"),
            "success_url": fields.get("success_url"),
            "cancel_url": fields.get("cancel_url"),
            "metadata": _metadata(fields),
            "lines": [fields[name] for name in sorted(fields) if name.endswith("[product_data][name]")],
        }
        return self.sessions[id]

    def session(self, id: str) -> StripeObject:
        """Return a Checkout Session; an open one is `expired` after its time. Raises RefusedError."""
        if id not in self.sessions:
            raise RefusedError(404, "resource_missing", f"No such checkout.session: {id}")
        session = self.sessions[id]
        if session["status"] == "open" and session["expires_at"] <= time.time():
            session["status"] = "expired"
        return session

    def pay(self, id: str) -> StripeObject:
        """Return the session, paid. Raises RefusedError for one that is not open."""
        session = self._open(id)
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{id}"}
        return session

    def expire(self, id: str) -> StripeObject:
        """Return the session, expired. Raises RefusedError for one that is not open."""
        session = self._open(id)
        session["status"] = "expired"
        return session

    def paid_with(self, intent: str) -> StripeObject:
        """Return the session that was paid with a payment intent. Raises RefusedError."""
        for session in self.sessions.values():
            if intent and session["payment_intent"] == intent:
                return session
        raise RefusedError(404, "resource_missing", f"No such payment_intent: '{intent}'")

    def refund(self, fields: Mapping[str, str]) -> StripeObject:
        """Return a new refund of a payment, of all that is left of it without an amount. Raises RefusedError for more than is left."""
        session = self.paid_with(fields.get("payment_intent", ""))
        left = session["amount_total"] - self.refunded(session["payment_intent"])
        amount = int(fields.get("amount") or left)
        if left <= 0:
            raise RefusedError(400, "charge_already_refunded", f"Charge {charge_id(session)} has already been refunded.")
        if not 0 < amount <= left:
            raise RefusedError(400, "amount_too_large", f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        id = f"re_{len(self.refunds) + 1}"
        self.refunds[id] = {
            "id": id,
            "object": "refund",
            "amount": amount,
            "charge": charge_id(session),
            "created": int(time.time()),
            "currency": session["currency"],
            "metadata": _metadata(fields),
            "payment_intent": session["payment_intent"],
            "reason": fields.get("reason"),
            "status": "succeeded",
        }
        return self.refunds[id]

    def refunds_of(self, intent: str) -> list[StripeObject]:
        """Return the refunds of a payment, the latest first."""
        return [refund for refund in reversed(self.refunds.values()) if refund["payment_intent"] == intent]

    def refunded(self, intent: str) -> int:
        """Return how much of a payment was paid back."""
        return sum(refund["amount"] for refund in self.refunds_of(intent) if refund["status"] in {"pending", "succeeded"})

    def charge_of(self, intent: str) -> StripeObject:
        """Return the charge of a payment."""
        session, refunded = self.paid_with(intent), self.refunded(intent)
        return {
            "id": charge_id(session),
            "object": "charge",
            "amount": session["amount_total"],
            "amount_refunded": refunded,
            "currency": session["currency"],
            "metadata": {},
            "payment_intent": intent,
            "refunded": refunded == session["amount_total"],
        }

    def _open(self, id: str) -> StripeObject:
        session = self.session(id)
        if session["status"] != "open":
            raise RefusedError(400, "", f"Only open Checkout Sessions can be used. This one is {session['status']}.")
        return session


def read_account(file: Path) -> Account:
    """Return the account that a file keeps, a new one without it."""
    return Account(**(read_json(file) or {}))


def write_account(account: Account, file: Path) -> None:
    write_json(file, asdict(account))


def charge_id(session: StripeObject) -> str:
    return f"ch_{session['id']}"


def _total(fields: Mapping[str, str]) -> int:
    """Return the sum of the lines of a session."""
    lines = {name.partition("]")[0] for name in fields if name.startswith("line_items[")}
    return sum(int(fields[f"{line}][price_data][unit_amount]"]) * int(fields.get(f"{line}][quantity]") or 1) for line in lines)


def _metadata(fields: Mapping[str, str]) -> dict[str, str]:
    return {name[len("metadata[") : -1]: text for name, text in fields.items() if name.startswith("metadata[")}
