"""Cursors of paged lists, safe to put into URLs. A cursor is signed for its list: one that is foreign or altered is refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from chalicelib.config import config
from chalicelib.rules import links
from chalicelib.tables.items import Item
from chalicelib.web.refusals import BadCursor


def cursor_of(next_start: Item | None, *, of: str) -> str | None:
    """Return the cursor of the next page, None after the last. `of` identifies the list together with its filters."""
    if not next_start:
        return None
    encoded = urlsafe_b64encode(json.dumps(next_start, separators=(",", ":")).encode()).decode().rstrip("=")
    return links.token(config().link_key, "cursor", encoded, secret=of)


def start_key_of(given: str | None, *, of: str) -> Item | None:
    """Return the start key of the page, None for the first page. Raises BadCursor."""
    if given is None:
        return None
    if given.count(links.SEPARATOR) != 1 or not links.is_genuine(config().link_key, "cursor", given, of):
        raise BadCursor
    (encoded,) = links.parts(given)
    start: Item = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return start
