"""What the public sees of an organisation, and does there without an account."""

from datetime import datetime

from chalicelib.operations import codes, discounts, registrations
from chalicelib.operations.registrations import Quote, Registered
from chalicelib.operations.sessions import SessionPage, SessionView, list_sessions, read_session
from chalicelib.rules.contracts import tagged
from chalicelib.rules.drafts.registrations import QuoteDraft, RegistrationDraft
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import organisations
from chalicelib.tables.items import Item

PAGE = 100
SHOWN = {"open", "full", "upcoming"}


def list_open_sessions(org: str, *, now: datetime, limit: int, start: Item | None = None) -> SessionPage:
    """Return a page of the sessions that may be registered for, now or soon, soonest first. Raises NotFound."""
    settings = organisations.get(org).waitlist
    page = list_sessions(org, state="", now=now, limit=limit, start=start, coming=True)
    return SessionPage([view.public(settings, now) for view in page.items if view.state in SHOWN], page.next)


def list_tagged_sessions(org: str, tag: str, *, now: datetime, most: int) -> list[SessionView]:
    """Return the first of the sessions that may be registered for and carry the tag, soonest first. Raises NotFound."""
    found: list[SessionView] = []
    start = None
    while True:
        page = list_open_sessions(org, now=now, limit=PAGE, start=start)
        found += [view for view in page.items if tagged(view.session, tag)]
        start = page.next
        if not start or len(found) >= most:
            return found[:most]


def read_open_session(org: str, session_id: str, *, now: datetime) -> SessionView:
    """Return a session for the public; one that is over or cancelled looks like one that never was."""
    view = read_session(org, session_id, now=now)
    if view.state in {"past", "cancelled"}:
        raise NotFound
    return view.public(organisations.get(org).waitlist, now) if view.waiting else view


def register(org: str, session_id: str, draft: RegistrationDraft, *, locale: str, key: str, source: str, now: datetime) -> Registered:
    """Take spots at one of the session's prices, or at the price of an invitation code.

    `source` is the client's network address, against which wrong codes count.
    """
    if draft.invitation_code:
        return Registered(*codes.book(org, session_id, draft, locale=locale, key=key, source=source, now=now))
    if draft.discount_code:
        discounts.check_guess(org, session_id, draft.discount_code, source=source, now=now)
    return registrations.register(org, session_id, draft, locale=locale, key=key, now=now)


def quote(org: str, session_id: str, draft: QuoteDraft, *, source: str, now: datetime) -> Quote:
    """Return what a party would pay, line by line, at one of the session's prices or at that of an invitation code."""
    if draft.invitation_code:
        price = codes.price_at(org, session_id, draft, source=source, now=now)
        return registrations.quoted(price.label, price.money, draft.party_size)
    if draft.discount_code:
        discounts.check_guess(org, session_id, draft.discount_code, source=source, now=now)
    return registrations.quote(org, session_id, draft, now=now)
