"""Lists of sessions, by their next meeting."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules import times
from chalicelib.rules.meetings import ListedMeeting, listed
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Session
from chalicelib.tables import meetings, sessions
from chalicelib.tables.items import Item

COMING_STATES = {"upcoming", "open", "full", "closed"}
AT_ONCE = 100
MOST_READ = 1000
"""The number of sessions that one page reads at most, however few of them match."""
Suits = Callable[[SessionView], bool]


class SessionPage(NamedTuple):
    items: list[SessionView]
    next: Item | None


class ListPosition(NamedTuple):
    """Where a list goes on, and the moment that its order is about: the whole list keeps the moment of its first page."""

    after: str
    at: datetime

    @classmethod
    def of(cls, start: Item | None, now: datetime) -> "ListPosition":
        return cls(start["after"]["S"], times.read(start["at"]["S"])) if start else cls("", now)

    def item(self) -> Item:
        return {"after": {"S": self.after}, "at": {"S": times.written(self.at)}}


def list_sessions(
    org: str,
    *,
    state: str = "",
    coming: bool = False,
    sought: SessionFilter | None = None,
    suits: Suits | None = None,
    now: datetime,
    limit: int,
    start: Item | None = None,
) -> SessionPage:
    """Return a page of sessions by their next meeting: all, those in `state`, or if `coming` those that are not over.

    Sessions that are over stand at their last meeting; with the state `past` they come latest first. The order is the same whatever the
    limit. `suits` narrows the list further. Every page is full but the last, and one that had to read more than a thousand sessions.
    """
    wanted = sought or SessionFilter()
    place = ListPosition.of(start, now)
    coming = coming or state in COMING_STATES
    found = _past(org, place) if state == "past" else _by_next_meeting(org, place, ended=not coming, first=limit + 1)
    is_filtered = bool(state or wanted or suits)

    def is_shown(view: SessionView) -> bool:
        return (not state or view.state == state) and (suits is None or suits(view))

    def matches(session: Session) -> bool:
        return wanted.matches(session, now)

    return _page(found, matches, is_shown, place, now=now, limit=limit, is_filtered=is_filtered)


Found = Iterator[tuple[str, Session]]
"""Sessions, each with its place in the list."""


def read_several(org: str, ids: Iterable[str]) -> dict[str, Session]:
    """Return the existing ones of these sessions, by id."""
    return sessions.several(org, ids)


def _page(
    found: Found, matches: Callable[[Session], bool], is_shown: Suits, place: ListPosition, *, now: datetime, limit: int, is_filtered: bool
) -> SessionPage:
    """Return the page. Ledgers are read only of sessions that match."""
    shown: list[tuple[str, SessionView]] = []
    read, last = 0, ""
    while (
        len(shown) <= limit
        and read < MOST_READ
        and (some := list(islice(found, AT_ONCE if is_filtered and read else max(1, limit + 1 - len(shown)))))
    ):
        read, last = read + len(some), some[-1][0]
        shown += [(at, view) for at, view in _views((one for one in some if matches(one[1])), now) if is_shown(view)]
    if len(shown) > limit:
        return SessionPage([view for _, view in shown[:limit]], ListPosition(shown[limit - 1][0], place.at).item())
    more = read >= MOST_READ and next(found, None)
    return SessionPage([view for _, view in shown], ListPosition(last, place.at).item() if more else None)


def _views(some: Iterable[tuple[str, Session]], now: datetime) -> Iterator[tuple[str, SessionView]]:
    listed = list(some)
    chunks = sessions.ledgers([session for _, session in listed]) if listed else {}
    return ((at, SessionView.at(session, chunks[session.id], now)) for at, session in listed if chunks[session.id])


def _past(org: str, place: ListPosition) -> Found:
    return ((sessions.place(session), session) for session in sessions.ended(org, now=place.at, after=place.after))


def _by_next_meeting(org: str, place: ListPosition, *, ended: bool, first: int) -> Found:
    """Yield sessions at their next meeting, the `first` ones read together. A row that disagrees was left by an interrupted edit."""
    complete = meetings.is_complete(org)
    rows = meetings.shown(org, now=place.at, ended=ended, after=place.after) if complete else _unwritten(org, place, ended=ended)
    size = min(first, AT_ONCE)
    while some := list(islice(rows, size)):
        size = AT_ONCE
        known = sessions.several(org, (row.session for row in some))
        for row in some:
            session = known.get(row.session)
            if session and row in listed(session):
                yield meetings.place(row), session


def _unwritten(org: str, place: ListPosition, *, ended: bool) -> Iterator[ListedMeeting]:
    """Yield the rows of an organisation that an earlier version has written, from its sessions."""
    rows = (row for session in sessions.every(org) for row in listed(session) if row.is_shown(place.at))
    kept = [row for row in rows if (ended or row.ends_at > place.at) and meetings.place(row) > place.after]
    return iter(sorted(kept, key=meetings.place))
