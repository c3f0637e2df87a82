"""The search for customers: a row for each word that leads to a customer, written with the customer.

One query finds the rows of the most selective word. Each row carries the whole searched text, so that the other words are compared in the
same query, and only customers that match are read.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules.customers import (
    END,
    SEPARATOR,
    Customer,
    index_prefix,
    index_words,
    is_telephone,
    search_prefixes,
    search_text,
    word_prefixes,
)
from chalicelib.rules.text import without_accents
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS
from chalicelib.tables.customers import lists
from chalicelib.tables.customers.portal_invitations import find
from chalicelib.tables.items import Item, item, stored

FIRST_PAGE = 4
"""So many times the wanted customers are read first: of several words, the rest may not fit, and a customer may have several that do."""
LONGEST_PAGE = 2000
MOST_AT_ONCE = 100
MOST_OF_A_WORD = 60
"""Of a word and of a name, as many characters count in a key, which has an end."""
MOST_KNOWN = 1000
"""So many customers of a status or group are known before their words are compared, so that only they are read."""


class CustomerFilter(NamedTuple):
    """A filter: each word of `q` begins a word of a name or address, or `q` is a telephone number. Empty fields are left out.

    `as_words`: also a text that looks like a telephone number is words.
    """

    q: str = ""
    status: str = ""
    group: str = ""
    as_words: bool = False

    @property
    def prefixes(self) -> list[str]:
        return word_prefixes(self.q) if self.as_words else search_prefixes(self.q)

    def matches(self, customer: Customer) -> bool:
        text = search_text(customer)
        return (
            all(prefix in text for prefix in self.prefixes)
            and self.status in ("", customer.status)
            and (not self.group or self.group in customer.groups)
        )


class WordRow(NamedTuple):
    """The row of a word: its key, the customer that it leads to, and whether it is the first of that customer's rows that fit."""

    key: Item
    customer: str


def word_writes(customer: Customer | None, *, was: Customer | None = None) -> list[dict[str, Any]]:
    """Return the writes that replace the rows of a customer's words. They belong into the transaction that writes the customer."""
    before, after = _rows(was) if was else {}, _rows(customer) if customer else {}
    gone = [dynamodb.delete_write(config().records_table, key, ALWAYS) for key in before if key not in after]
    written = [
        dynamodb.put_write(config().records_table, {**key.stored(), **row}, ALWAYS) for key, row in after.items() if before.get(key) != row
    ]
    return [*gone, *written]


def _rows(customer: Customer) -> dict[keys.Key, Item]:
    text, name = search_text(customer), without_accents(customer.name)[:MOST_OF_A_WORD]
    row = item({"customer": customer.id, "sought": text})
    return {keys.customer_word(customer.org, word[:MOST_OF_A_WORD], name, customer.id): row for word in index_words(text)}


def by_word(
    org: str, wanted: CustomerFilter, *, limit: int, start: Item | None, most_pages: int | None = None, by_list: bool = False
) -> tuple[list[Customer], Item | None]:
    """Return a page of the customers whom the words of a filter find, by that word and by name.

    A telephone number that nobody has is looked for among the words: an address may begin with digits. Every page but the last is full,
    and one that had to read `most_pages` of the index. `by_list`: all customers have rows by status and by group.
    """
    wanted = wanted._replace(as_words=start is not None and not _word_of(start).startswith(END))
    listed = _few_listed(org, wanted) if by_list and (wanted.status or wanted.group) else None
    if listed is not None and not listed:
        return [], None
    found, next_start = _read_by_word(org, wanted, listed, limit=limit, start=start, most_pages=most_pages)
    if found or next_start or start or not is_telephone(wanted.q):
        return found, next_start
    return _read_by_word(org, wanted._replace(as_words=True), listed, limit=limit, start=None, most_pages=most_pages)


def _few_listed(org: str, wanted: CustomerFilter) -> set[str] | None:
    """Return the ids of all who may have the status and group of a filter; None of more than `MOST_KNOWN`."""
    sort_keys = lists.sort_keys(org, status=wanted.status, group=wanted.group, after="", at_once=MOST_KNOWN + 1)
    known = set(map(lists.customer_of, islice(sort_keys, MOST_KNOWN + 1)))
    return known if len(known) <= MOST_KNOWN else None


def _read_by_word(
    org: str, wanted: CustomerFilter, listed: set[str] | None, *, limit: int, start: Item | None, most_pages: int | None
) -> tuple[list[Customer], Item | None]:
    """Return a page of customers, of none but `listed` if they are given."""
    prefixes = wanted.prefixes
    exact = not (wanted.status or wanted.group)
    found: list[Customer] = []
    for read in count(1):
        rows, start = _query(org, prefixes, limit=FIRST_PAGE * limit if exact and read == 1 else LONGEST_PAGE, start=start)
        rows = [row for row in rows if listed is None or row.customer in listed]
        for some in _parts(rows, limit - len(found) if exact else MOST_AT_ONCE):
            known = find(org, (row.customer for row in some))
            for row in some:
                if row.customer in known and wanted.matches(known[row.customer]):
                    found.append(known[row.customer])
                if len(found) == limit:
                    return found, row.key if start or row is not rows[-1] else None
        if not start or read == most_pages:
            return found, start
    raise AssertionError  # for the type checker: `count` has no end


def _query(org: str, prefixes: list[str], *, limit: int, start: Item | None) -> tuple[list[WordRow], Item | None]:
    """Return the rows of the most selective word whose text has all words. A customer whom several words find comes once."""
    prefix = index_prefix(prefixes)
    bare = prefix.removesuffix(SEPARATOR)[:MOST_OF_A_WORD]
    begins = f"{bare}#" if prefix.endswith(SEPARATOR) and len(bare) < MOST_OF_A_WORD else bare
    values = {f":q{index}": stored(text) for index, text in enumerate(prefixes)}
    items, next_start = dynamodb.query_page(
        TableName=config().records_table,
        KeyConditionExpression="pk = :words AND begins_with(sk, :word)",
        FilterExpression=" AND ".join(f"contains(sought, {name})" for name in values),
        ExpressionAttributeValues={":words": stored(keys.customer_words(org, bare)), ":word": stored(begins), **values},
        Limit=limit,
        start=start,
    )
    return [_row(row) for row in items if _is_first(row, begins)], next_start


def _word_of(key: Item) -> str:
    return str(key["sk"]["S"])


def _row(row: Item) -> WordRow:
    return WordRow({name: row[name] for name in ("pk", "sk")}, row["customer"]["S"])


def _is_first(row: Item, begins: str) -> bool:
    """Whether no earlier row of the same customer begins so."""
    key = _word_of(row)
    keyed = (f"{word[:MOST_OF_A_WORD]}#" for word in index_words(row["sought"]["S"]))
    return key.startswith(min(word for word in keyed if word.startswith(begins)))


def _parts(rows: list[WordRow], size: int) -> Iterator[list[WordRow]]:
    return (rows[first : first + size] for first in range(0, len(rows), max(size, 1)))
