"""The application over HTTP, in process: a request becomes API Gateway's event and goes through `app`, as it does in the local stack.

answer = call("POST", "/v1/orgs/demo/sessions", {"title": "Judo", …}, token=demo_org.manager)
assert (answer.status, answer.json["state"]) == (201, "open")
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from infra.local import http_server
from infra.local.gateway import Gateway
from infra.local.http_server import Request


@dataclass(frozen=True)
class Response:
    """The answer to a request. Header names are in lower case; of repeated headers, the last one is kept."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def faults(self) -> set[tuple[str, str]]:
        """Return the (field, code) of every error of a 422."""
        return {(error["field"], error["code"]) for error in self.json["errors"]}


def call(
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
    source: str = "127.0.0.1",
) -> Response:
    """Send a request and return the answer. Text and bytes are sent unchanged, other bodies as JSON; `path` may have a query."""
    bare, _, query = path.partition("?")
    sent = {"Host": "127.0.0.1:8000", "Content-Type": "application/json", **(headers or {})}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    return _read(gateway()(Request(method, bare, query, tuple(sent.items()), _written(body), source)))


@cache
def gateway() -> Gateway:
    """Return the application behind the local API Gateway, loaded once."""
    from app import app

    return Gateway(app, local={})


def _written(body: Any) -> bytes:
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode()
    return json.dumps(body).encode()


def _read(response: http_server.Response) -> Response:
    return Response(response.status, {name.lower(): value for name, value in response.headers}, response.body.decode())
