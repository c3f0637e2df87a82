"""The payment page of the stand-in: it says plainly that it is one, and has two buttons."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.numbers import format_currency, get_currency_precision
from jinja2 import Environment, FileSystemLoader, select_autoescape

from infra.local.http_server import Response

HERE = Path(__file__).parent / "assets"
STYLE = (HERE.parent.parent / "mailbox" / "assets" / "mailbox.css").read_text()


def checkout(session: dict[str, Any], *, status: int = 200) -> Response:
    """Show the page of a Checkout Session, or that it cannot be paid any more."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True)
    page = environment.get_template("checkout.html").render(session=session, amount=_amount(session), style=STYLE)
    back = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, (session["success_url"], session["cancel_url"])) if parts.netloc}
    policy = f"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {' '.join(sorted(map(str, back)))}; base-uri 'none'"
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy), ("Cache-Control", "no-store"))
    return Response(status, page.encode(), headers)


def _amount(session: dict[str, Any]) -> str:
    currency = session["currency"].upper()
    return format_currency(session["amount_total"] / 10 ** get_currency_precision(currency), currency, locale="en_GB")
