"""The search over everything of an organisation: customers and their children, sessions, invitation codes, invoices."""

from datetime import datetime
from itertools import islice
from typing import NamedTuple

from chalicelib.operations import customers, invoices
from chalicelib.operations.invoices import InvoiceView
from chalicelib.rules.codes import Code, compared, well_formed
from chalicelib.rules.customers import Customer
from chalicelib.rules.invoices import NUMBER
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Session
from chalicelib.tables import codes, sessions

FEWEST_CHARACTERS = 2
SHOWN = 8
MOST_CUSTOMER_PAGES = 4
"""Pages of up to 2,000 customers that one search reads."""
MOST_SESSIONS = 2000
"""Sessions that one search reads, the latest first; about four requests."""


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

    At most about fourteen requests, whatever the size of the organisation: four pages of customers, four of sessions, one code, and
    five for an invoice with its registration and session.
    """
    sought = q.strip()
    if len(sought) < FEWEST_CHARACTERS:
        return NOTHING
    known = customers.find_customers(org, sought, limit=SHOWN, most_pages=MOST_CUSTOMER_PAGES)
    found = _sessions(org, sought, now)
    return SearchResult(known.items, bool(known.next), found[:SHOWN], len(found) > SHOWN, _code(org, sought), _invoice(org, sought))


def _sessions(org: str, sought: str, now: datetime) -> list[Session]:
    """Return the sessions that match: those to come by their next meeting, then past ones, the latest first."""
    wanted = SessionFilter(q=sought)
    matching = [session for session in islice(sessions.latest(org), MOST_SESSIONS) if wanted.matches(session, now)]
    coming = [session for session in matching if session.ends_at > now]
    past = [session for session in matching if session.ends_at <= now]
    return [*sorted(coming, key=lambda session: _next_start(session, now)), *past]


def _next_start(session: Session, now: datetime) -> datetime:
    return next(meeting.starts_at for meeting in session.meetings if meeting.ends_at > now)


def _code(org: str, sought: str) -> Code | None:
    typed = compared(sought)
    try:
        return codes.get(org, typed) if well_formed(typed) else None
    except NotFound:
        return None


def _invoice(org: str, sought: str) -> InvoiceView | None:
    if not NUMBER.fullmatch(sought):
        return None
    try:
        return invoices.read_by_number(org, sought.upper())
    except NotFound:
        return None
