"""A receiver of webhooks for the local stack: it verifies each call, and keeps the latest for the page beside the e-mails."""

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.rules.numbers import whole_number
from chalicelib.rules.webhooks import signatures
from infra.local.http_server import Request, Response, json_response

PATH = "webhooks"
MOST_CALLS = 200
TOLERANCE_SECONDS = 300
Secrets = Callable[[str], Sequence[str]]
"""Returns the secrets of the webhooks of an organisation."""


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """A call, and whether its signature is right."""

    id: str
    type: str
    at: float
    body: str
    verified: bool


class WebhookCalls:
    """The latest calls, newest first."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._calls: deque[WebhookCall] = deque(maxlen=MOST_CALLS)

    def take(self, request: Request) -> Response:
        """Keep a call. One that is no event, or whose signature is wrong, is kept too, and refused."""
        try:
            event = json.loads(request.body)
            type, org = str(event["type"]), str(event["organisation"])
        except (ValueError, KeyError, TypeError):
            return json_response(400, {"message": "This is no event."})
        verified = self._verified(request, org)
        shown = json.dumps(event, indent=2, ensure_ascii=False)
        self._calls.appendleft(WebhookCall(request.header("webhook-id"), type, time.time(), shown, verified))
        return Response(204) if verified else json_response(400, {"message": "The signature is wrong."})

    def latest(self) -> Sequence[WebhookCall]:
        return tuple(self._calls)

    def _verified(self, request: Request, org: str) -> bool:
        id, seconds = request.header("webhook-id"), whole_number(request.header("webhook-timestamp"), most_digits=12)
        if seconds is None or abs(time.time() - seconds) > TOLERANCE_SECONDS:
            return False
        given = request.header("webhook-signature").split(" ")
        return any(signatures([secret], id=id, seconds=seconds, body=request.body) in given for secret in self._secrets(org))
