"""The HTTP contract in JSON: routes, what they answer, and its description."""

from chalicelib.api import (
    auth,
    claims,
    customers,
    health,
    invitations,
    invoices,
    jobs,
    me,
    messages,
    openapi,
    organisations,
    portal,
    registrations,
    rosters,
    sessions,
    staff,
    unsubscribing,
)
from chalicelib.api.endpoints import ENDPOINTS, blueprint

__all__ = [
    "ENDPOINTS",
    "auth",
    "blueprint",
    "claims",
    "customers",
    "health",
    "invitations",
    "invoices",
    "jobs",
    "me",
    "messages",
    "openapi",
    "organisations",
    "portal",
    "registrations",
    "rosters",
    "sessions",
    "staff",
    "unsubscribing",
]
