"""Ways on from a page that somebody cannot have: to where they sign in, and back to where they came from."""

from chalicelib.pages.paths import path, safe, written
from chalicelib.web.call import Call

PORTAL = "/p/"


def entrance(call: Call) -> str:
    """Return where whoever wants this page signs in: staff on the start page, customers on their organisation's."""
    return written("/p/{org}/sign-in", org=call.params["org"]) if call.route.startswith(PORTAL) else "/"


def wanted(call: Call) -> str:
    """Return the page to go on with after signing in."""
    if call.method == "GET":
        return written(call.route, **call.params)
    return written("/p/{org}/me" if call.route.startswith(PORTAL) else "/o/{org}", org=call.params["org"])


def back(call: Call) -> str:
    """Return the page of ours that somebody came from."""
    _, _, after = call.headers.get("referer", "").partition(f"//{call.host}")
    return safe(after.removeprefix(path(""))) or "/"
