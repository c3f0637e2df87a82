"""The HTTP request in hand.

Chalice keeps the current request on the application object, which threads of one process share; ours is kept per context by a middleware.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from chalicelib.tables.requests import one_patience
from chalicelib.web.matching import Routes
from chalicelib.web.routes import ROUTES

_current: ContextVar["Call"] = ContextVar("call")


@dataclass(frozen=True)
class Call:
    """One HTTP request. `route` is the address that its path belongs to, empty for one that is none; `params` are what stands for the names
    in it, decoded; `source` is the client's network address."""

    method: str
    path: str
    route: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source: str
    id: str
    now: datetime

    @cached_property
    def cookies(self) -> dict[str, str]:
        pairs = (pair.partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def host(self) -> str:
        return self.headers.get("host", "")


def current() -> Call:
    """Return the call that this code is answering."""
    return _current.get()


def keep_call(request: Any, get_response: Callable[[Any], Any]) -> Any:
    """A Chalice middleware: make the request the current call, and answer it in time even when the database does not."""
    _current.set(_call_from(request))
    with one_patience():
        return get_response(request)


def _call_from(request: Any) -> Call:
    context = request.context
    path = "/" + "/".join(part for _, part in sorted((request.uri_params or {}).items()))
    match = _ADDRESSES.find(path)
    query = request.query_params
    raw = request.raw_body
    return Call(
        method=request.method,
        path=path,
        route=match.resource if match else "",
        params={name: unquote(value) for name, value in match.names.items()} if match else {},
        query=dict(query.items()) if query else {},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=raw.encode() if isinstance(raw, str) else raw,
        source=context.get("identity", {}).get("sourceIp", ""),
        id=context.get("requestId", ""),
        now=datetime.now(UTC),
    )


_ADDRESSES = Routes(path for routes in ROUTES.values() for _, path in routes)
