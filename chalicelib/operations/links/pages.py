"""Links without a secret: to public pages, and to pages that need a sign-in."""

from chalicelib.operations.links.kinds import url
from chalicelib.rules.pictures import Picture


def sessions_page(org: str) -> str:
    """Return the URL of the organisation's public list of sessions."""
    return url(f"/p/{org}")


def picture_link(org: str, owner: str, picture: Picture) -> str:
    """Return the URL of a picture for e-mails, link previews and other programs. `owner` is the id of a session, or `logo`."""
    return url(f"/pictures/{org}/{owner}/{picture.name}")


def session_page(org: str, session: str) -> str:
    """Return the URL of a session's public page."""
    return url(f"/p/{org}/sessions/{session}")


def portal_page(org: str, page: str) -> str:
    """Return the URL of a page of the organisation's portal: sign-in, register, me or code."""
    return url(f"/p/{org}/{page}")


def integrations_page(org: str) -> str:
    """Return the URL of the page with API keys and webhooks."""
    return url(f"/o/{org}/integrations")


def decision_page(org: str, session: str) -> str:
    """Return the URL of the page on which staff decide whether a session with too few participants goes ahead."""
    return url(f"/o/{org}/sessions/{session}/minimum")


def stripe_webhook(org: str) -> str:
    """Return the URL of the organisation's Stripe webhook."""
    return url(f"/v1/stripe/{org}/webhook")
