"""The choice of sessions in a form: those chosen already, and a searched page of the others. It works without JavaScript.

Its buttons send the whole form, which comes back unsaved with other sessions to choose from.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from chalicelib.operations import sessions
from chalicelib.pages.visit import Visit
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.sessions import Session
from chalicelib.tables.items import Item
from chalicelib.web import cursors
from chalicelib.web.refusals import BadCursor

SEARCH, WORDS = "look", "sought"
"""The name of the buttons, and of the field with the words to find."""
OFFERED = 50


class SessionChoice(NamedTuple):
    chosen: list[Session]
    """Those chosen already, in the order in which they were given."""
    gone: list[str]
    """The ids of chosen sessions that were deleted."""
    others: list[Session]
    """Coming sessions that are not chosen, by their next meeting: those found, or all."""
    words: str
    next_start: str
    """The value of the button for more sessions, empty after the last."""


def is_search(visit: Visit) -> bool:
    """Whether a button of the choice sent the form, which saves nothing."""
    return SEARCH in visit.typed


def session_choice(visit: Visit, chosen: Iterable[str]) -> SessionChoice:
    """Return what the form offers, beside the sessions with these ids."""
    ids, words = list(dict.fromkeys(chosen)), visit.typed.get(WORDS, "").strip()
    of = "\n".join((SEARCH, visit.path, words))
    found = sessions.list_sessions(
        visit.org, now=visit.call.now, limit=OFFERED, coming=True, wanted=SessionFilter(q=words), start=_start(visit, of)
    )
    known = sessions.read_several(visit.org, ids)
    return SessionChoice(
        chosen=[known[id] for id in ids if id in known],
        gone=[id for id in ids if id not in known],
        others=[view.session for view in found.items if view.session.id not in known],
        words=words,
        next_start=cursors.cursor_of(found.next, of=of) or "",
    )


def _start(visit: Visit, of: str) -> Item | None:
    """Return where the page starts. Other words than those of the page before begin a new list."""
    with suppress(BadCursor):
        return cursors.start_key_of(visit.typed.get(SEARCH) or None, of=of)
    return None
