"""Where a list goes on, as a text that addresses carry. It is sealed for its list: one from elsewhere or changed by hand is refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from chalicelib.rules import links
from chalicelib.settings import settings
from chalicelib.tables.items import Item
from chalicelib.web.refusals import BadCursor


def sealed(following: Item | None, *, of: str) -> str | None:
    """Return the cursor of the next page of a list, None after the last. `of` tells the list from all others, with its filters."""
    if not following:
        return None
    place = urlsafe_b64encode(json.dumps(following, separators=(",", ":")).encode()).decode().rstrip("=")
    return links.token(settings().link_key, "cursor", place, secret=of)


def opened(given: str | None, *, of: str) -> Item | None:
    """Return where the list goes on, None at its beginning. Raises BadCursor."""
    if given is None:
        return None
    if given.count(links.SEPARATOR) != 1 or not links.genuine(settings().link_key, "cursor", given, of):
        raise BadCursor
    (place,) = links.parts(given)
    start: Item = json.loads(urlsafe_b64decode(place + "=" * (-len(place) % 4)))
    return start
