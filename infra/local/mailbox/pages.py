"""The mailbox's pages. They have no scripts, and block those of e-mails."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, select_autoescape

from infra.local.http_server import Headers, Response
from infra.local.mailbox.emails import Attachment, Letter
from infra.local.mailbox.mail_store import Summary
from infra.local.mailbox.webhook_calls import WebhookCall

HERE = Path(__file__).parent / "assets"
FILES = {"mailbox.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
PER_PAGE = 100

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EMAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: http://127.0.0.1:*; "
    "frame-ancestors 'self'"
)
ALWAYS: Headers = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("Cache-Control", "no-store"))


class Pages:
    """The pages, with the address of the application for the link back."""

    def __init__(self, rollbook: str) -> None:
        environment = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True)
        environment.globals["rollbook"] = rollbook
        environment.filters |= {"moment": moment, "readable": readable, "name": name, "size": size}
        self._environment = environment

    def list(self, summaries: Sequence[Summary], *, address: str, page: int) -> Response:
        """Show one page of the letters, newest first."""
        pages = max(1, -(-len(summaries) // PER_PAGE))
        page = min(max(page, 1), pages)
        shown = summaries[(page - 1) * PER_PAGE : page * PER_PAGE]

        def link(to: int) -> str | None:
            return f"/?{urlencode({'address': address, 'page': to})}" if 1 <= to <= pages else None

        return self._page("list.html", letters=shown, count=len(summaries), address=address, newer=link(page - 1), older=link(page + 1))

    def letter(self, letter: Letter, *, view: str) -> Response:
        """Show one letter: its HTML, its text or its headers."""
        return self._page("letter.html", letter=letter, view=view)

    def calls(self, calls: Sequence[WebhookCall], *, here: str) -> Response:
        """Show the latest calls of webhooks. `here` is the address to give a webhook."""
        return self._page("calls.html", calls=calls, here=here)

    def empty(self, count: int) -> Response:
        return self._page("empty.html", count=count)

    def missing(self) -> Response:
        return self._page("missing.html", status=404)

    def _page(self, template: str, *, status: int = 200, **values: object) -> Response:
        page = self._environment.get_template(template).render(values)
        return _html(page, PAGE_POLICY, status=status)


def body(letter: Letter) -> Response:
    """Return the HTML of a letter for its frame: no script runs, links open in a new tab."""
    base = '<base target="_blank">'
    page, count = re.subn(r"<head(\s[^>]*)?>", lambda head: head[0] + base, letter.html, count=1, flags=re.IGNORECASE)
    return _html(page if count else base + page, EMAIL_POLICY)


def attachment(attached: Attachment) -> Response:
    """Return a file to be saved, never shown."""
    disposition = f"attachment; filename*=UTF-8''{quote(attached.name, safe='')}"
    headers = (("Content-Type", "application/octet-stream"), ("Content-Disposition", disposition), ("Content-Security-Policy", "sandbox"))
    return Response(200, attached.data, (*headers, *ALWAYS))


def file(path: str) -> Response:
    return Response(200, (HERE / path).read_bytes(), (("Content-Type", FILES[path]), *ALWAYS))


def moment(at: float) -> str:
    """Return the time of this computer, short for today."""
    then, now = datetime.fromtimestamp(at).astimezone(), datetime.now().astimezone()
    return f"{then:%H:%M:%S}" if then.date() == now.date() else f"{then:%-d %b %Y, %H:%M}"


def readable(header: str) -> str:
    """Return a header as people read it, with its encoded words decoded."""
    try:
        return str(make_header(decode_header(header)))
    except (LookupError, ValueError):
        return header


def name(sender: str) -> str:
    """Return who sends, without the address if there is a name."""
    called, address = parseaddr(readable(sender))
    return called or address


def size(attached: Attachment) -> str:
    kilobytes = len(attached.data) / 1024
    return f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{max(1, round(kilobytes))} kB"


def _html(page: str, policy: str, *, status: int = 200) -> Response:
    return Response(status, page.encode(), (("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy), *ALWAYS))
