"""The mailbox's sides: SES version 2, Stripe and a receiver of webhooks for the application, pages and `/api/messages` for readers."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from infra.local.http_server import Handler, Request, Response, json_response
from infra.local.mailbox import pages
from infra.local.mailbox.emails import Letter, NotAnEmailError, letter
from infra.local.mailbox.mail_store import MailStore
from infra.local.mailbox.webhook_calls import PATH, Secrets, WebhookCalls

STRIPE = "stripe"
MAX_SEND_RATE = 200.0
"""E-mails in a second: the mailbox itself sets no limit."""


class Mailbox:
    """Answers the requests to the mailbox's port."""

    def __init__(
        self,
        store: MailStore,
        *,
        rollbook: str,
        taken: Callable[[Letter], object] = lambda _: None,
        secrets_of: Secrets = lambda _: (),
        stripe: Handler | None = None,
    ) -> None:
        """`rollbook` is the address of the application's pages; `taken` is called with every e-mail that was sent.

        `secrets_of` returns the secrets of an organisation's webhooks, whose calls are shown beside the e-mails. `stripe` answers what lies
        below `/stripe`.
        """
        self._stripe = stripe
        self._calls = WebhookCalls(secrets_of)
        self._store = store
        self._taken = taken
        self._pages = pages.Pages(rollbook)

    def __call__(self, request: Request) -> Response:
        if not request.is_local:
            return json_response(403, {"message": "The mailbox answers on this computer only."})
        match request.method, request.path.strip("/").split("/"):
            case _, [name, *_] if self._stripe and name == STRIPE:
                return self._stripe(request)
            case method, ["v2", "email", *rest]:
                return self._ses(method, rest, request)
            case "POST", [name] if name == PATH:
                return self._calls.take(request)
            case "GET", [name] if name == PATH:
                return self._pages.calls(self._calls.latest(), here=f"http://{request.header('Host')}/{PATH}")
            case "GET", ["api", "messages"]:
                return json_response(200, [_message(kept) for kept in self._store.letters()])
            case "DELETE", ["api", "messages"]:
                self._store.clear()
                return Response(204)
            case "POST", ["empty"]:
                self._store.clear()
                return Response(303, headers=(("Location", "/"),))
            case "GET", parts:
                return self._page(parts, parse_qs(request.query))
        return self._pages.missing()

    def _ses(self, method: str, rest: list[str], request: Request) -> Response:
        match method, rest:
            case "POST", ["outbound-emails"]:
                return self._send(request)
            case "GET", ["account"]:
                return json_response(200, {"ProductionAccessEnabled": True, "SendQuota": {"MaxSendRate": MAX_SEND_RATE}})
        return self._pages.missing()

    def _send(self, request: Request) -> Response:
        id = f"{int(time.time() * 1000):012x}{secrets.token_hex(8)}"
        try:
            sent = letter(json.loads(request.body), id=id, at=time.time())
        except (NotAnEmailError, ValueError, AttributeError) as error:
            return json_response(400, {"message": str(error)}, headers=(("x-amzn-ErrorType", "BadRequestException"),))
        self._store.put(sent)
        self._taken(sent)
        return json_response(200, {"MessageId": id})

    def _page(self, parts: list[str], query: dict[str, list[str]]) -> Response:
        match parts:
            case [""]:
                return self._list(query)
            case ["empty"]:
                return self._pages.empty(len(self._store.summaries()))
            case [name] if name in pages.FILES:
                return pages.file(name)
            case ["messages", id, *rest]:
                found = self._store.letter(id)
                return self._of_letter(found, rest) if found else self._pages.missing()
        return self._pages.missing()

    def _list(self, query: dict[str, list[str]]) -> Response:
        address = query.get("address", [""])[0]
        number = query.get("page", ["1"])[0]
        return self._pages.list(self._store.summaries(address), address=address, page=int(number) if number.isdecimal() else 1)

    def _of_letter(self, found: Letter, rest: list[str]) -> Response:
        match rest:
            case []:
                return self._pages.letter(found, view="html" if found.html else "text")
            case ["text" | "headers" as view]:
                return self._pages.letter(found, view=view)
            case ["body"] if found.html:
                return pages.body(found)
            case ["attachments", index] if index.isdecimal() and int(index) < len(found.attachments):
                return pages.attachment(found.attachments[int(index)])
        return self._pages.missing()


def _message(kept: Letter) -> dict[str, Any]:
    """Return a letter as `/api/messages` shows it, without the content of attachments."""
    shown = kept.as_dict()
    shown["from"] = shown.pop("sender")
    shown["attachments"] = [{"name": file.name, "content_type": file.content_type, "size": len(file.data)} for file in kept.attachments]
    return shown
