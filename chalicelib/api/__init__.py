"""The HTTP contract in JSON: routes, what they answer, and its description."""

from chalicelib.api import claims, health, invitations, openapi, portal, registrations, rosters, sessions
from chalicelib.api.endpoints import ENDPOINTS, blueprint

__all__ = [
    "ENDPOINTS",
    "blueprint",
    "claims",
    "health",
    "invitations",
    "openapi",
    "portal",
    "registrations",
    "rosters",
    "sessions",
]
