"""Calls of an API with JSON and a key."""

import json
import time
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 120
TRIES = 20
BUSY = (429, 503)


class Reply(NamedTuple):
    status: int
    content: Any

    def made(self) -> Any:
        """Return the content. Raises RuntimeError for a refusal."""
        if self.status >= 400:
            raise RuntimeError(f"{self.status}: {self.content}")
        return self.content


def call(method: str, url: str, key: str, body: Any = None) -> Reply:
    """Send a request, again while it is answered that the server is busy; `key` is its Authorization header."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Authorization": key, "Content-Type": "application/json"}, method=method)
    for _ in range(TRIES):
        reply, wait = _sent(request)
        if reply.status not in BUSY:
            break
        time.sleep(wait)
    return reply


def _sent(request: Request) -> tuple[Reply, float]:
    """Return the reply, and after how many seconds the server wants to be asked again."""
    try:
        with urlopen(request, timeout=SECONDS) as response:
            return Reply(response.status, json.loads(response.read() or b"null")), 0
    except HTTPError as refused:
        return Reply(refused.code, refused.read().decode(errors="replace")), float(refused.headers.get("Retry-After") or 1)
