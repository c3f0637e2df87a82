"""The application as WSGI, for tools that call it in process."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from tests.http import call

Start = Callable[[str, list[tuple[str, str]]], Any]


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer a WSGI request through `tests.http.call`."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    response = call(
        environ["REQUEST_METHOD"],
        environ["REQUEST_URI"],
        environ["wsgi.input"].read(length) if length else None,
        headers=_headers(environ),
    )
    start(f"{response.status} {HTTPStatus(response.status).phrase}", list(response.headers.items()))
    return [response.text.encode()]


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    named = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    return {**named, "Content-Type": environ.get("CONTENT_TYPE") or "application/json"}
