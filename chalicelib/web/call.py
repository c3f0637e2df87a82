"""The current HTTP request.

Chalice keeps the current request on the application object, which the threads of a process share. Ours is kept in a context variable.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

from chalicelib.tables.retries import shared_deadline
from chalicelib.web.headers import secure
from chalicelib.web.path_match import Match, Resources
from chalicelib.web.routes import ROUTES

NO_MATCH = Match("", {})
_current: ContextVar["Call"] = ContextVar("call")


@dataclass(frozen=True)
class Call:
    """One HTTP request; HEAD becomes GET.

    `route` is the declared path that matches, empty if none does; `params` are its path parameters, decoded; `source` is the client's IP
    address.
    """

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
    """Return the current request."""
    return _current.get()


def keep_call(request: Any, get_response: Callable[[Any], Any]) -> Any:
    """Chalice middleware: set the current request and limit the total time that DynamoDB may take.

    HEAD is answered like GET, without the body.
    """
    _current.set(_call_from(request))
    with shared_deadline():
        response = get_response(request)
    if request.method == "HEAD":
        response.body = ""
    secure(response.headers)
    return response


def _call_from(request: Any) -> Call:
    context = request.context
    path = _path(request.path, request.uri_params or {})
    match = _routes().find(path) or NO_MATCH
    query = request.query_params
    raw = request.raw_body
    return Call(
        method="GET" if request.method == "HEAD" else request.method,
        path=path,
        route=match.resource,
        params={name: unquote(value) for name, value in match.names.items()},
        query=dict(query.items()) if query else {},
        headers={name.lower(): value for name, value in (request.to_original_event()["headers"] or {}).items()},
        body=raw.encode() if isinstance(raw, str) else raw,
        source=context.get("identity", {}).get("sourceIp", ""),
        id=context.get("requestId", ""),
        now=datetime.now(UTC),
    )


def _path(resource: str, params: Mapping[str, str]) -> str:
    """Return the path of the request, still percent-encoded, from the matched resource and its parameters."""
    return "/".join(params[part.strip("{+}")] if part.startswith("{") else part for part in resource.split("/"))


@cache
def _routes() -> Resources:
    """Return every declared path. API Gateway may have matched a less specific resource, because the specific one lacks the method."""
    return Resources({path: () for routes in ROUTES.values() for _, path in routes})
