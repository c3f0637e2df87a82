"""Addresses within this deployment: below API Gateway's stage prefix, and nowhere else."""

from functools import cache
from urllib.parse import quote, urlencode, urlsplit

from chalicelib.settings import settings


def path(to: str, **query: str) -> str:
    """Return what a link to one of our pages says. Empty values of the query are left out."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{_prefix(settings().public_url)}{to}{'?' if asked else ''}{asked}"


def safe(target: str) -> str:
    """Return the page of ours that somebody asks to be sent to, or nothing when it could lead elsewhere."""
    plain = target.isascii() and target.isprintable() and " " not in target and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else ""


def written(pattern: str, **params: str) -> str:
    """Return the path of a page with its `{names}` filled in."""
    return pattern.format(**{name: quote(value, safe="") for name, value in params.items()})


@cache
def _prefix(public_url: str) -> str:
    return urlsplit(public_url).path.rstrip("/")
