"""Redirects for users without access: to the sign-in page, and back to the previous page."""

from urllib.parse import urlencode

from chalicelib.pages.paths import path, safe, written
from chalicelib.web.call import Call

PORTAL = "/p/"


def sign_in_path(call: Call) -> str:
    """Return the path of the sign-in page for a page: the organisation's for portal pages, the start page for staff pages."""
    return written("/p/{org}/sign-in", org=call.params["org"]) if in_portal(call) else "/"


def in_portal(call: Call) -> bool:
    """Return whether the page belongs to an organisation's customers."""
    return call.route.startswith(PORTAL)


def path_after_sign_in(call: Call) -> str:
    """Return the path to open after sign-in: for a GET the same page with its query, else the start page of portal or organisation."""
    if call.method == "GET":
        query = urlencode(call.query)
        return f"{written(call.route, **call.params)}{'?' if query else ''}{query}"
    return written("/p/{org}/me" if in_portal(call) else "/o/{org}", org=call.params["org"])


def previous_path(call: Call) -> str:
    """Return the path of the previous page by the Referer header, or `/` when that is missing or another site."""
    _, _, after = call.headers.get("referer", "").partition(f"//{call.host}")
    return safe(after.removeprefix(path(""))) or "/"
