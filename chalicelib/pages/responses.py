"""Responses of pages: HTML, a redirect, or a file; with the headers that all of them carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalice import Response

from chalicelib.pages.paths import path

FORMS = "form-action 'self'"
IN_NO_FRAME = "frame-ancestors 'none'"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        FORMS,
        IN_NO_FRAME,
        "base-uri 'none'",
    ]
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Html:
    """A page: a template and its data."""

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    cookies: tuple[str, ...] = ()
    wait: int | None = None
    """Seconds until a retry, for the header Retry-After."""
    leads_to: str = ""
    """The origin of another site to which a form of the page may post or be redirected. The content security policy allows it."""


@dataclass(frozen=True)
class ExternalRedirect:
    """A redirect to a page outside this deployment."""

    url: str


@dataclass(frozen=True)
class Redirect:
    """A redirect to a page of this deployment, with GET (status 303)."""

    to: str
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    part: str = ""
    """The fragment of the URL, without `#`."""


@dataclass(frozen=True)
class File:
    """A text file. `forever` lets browsers cache it for a year, because its name changes with its content."""

    text: str
    kind: str
    forever: bool
    name: str = ""
    """The file name of the download, which is never cached. A file without a name opens in the browser."""
    minutes: int = 0
    """How long browsers may use it without asking again, although its name does not change with its content."""
    policy: str = POLICY
    """Its content security policy."""


PageResponse = Html | Redirect | ExternalRedirect | File


def html_response(text: str, response: Html, cookies: list[str], *, framed_by: Sequence[str] = ()) -> Response:
    """Return the page. Only sites of the origins `framed_by` may hold it in a frame."""
    wait = {"Retry-After": str(response.wait)} if response.wait else {}
    policy = {"Content-Security-Policy": _policy(response.leads_to, framed_by)}
    headers = {**HEADERS, **policy, "Content-Type": "text/html; charset=utf-8", **wait, **_set([*response.cookies, *cookies])}
    return Response(text, headers=headers, status_code=response.status)


def _policy(leads_to: str, framed_by: Sequence[str]) -> str:
    policy = POLICY.replace(FORMS, f"{FORMS} {leads_to}") if leads_to else POLICY
    return policy.replace(IN_NO_FRAME, f"frame-ancestors {' '.join(framed_by)}") if framed_by else policy


def redirect_response(response: Redirect, cookies: list[str]) -> Response:
    headers = {
        **HEADERS,
        "Location": path(response.to, **response.query) + (f"#{response.part}" if response.part else ""),
        **_set([*response.cookies, *cookies]),
    }
    return Response("", headers=headers, status_code=303)


def elsewhere_response(response: ExternalRedirect) -> Response:
    return Response("", headers={**HEADERS, "Location": response.url}, status_code=303)


def file_response(file: File) -> Response:
    kept = FOREVER if file.forever else "no-store" if file.name else f"public, max-age={file.minutes * 60}" if file.minutes else "no-cache"
    saved = {"Content-Disposition": f'attachment; filename="{file.name}"'} if file.name else {}
    headers = {"Content-Security-Policy": file.policy, "Content-Type": file.kind, "Cache-Control": kept}
    return Response(file.text, headers={**HEADERS, **headers, **saved})


def _set(cookies: list[str]) -> dict[str, Any]:
    return {"Set-Cookie": cookies} if cookies else {}
