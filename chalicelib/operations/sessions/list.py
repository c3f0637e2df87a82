"""Lists of sessions, by their next meeting."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple

from chalicelib.operations.sessions.queries import SessionView
from chalicelib.rules import times
from chalicelib.rules.meetings import ListedMeeting, listed
from chalicelib.rules.session_filter import SessionBrief, SessionFilter
from chalicelib.rules.sessions import Session
from chalicelib.tables import listed_meetings, meetings, sessions
from chalicelib.tables.items import Item

COMING_STATES = {"upcoming", "open", "full", "closed"}
AT_ONCE = 100
MOST_READ = 1000
"""The number of sessions that one page reads at most, however few of them match."""
SessionTest = Callable[[SessionView], bool]


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
    wanted: SessionFilter | None = None,
    suits: SessionTest | None = None,
    now: datetime,
    limit: int,
    start: Item | None = None,
) -> SessionPage:
    """Return a page of sessions by their next meeting: all, those in `state`, or if `coming` those that are not over.

    Sessions that are over stand at their last meeting; with the state `past` they come latest first. The order is the same whatever the
    limit. `suits` narrows the list further. Every page is full but the last, and one that had to read more than a thousand sessions.
    """
    wanted = wanted or SessionFilter()
    position = ListPosition.of(start, now)
    coming = coming or state in COMING_STATES
    found = _past(org, position) if state == "past" else _by_next_meeting(org, position, wanted, ended=not coming, first=limit + 1)
    is_filtered = bool(state or wanted or suits)

    def is_shown(view: SessionView) -> bool:
        return (not state or view.state == state) and (suits is None or suits(view))

    def matches(session: Session) -> bool:
        return wanted.matches(session, now)

    return _page(found, matches, is_shown, position, now=now, limit=limit, is_filtered=is_filtered)


ListedRows = Iterator[tuple[ListedMeeting, SessionBrief | None]]
"""The meetings at which sessions are listed, with what a filter compares where the rows have it."""
Found = Iterator[tuple[str, Session | None]]
"""Sessions, each with its position in the list; None for one that was not read, because it cannot match."""


def read_several(org: str, ids: Iterable[str]) -> dict[str, Session]:
    """Return the existing ones of these sessions, by id."""
    return sessions.several(org, ids)


def _page(
    found: Found,
    matches: Callable[[Session], bool],
    is_shown: SessionTest,
    position: ListPosition,
    *,
    now: datetime,
    limit: int,
    is_filtered: bool,
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
        shown += [(at, view) for at, view in _views(_read(some, matches), now) if is_shown(view)]
    if len(shown) > limit:
        return SessionPage([view for _, view in shown[:limit]], ListPosition(shown[limit - 1][0], position.at).item())
    more = read >= MOST_READ and next(found, None)
    return SessionPage([view for _, view in shown], ListPosition(last, position.at).item() if more else None)


def _read(some: Iterable[tuple[str, Session | None]], matches: Callable[[Session], bool]) -> Iterator[tuple[str, Session]]:
    return ((at, session) for at, session in some if session and matches(session))


def _views(some: Iterable[tuple[str, Session]], now: datetime) -> Iterator[tuple[str, SessionView]]:
    listed = list(some)
    chunks = sessions.ledgers([session for _, session in listed]) if listed else {}
    return ((at, SessionView.at(session, chunks[session.id], now)) for at, session in listed if chunks[session.id])


def _past(org: str, position: ListPosition) -> Found:
    return ((sessions.sort_key(session), session) for session in sessions.ended(org, now=position.at, after=position.after))


def find_sessions(org: str, q: str, *, now: datetime, limit: int) -> list[Session]:
    """Return the first sessions that a text finds: those to come by their next meeting, then those that are over, the latest first.

    It looks at up to a thousand of either.
    """
    wanted, position = SessionFilter(q=q), ListPosition.of(None, now)
    coming = (session for _, session in islice(_by_next_meeting(org, position, wanted, ended=False, first=limit), MOST_READ))
    looked_at = chain(coming, _past_found(org, wanted, now, at_once=limit))
    return list(islice((session for session in looked_at if session and wanted.matches(session, now)), limit))


def _past_found(org: str, wanted: SessionFilter, now: datetime, *, at_once: int) -> Iterator[Session]:
    """Yield those of the latest sessions that are over, and may match, the latest first."""
    ended = islice(sessions.ended_in_brief(org, now=now), MOST_READ)
    ids = (id for id, known in ended if wanted.may_match(known))
    while some := list(islice(ids, at_once)):
        known = sessions.several(org, some)
        yield from (known[id] for id in some if id in known)


def _by_next_meeting(org: str, position: ListPosition, wanted: SessionFilter, *, ended: bool, first: int) -> Found:
    """Yield sessions at their next meeting, the `first` ones read together. A row that disagrees was left by an interrupted edit."""
    size = min(first, AT_ONCE)
    rows = _rows(org, position, wanted, ended=ended, at_once=meetings.AT_ONCE if wanted else 2 * size)
    while some := list(islice(rows, size)):
        size = AT_ONCE
        known = sessions.several(org, (row.session for row, brief in some if brief is None or wanted.may_match_at(row, brief)))
        for row, _ in some:
            session = known.get(row.session)
            if session is None or row in listed(session):
                yield meetings.sort_key(row), session


def _rows(org: str, position: ListPosition, wanted: SessionFilter, *, ended: bool, at_once: int) -> ListedRows:
    if not meetings.is_complete(org):
        return _unwritten(org, position, ended=ended)
    return listed_meetings.shown(org, now=position.at, ended=ended, after=position.after, facts=wanted.facts, at_once=at_once)


def _unwritten(org: str, position: ListPosition, *, ended: bool) -> ListedRows:
    """Yield the rows of an organisation that an earlier version has written, from its sessions."""
    rows = (row for session in sessions.every(org) for row in listed(session) if row.is_shown(position.at))
    kept = [row for row in rows if (ended or row.ends_at > position.at) and meetings.sort_key(row) > position.after]
    return ((row, None) for row in sorted(kept, key=meetings.sort_key))
