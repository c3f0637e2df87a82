"""What a page answers: HTML, a way to another page, or a file; and the headers that every answer carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice import Response

from chalicelib.pages.paths import path

FORMS = "form-action 'self'"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        FORMS,
        "frame-ancestors 'none'",
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
    """A template and what fills it."""

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    cookies: tuple[str, ...] = ()
    wait: int | None = None
    """After how many seconds it may be tried again."""
    leads_to: str = ""
    """Another site where a form of the page may end."""


@dataclass(frozen=True)
class Elsewhere:
    """Go to a page that is not ours."""

    url: str


@dataclass(frozen=True)
class Redirect:
    """Go to another page of ours and look at it."""

    to: str
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    part: str = ""
    """Which part of it."""


@dataclass(frozen=True)
class File:
    """A text that browsers keep: for ever, when its name changes with its content."""

    text: str
    kind: str
    forever: bool
    name: str = ""
    """What it is saved as; a file without one is looked at in the browser."""


Answer = Html | Redirect | Elsewhere | File


def shown(text: str, answer: Html, cookies: list[str]) -> Response:
    wait = {"Retry-After": str(answer.wait)} if answer.wait else {}
    policy = {"Content-Security-Policy": POLICY.replace(FORMS, f"{FORMS} {answer.leads_to}")} if answer.leads_to else {}
    headers = {**HEADERS, **policy, "Content-Type": "text/html; charset=utf-8", **wait, **_set([*answer.cookies, *cookies])}
    return Response(text, headers=headers, status_code=answer.status)


def sent(answer: Redirect, cookies: list[str]) -> Response:
    headers = {
        **HEADERS,
        "Location": path(answer.to, **answer.query) + (f"#{answer.part}" if answer.part else ""),
        **_set([*answer.cookies, *cookies]),
    }
    return Response("", headers=headers, status_code=303)


def gone(answer: Elsewhere) -> Response:
    return Response("", headers={**HEADERS, "Location": answer.url}, status_code=303)


def served(file: File) -> Response:
    kept = FOREVER if file.forever else "no-store" if file.name else "no-cache"
    saved = {"Content-Disposition": f'attachment; filename="{file.name}"'} if file.name else {}
    return Response(file.text, headers={**HEADERS, "Content-Type": file.kind, "Cache-Control": kept, **saved})


def _set(cookies: list[str]) -> dict[str, Any]:
    return {"Set-Cookie": cookies} if cookies else {}
