"""Lists, page by page. A cursor is sealed for its list: one from elsewhere or changed by hand is refused."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from chalicelib.tables.items import Item
from chalicelib.web import cursors
from chalicelib.web.call import Call
from chalicelib.web.refusals import Invalid

T = TypeVar("T")
MOST = 200
USUAL = 50
QUERY = {"limit": "How many at most, 1 to 200 (50 unless told).", "cursor": "Where to go on: `next` of the page before."}


class Wanted(NamedTuple):
    """Which page of a list is asked for."""

    limit: int
    start: Item | None


def wanted(call: Call) -> Wanted:
    """Return the page that the query asks for. Raises Invalid for a limit that is none, BadCursor."""
    return Wanted(_limit(call.query.get("limit")), cursors.opened(call.query.get("cursor"), of=_list(call)))


def cursor(call: Call, following: Item | None) -> str | None:
    """Return the cursor of the next page of this list, None after the last."""
    return cursors.sealed(following, of=_list(call))


def cut(entries: Sequence[T], asked: Wanted, name: Callable[[T], str]) -> tuple[Sequence[T], Item | None]:
    """Return one page of a list that was read whole, and where the next one starts. `name` is an entry's id."""
    first = 0
    if asked.start:
        after = asked.start["after"]
        first = next((place + 1 for place, entry in enumerate(entries) if name(entry) == after), len(entries))
    page = entries[first : first + asked.limit]
    more = first + asked.limit < len(entries)
    return page, {"after": name(page[-1])} if more else None


def choice(call: Call, name: str, allowed: tuple[str, ...]) -> str:
    """Return the value of a query parameter that takes one of a few words, empty when it is not there. Raises Invalid."""
    given = call.query.get(name, "")
    if given and given not in allowed:
        raise Invalid([(f"/{name}", "not_one_of", f"Use one of {', '.join(allowed)}.")])
    return given


def _limit(given: str | None) -> int:
    if given is None:
        return USUAL
    if given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= MOST:
        return int(given)
    raise Invalid([("/limit", "out_of_range", "Use a whole number from 1 to 200.")])


def _list(call: Call) -> str:
    filters = sorted((name, value) for name, value in call.query.items() if name not in {"limit", "cursor"})
    return json.dumps([call.route, sorted(call.params.items()), filters])
