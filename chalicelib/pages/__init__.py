"""HTML: views, templates, style sheet, a little progressive JavaScript."""

from chalicelib.pages import (
    access,
    billing,
    changes,
    discounts,
    docs,
    files,
    invitations,
    invited,
    invoices,
    jobs,
    mailing,
    missing,
    portal,
    portal_invitations,
    registrations,
    settings,
    staff,
    template_editor,
    unsubscribing,
    with_code,
)
from chalicelib.pages.account import dashboard, entering, joining
from chalicelib.pages.contracts import agreements, code, codes, generating, participants, prices
from chalicelib.pages.customers import editing as customer_editing
from chalicelib.pages.customers import ending as customer_ending
from chalicelib.pages.customers import groups, profile
from chalicelib.pages.customers import listing as customer_listing
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
    "code",
    "codes",
    "customer_editing",
    "customer_ending",
    "customer_listing",
    "dashboard",
    "discounts",
    "docs",
    "editing",
    "ending",
    "entering",
    "exporting",
    "files",
    "following",
    "generating",
    "groups",
    "invitations",
    "invited",
    "inviting",
    "invoices",
    "jobs",
    "joining",
    "listing",
    "mailing",
    "missing",
    "participants",
    "portal",
    "portal_invitations",
    "prices",
    "profile",
    "registrations",
    "roster",
    "settings",
    "staff",
    "template_editor",
    "unsubscribing",
    "with_code",
]

missing.declare_nowhere()
