"""The search over everything of an organisation: customers and their children, sessions, invitation codes, invoices."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import customers, invoices
from chalicelib.operations.invoices import InvoiceView
from chalicelib.operations.sessions import find_sessions
from chalicelib.rules.codes import Code, compared, well_formed
from chalicelib.rules.customers import Customer
from chalicelib.rules.invoices import NUMBER
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes

FEWEST_CHARACTERS = 2
SHOWN = 8
MOST_CUSTOMER_PAGES = 4
"""Pages of up to 2,000 customers that one search reads."""


class SearchResult(NamedTuple):
    """What a search found, the most likely first."""

    customers: list[Customer]
    more_customers: bool
    sessions: list[Session]
    more_sessions: bool
    code: Code | None
    invoice: InvoiceView | None

    def __bool__(self) -> bool:
        return bool(self.customers or self.sessions or self.code or self.invoice)


NOTHING = SearchResult([], False, [], False, None, None)


def search(org: str, q: str, *, now: datetime) -> SearchResult:
    """Return what a text finds: customers by name, child, address or telephone; sessions; a code; an invoice.

    At most about twenty requests, whatever the size of the organisation: four pages of customers, eight of sessions, one code, and five
    for an invoice with its registration and session; more where many sessions with more than forty meetings match no word.
    """
    words = q.strip()
    if len(words) < FEWEST_CHARACTERS:
        return NOTHING
    known = customers.find_customers(org, words, limit=SHOWN, most_pages=MOST_CUSTOMER_PAGES)
    found = find_sessions(org, words, now=now, limit=SHOWN + 1)
    return SearchResult(known.items, bool(known.next), found[:SHOWN], len(found) > SHOWN, _code(org, words), _invoice(org, words))


def _code(org: str, words: str) -> Code | None:
    typed = compared(words)
    try:
        return codes.get(org, typed) if well_formed(typed) else None
    except NotFound:
        return None


def _invoice(org: str, words: str) -> InvoiceView | None:
    if not NUMBER.fullmatch(words):
        return None
    try:
        return invoices.read_by_number(org, words.upper())
    except NotFound:
        return None
