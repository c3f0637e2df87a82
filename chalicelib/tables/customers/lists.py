"""The lists of customers by status and by group: a row for each status and group of a customer, written with the customer.

The sort key of a row is the customer's in the index by name, so that a list has the order of the whole directory. A row only leads to its
customer: who reads it compares the customer's own sort key, status and groups.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from chalicelib.config import config
from chalicelib.rules.customers import Customer
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS
from chalicelib.tables.customers.rows import sort_key
from chalicelib.tables.items import stored

MOST_LISTED = 12
"""The groups of one customer that have rows. One with more has a single row instead, in a list that is read with each group's: so a
customer's rows and those of their words fit into one transaction."""
LONGEST_PAGE = 2000
FIRST = " "
"""Not above any sort key: each begins with a printed character."""


class _SortKeys(Protocol):
    """Sort keys of customers, by name."""

    def seek(self, wanted: str) -> str | None:
        """Return the first one that is not below the wanted one. Calls go forwards only."""


def list_writes(customer: Customer | None, *, was: Customer | None = None) -> list[dict[str, Any]]:
    """Return the writes that replace the rows of a customer. They belong into the transaction that writes the customer."""
    before, after = _rows(was) if was else set(), _rows(customer) if customer else set()
    gone = [dynamodb.delete_write(config().records_table, key, ALWAYS) for key in sorted(before - after)]
    return [*gone, *(dynamodb.put_write(config().records_table, key.stored(), ALWAYS) for key in sorted(after - before))]


def sort_keys(org: str, *, status: str, group: str, after: str, at_once: int) -> Iterator[str]:
    """Yield the sort keys of the customers of a status, of a group, or of both, after one of them.

    One may be of a customer who has left, or who is in more than `MOST_LISTED` groups, but not in this one.
    """
    try:
        lists = _lists(org, status, group, at_once)
    except NotFound:
        return
    wanted = _after(after) if after else FIRST
    while True:
        found = [one.seek(wanted) for one in lists]
        reached = [key for key in found if key is not None]
        if len(reached) < len(found):
            return
        wanted = max(reached)
        if min(reached) == wanted:
            yield wanted
            wanted = _after(wanted)


def _lists(org: str, status: str, group: str, at_once: int) -> list[_SortKeys]:
    """Return the lists that a customer must be in. Raises NotFound for a group whose id is too long for a key."""
    lists: list[_SortKeys] = [_List(keys.customers_of_status(org, status), at_once)] if status else []
    if group:
        lists += [_Union([_List(keys.customers_of_group(org, group), at_once), _List(keys.customers_of_many_groups(org), at_once)])]
    return lists


def customer_of(sort_key: str) -> str:
    """Return the id of the customer with a sort key."""
    return sort_key.rpartition("#")[2]


def _rows(customer: Customer) -> set[keys.Key]:
    org, of_groups = customer.org, (keys.customers_of_group(customer.org, id) for id in customer.groups)
    grouped = of_groups if len(customer.groups) <= MOST_LISTED else [keys.customers_of_many_groups(org)]
    return {keys.Key(of, sort_key(customer)) for of in (keys.customers_of_status(org, customer.status), *grouped)}


def _after(sort_key: str) -> str:
    """Return a sort key right above this one, below all that follow it."""
    return f"{sort_key}{FIRST}"


class _List:
    """The rows of one list. Each page begins at the wanted sort key, and is longer than the one before."""

    def __init__(self, of: str, at_once: int) -> None:
        self._of, self._limit = of, at_once
        self._page: list[str] = []
        self._is_last = False

    def seek(self, wanted: str) -> str | None:
        index = bisect_left(self._page, wanted)
        while index == len(self._page):
            if self._is_last:
                return None
            self._read(wanted)
            index = 0
        return self._page[index]

    def _read(self, wanted: str) -> None:
        rows, next_start = dynamodb.query_page(
            TableName=config().records_table,
            KeyConditionExpression="pk = :list AND sk >= :wanted",
            ExpressionAttributeValues={":list": stored(self._of), ":wanted": stored(wanted)},
            ProjectionExpression="sk",
            ConsistentRead=True,
            Limit=self._limit,
        )
        self._page, self._is_last = [row["sk"]["S"] for row in rows], not next_start
        self._limit = min(2 * self._limit, LONGEST_PAGE)


class _Union:
    """The sort keys of any of several lists, each once."""

    def __init__(self, lists: Sequence[_SortKeys]) -> None:
        self._lists = lists

    def seek(self, wanted: str) -> str | None:
        return min((key for one in self._lists if (key := one.seek(wanted)) is not None), default=None)
