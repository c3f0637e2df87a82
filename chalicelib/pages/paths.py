"""Paths within this deployment: below API Gateway's stage prefix, and nowhere else."""

from functools import cache
from urllib.parse import quote, urlencode, urlsplit

from chalicelib.config import config


def path(to: str, /, **query: str) -> str:
    """Return the path of a page with the stage prefix, and a query without the parameters that are empty."""
    parameters = urlencode({name: value for name, value in query.items() if value})
    return f"{_prefix(config().public_url)}{to}{'?' if parameters else ''}{parameters}"


def safe(target: str) -> str:
    """Return a requested redirect target if it is a path on this host, and an empty text if it could lead to another site."""
    plain = target.isascii() and target.isprintable() and " " not in target and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else ""


def written(pattern: str, **params: str) -> str:
    """Return a path with its `{names}` replaced by the URL-encoded parameters."""
    return pattern.format(**{name: quote(value, safe="") for name, value in params.items()})


@cache
def _prefix(public_url: str) -> str:
    return urlsplit(public_url).path.rstrip("/")
