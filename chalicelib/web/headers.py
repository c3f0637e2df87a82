"""The security headers of every answer: pages, JSON, files, refusals and faults."""

from collections.abc import MutableMapping
from typing import Any

from chalicelib.config import config

HSTS = "max-age=31536000"
"""For a year, browsers open this host over HTTPS only. Subdomains are not ours."""
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PDF = f"{NOTHING}; object-src 'self'; style-src 'unsafe-inline'"
"""The PDF viewers of browsers embed the file and set styles."""
HEADERS = {
    "Content-Security-Policy": NOTHING,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""For answers that are not pages. Pages set their own."""


def secure(headers: MutableMapping[str, Any]) -> None:
    """Add the headers that the answer does not set itself."""
    there = {name.lower(): str(value) for name, value in headers.items()}
    for name, value in HEADERS.items():
        if name.lower() not in there:
            headers[name] = value
    if there.get("content-type") == "application/pdf":
        headers["Content-Security-Policy"] = PDF
    if config().over_https:
        headers["Strict-Transport-Security"] = HSTS
