"""HTML: views, templates, style sheet, a little progressive JavaScript."""

from chalicelib.pages import access, docs, files, invitations, invited, missing, portal, registrations, settings, staff, unsubscribing
from chalicelib.pages.declaring import PAGES, blueprint
from chalicelib.pages.sessions import editing, ending, inviting, listing, roster

__all__ = [
    "PAGES",
    "access",
    "blueprint",
    "docs",
    "editing",
    "ending",
    "files",
    "invitations",
    "invited",
    "inviting",
    "listing",
    "missing",
    "portal",
    "registrations",
    "roster",
    "settings",
    "staff",
    "unsubscribing",
]
