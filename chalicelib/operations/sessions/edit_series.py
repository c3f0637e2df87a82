"""Edits a session together with those of its series that follow it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.operations.sessions.edit import CHOICES, check_use, edited_session, people_reachable, write_edit
from chalicelib.operations.sessions.queries import SessionView
from chalicelib.operations.sessions.repeat import series_sessions
from chalicelib.rules import transitions
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.series import followed, follows
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.rules.sessions import Session, check_minimum
from chalicelib.tables import sessions


class EditedSeries(NamedTuple):
    """The sessions that an edit changed, the one that was edited first, and how many people are told."""

    items: list[SessionView]
    people: int


def edit_following(org: str, session_id: str, changes: SessionChanges, *, expected: int | None, now: datetime) -> EditedSeries:
    """Edit a session and those of its series that follow it and lie ahead.

    The session itself is written last, and each of the others keeps which change it followed: a repeated request goes on where the
    first attempt stopped, and moves nothing twice. Raises what `edit_session` does, DateTooLate.
    """
    session = _read(org, session_id, expected)
    edited, others = edited_session(session, changes), following_sessions(session, now=now)
    named = changes.model_fields_set - CHOICES
    _check_all(session, edited, others, changes, now)
    for one in others:
        check_minimum(followed(one, session, edited, named, now), one, now)
    change = derived("change", org, session.id, str(session.version), repr(sorted(vars(changes).items())))

    def changed(other: Session) -> Session:
        return other if other.followed == change else replace(followed(other, session, edited, named, now), followed=change)

    people: set[str] = set()
    for other in others:
        people |= write_edit(org, other.id, changed, changes, now=now)
    people |= write_edit(org, session.id, partial(edited_session, changes=changes), changes, now=now)
    views = [SessionView.at(*sessions.get_with_ledger(org, one.id), now) for one in (session, *others)]
    return EditedSeries(views, len(people))


def only_changed(session: Session, changes: SessionChanges) -> SessionChanges:
    """Return, of changes that name all fields, those that change this session and are meant for the following ones too."""
    edited = edited_session(session, changes)
    changed = {name for name in changes.model_fields_set - CHOICES if getattr(edited, name) != getattr(session, name)}
    kept = changed | (changes.model_fields_set & CHOICES) | {"scope"}
    values = {**{name: getattr(changes, name) for name in kept}, "scope": "following"}
    return SessionChanges.model_construct(_fields_set=kept, **values)


def following_sessions(session: Session, *, now: datetime) -> list[Session]:
    """Return the sessions of the series that a change of "this and the following" reaches beside this one, by start."""
    return [one for one in series_sessions(session) if follows(one, session, now)]


def count_following_recipients(org: str, session_id: str, changes: SessionChanges, *, now: datetime) -> int:
    """Return how many people would get an e-mail about these changes of a session and the following. Raises what the edit would."""
    session = _read(org, session_id, None)
    edited, named = edited_session(session, changes), changes.model_fields_set - CHOICES
    pairs = [(session, edited), *((one, followed(one, session, edited, named, now)) for one in following_sessions(session, now=now))]
    return len(set[str]().union(*(people_reachable(after, now) for before, after in pairs if transitions.moved(before, after, now))))


def _read(org: str, session_id: str, expected: int | None) -> Session:
    session = sessions.get(org, session_id)
    if expected is not None and session.version != expected:
        raise ChangedMeanwhile
    if session.cancelled_at:
        raise SessionCancelled
    return session


def _check_all(session: Session, edited: Session, others: Sequence[Session], changes: SessionChanges, now: datetime) -> None:
    """Refuse fewer spots than are used on any of the sessions, and a minimum that does not fit, before one is changed."""
    check_minimum(edited, session, now)
    if edited.spots_total < max(one.spots_total for one in (session, *others)):
        chunks = sessions.ledgers([session, *others])
        for one in (session, *others):
            check_use(replace(one, spots_total=edited.spots_total), chunks[one.id], changes, now)
