"""Paged lists. A cursor is signed for its list: one that is foreign or altered is refused."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from chalicelib.api.query import QueryParameter, whole_number
from chalicelib.rules import numbers
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables.items import Item
from chalicelib.web import cursors
from chalicelib.web.call import Call

T = TypeVar("T")
MOST = 200
USUAL = 50
QUERY = {
    "limit": whole_number("How many entries a page has at most.", least=1, most=MOST, usual=USUAL),
    "cursor": QueryParameter("Where to go on: `next` of the page before."),
}


class ListQuery(NamedTuple):
    """The requested page of a list."""

    limit: int
    start: Item | None


def list_query(call: Call) -> ListQuery:
    """Return the page that the query asks for. Raises ValidationFailed for an invalid limit, and BadCursor."""
    return ListQuery(_limit(call.query.get("limit")), cursors.start_key_of(call.query.get("cursor"), of=_list(call)))


def cursor(call: Call, next_start: Item | None) -> str | None:
    """Return the cursor of the next page of this list, None after the last."""
    return cursors.cursor_of(next_start, of=_list(call))


def page_of(items: Sequence[T], paging: ListQuery, name: Callable[[T], str]) -> tuple[Sequence[T], Item | None]:
    """Return one page of a complete list, and the start key of the next one. `name` returns an item's id."""
    first = 0
    if paging.start:
        after = paging.start["after"]
        first = next((index + 1 for index, item in enumerate(items) if name(item) == after), len(items))
    page = items[first : first + paging.limit]
    more = first + paging.limit < len(items)
    return page, {"after": name(page[-1])} if more else None


def choice(call: Call, name: str, allowed: tuple[str, ...]) -> str:
    """Return the value of a query parameter with fixed choices, empty if it is missing. Raises ValidationFailed."""
    given = call.query.get(name, "")
    if given and given not in allowed:
        raise ValidationFailed([(f"/{name}", "not_one_of", f"Use one of {', '.join(allowed)}.")])
    return given


def _limit(given: str | None) -> int:
    if given is None:
        return USUAL
    limit = numbers.whole_number(given)
    if limit and limit <= MOST:
        return limit
    raise ValidationFailed([("/limit", "out_of_range", N_("Use a whole number from 1 to 200."))])


def _list(call: Call) -> str:
    filters = sorted((name, value) for name, value in call.query.items() if name not in {"limit", "cursor"})
    return json.dumps([call.route, sorted(call.params.items()), filters])
