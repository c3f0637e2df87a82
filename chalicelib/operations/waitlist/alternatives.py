"""The alternatives of waitlist entries: the other sessions to offer on a form, and the places that a party has in other lines."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.operations import links
from chalicelib.operations.sessions import SessionView, list_sessions
from chalicelib.operations.waitlist.queries import OwnPlace, find_entry, read_place
from chalicelib.rules.alternatives import MOST_SESSIONS
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import WaitlistEntry, queue_of
from chalicelib.tables import organisations, sessions, waitlist


def choices(session: Session, *, now: datetime) -> list[SessionView]:
    """Return the sessions to wait for beside this one, by their next meeting: of its series or with a tag in common, full, and with an
    open waitlist. At most nine.
    """
    settings = organisations.get(session.org).waitlist

    def suits(view: SessionView) -> bool:
        full = view.session.spots_total > 0 and view.public(settings, now).state == "full"
        return full and now < queue_of(view.session, settings).until

    if not (session.series or session.tags):
        return []
    related = SessionFilter(related_to=session)
    return list_sessions(session.org, coming=True, wanted=related, suits=suits, now=now, limit=MOST_SESSIONS - 1).items


def read_alternatives(entry: WaitlistEntry, token: str) -> list[OwnPlace]:
    """Return the party's places in other lines, in any status, in the order in which it named them.

    The link in the e-mail shows those on the list alone; the one that joining answers with shows unlisted ones too, since its holder may
    not learn which they are.
    """
    mailed = links.is_mailed_place(entry, token)
    found = []
    for session in entry.others:
        try:
            one = waitlist.get(entry.org, session, entry.id) if mailed else find_entry(entry.org, session, entry.id)
        except NotFound:
            continue
        found.append(read_place(one.org, one.session, one.id))
    return found


def waits_elsewhere(org: str, entries: Iterable[WaitlistEntry]) -> dict[str, list[Session]]:
    """Return the other sessions that each of these entries still waits for, by its id."""
    named = {entry.id: [one.session for one in waitlist.list_alternatives(entry) if one.is_live] for entry in entries if entry.others}
    found = sessions.several(org, {session for some in named.values() for session in some})
    return {id: [found[session] for session in some if session in found] for id, some in named.items()}
