"""HTML: views, templates, style sheet, a little progressive JavaScript."""

from chalicelib.pages import (
    access,
    billing,
    changes,
    customers,
    docs,
    files,
    invitations,
    invited,
    invoices,
    mailing,
    missing,
    portal,
    registrations,
    settings,
    staff,
    unsubscribing,
)
from chalicelib.pages.contracts import agreements, participants, prices
from chalicelib.pages.declaring import PAGES, blueprint
from chalicelib.pages.imports import choosing, following
from chalicelib.pages.sessions import adding, editing, ending, exporting, inviting, listing, roster

__all__ = [
    "PAGES",
    "access",
    "adding",
    "agreements",
    "billing",
    "blueprint",
    "changes",
    "choosing",
    "customers",
    "docs",
    "editing",
    "ending",
    "exporting",
    "files",
    "following",
    "invitations",
    "invited",
    "inviting",
    "invoices",
    "listing",
    "mailing",
    "missing",
    "participants",
    "portal",
    "prices",
    "registrations",
    "roster",
    "settings",
    "staff",
    "unsubscribing",
]

missing.declare_nowhere()
