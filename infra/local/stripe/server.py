"""The stand-in's answers: Stripe's API below `/v1`, and the payment pages below `/c/pay`."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl

from infra.local.http_server import Request, Response, json_response
from infra.local.stripe import pages
from infra.local.stripe.account import DAY_SECONDS, Account, Fields, RefusedError, StripeObject, write_account

SECRET_KEY = "sk_test_"
"""What the keys of Stripe's test mode begin with. The stand-in takes each of them and no other."""
SESSIONS, REFUNDS = "/v1/checkout/sessions", "/v1/refunds"
Tell = Callable[[str, str, StripeObject], object]
"""Sends an event: the organisation, the kind of the event, and what it is about."""


def _nobody(_org: str, _kind: str, _about: StripeObject) -> None:
    return


@dataclass
class Stripe:
    """The stand-in. Tests set its next answers, and read what it was asked."""

    url: str = ""
    """Its own address, with the path under which it answers."""
    account: Account = field(default_factory=Account)
    file: Path | None = None
    """Where the account is kept."""
    tell: Tell = _nobody
    check: Callable[[str, Fields], object] = lambda _path, _fields: None
    """Called with the path and the fields of each request that has some."""
    requests: list[Fields] = field(default_factory=list)
    """The fields of every request that creates something, with its Idempotency-Key under that name."""
    expired: list[str] = field(default_factory=list)
    """The ids of Checkout Sessions that were closed."""
    lifetime: float = DAY_SECONDS
    """Seconds until a new Checkout Session expires."""
    status: int = 200
    """Any other status is the answer to all requests of the API."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, request: Request) -> Response:
        with self.lock:
            response = self._respond(request, request.path.removeprefix(self.prefix))
            if self.file and request.method == "POST":
                write_account(self.account, self.file)
        return response

    @property
    def prefix(self) -> str:
        """The path under which it answers, without a slash at the end."""
        return "/" + self.url.partition("://")[2].partition("/")[2] if self.url.count("/") > 2 else ""

    def sessions(self) -> list[StripeObject]:
        return list(self.account.sessions.values())

    @property
    def refunds(self) -> dict[str, tuple[Fields, StripeObject]]:
        """The fields and the answer of each refund that was asked for, by its Idempotency-Key."""
        return {key: (fields, response) for key, (path, fields, response) in self.account.answers.items() if path == REFUNDS}

    def pay(self, id: str) -> StripeObject:
        """Pay a Checkout Session, as the button on its page does, and return it."""
        session = self.account.pay(id)
        self._say(session, "checkout.session.completed", session)
        return session

    def _respond(self, request: Request, path: str) -> Response:
        if path.startswith("/c/pay/"):
            return self._page(request, path.rpartition("/")[2])
        if not request.header("Authorization").startswith(f"Bearer {SECRET_KEY}"):
            return json_response(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}})
        if self.status != 200:
            self.requests.append(_fields(request))
            return json_response(self.status, {"error": {"type": "api_error", "message": f"Broken for {_fields(request)}"}})
        try:
            return json_response(200, self._api(request, path))
        except RefusedError as refused:
            return json_response(refused.status, {"error": refused.error})

    def _api(self, request: Request, path: str) -> StripeObject:
        query = {name: found[0] for name, found in parse_qs(request.query).items()}
        match request.method, path.removeprefix("/v1/").split("/"):
            case "POST", ["checkout", "sessions"]:
                return self._create(request, SESSIONS, self._open)
            case "GET", ["checkout", "sessions"]:
                self.check(f"GET {SESSIONS}", query)
                return _list([one for one in self.sessions() if one["payment_intent"] == query.get("payment_intent")])
            case "GET", ["checkout", "sessions", id]:
                return self.account.session(id)
            case "POST", ["checkout", "sessions", id, "expire"]:
                self.check(f"{SESSIONS}/expire", _fields(request))
                return self._expire(id)
            case "POST", ["refunds"]:
                return self._create(request, REFUNDS, self._refund)
            case "GET", ["refunds"]:
                self.check(f"GET {REFUNDS}", query)
                return _list(self.account.refunds_of(query.get("payment_intent", "")))
            case "GET", ["refunds", id] if id in self.account.refunds:
                return self.account.refunds[id]
        raise RefusedError(404, "resource_missing", f"Unrecognized request URL ({request.method}: {path}).")

    def _create(self, request: Request, path: str, make: Callable[[Fields], StripeObject]) -> StripeObject:
        fields, key = _fields(request), request.header("Idempotency-Key")
        self.requests.append({**fields, "Idempotency-Key": key})
        self.check(path, fields)
        return self.account.once(key, path, fields, lambda: make(fields))

    def _open(self, fields: Fields) -> StripeObject:
        return self.account.open_session(fields, pages=self.url, lifetime=self.lifetime)

    def _expire(self, id: str) -> StripeObject:
        session = self.account.expire(id)
        self.expired.append(id)
        self._say(session, "checkout.session.expired", session)
        return session

    def _refund(self, fields: Fields) -> StripeObject:
        refund = self.account.refund(fields)
        intent = refund["payment_intent"]
        self._say(self.account.paid_with(intent), "charge.refunded", self.account.charge_of(intent))
        return refund

    def _page(self, request: Request, id: str) -> Response:
        if id not in self.account.sessions:
            return json_response(404, {"error": {"message": "There is no such page."}})
        session = self.account.session(id)
        wanted = _fields(request).get("do") if request.method == "POST" and request.is_local else None
        if wanted == "cancel":
            return Response(303, headers=(("Location", session["cancel_url"]),))
        if wanted == "pay" and session["status"] == "open":
            self.pay(id)
            return Response(303, headers=(("Location", session["success_url"]),))
        return pages.checkout(session)

    def _say(self, session: StripeObject, kind: str, about: StripeObject) -> None:
        self.tell(session["metadata"].get("org", ""), kind, dict(about))


def _fields(request: Request) -> Fields:
    return dict(parse_qsl(request.body.decode()))


def _list(found: list[StripeObject]) -> StripeObject:
    return {"object": "list", "data": found, "has_more": False}
