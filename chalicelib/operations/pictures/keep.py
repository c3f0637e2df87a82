"""Stores pictures, names them on their session or organisation, and deletes those that are not named any more.

Each session has its own copy. It is stored before it is named, and once more after that: what deletes the same picture at that moment
either sees that it is named, or was faster than the second time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.operations.pictures.shrink import SmallPicture, shrunk
from chalicelib.operations.sessions import SessionView, following_sessions, read_session, write_edit
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.pictures import LOGO, NoPicture, Picture, size_of
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import organisations, pictures, sessions

TRIES = 5


def change_session_picture(
    org: str, session_id: str, content: bytes | None, *, alt: str, following: bool = False, now: datetime
) -> SessionView:
    """Give a session a picture, change the text of the one that it has (no content), or take it away (empty content).

    `following`: also the sessions of its series that follow it. Safe to repeat. Raises NotFound, NotAPicture, NoPicture,
    SessionCancelled, ChangedMeanwhile, Busy.
    """
    small, session = shrunk(content) if content else None, sessions.get(org, session_id)
    others = following_sessions(session, now=now) if following else []
    for one in (*others, session):
        _store(org, one.id, small)
        write_edit(org, one.id, lambda read: _with_picture(read, _changed(read.picture, content, small, alt)), SessionChanges(), now=now)
        _store(org, one.id, small)
    return read_session(org, session_id, now=now)


def change_logo(org: str, content: bytes | None, *, alt: str) -> Organisation:
    """Give the organisation a logo, change its text, or take it away, as for a session. The logo before it is deleted.

    Raises NotFound, NotAPicture, NoPicture, Busy.
    """
    small = shrunk(content) if content else None
    for _ in range(TRIES):
        current = organisations.get(org)
        logo = _changed(current.logo, content, small, alt)
        _store(org, LOGO, small)
        try:
            saved = current if logo == current.logo else organisations.save(replace(current, logo=logo))
        except ChangedMeanwhile:
            continue
        _store(org, LOGO, small)
        if current.logo:
            delete_logo_if_left(org, current.logo.name)
        return saved
    raise Busy


def delete_picture_if_left(org: str, session_id: str, name: str) -> None:
    """Delete a picture that the session does not name any more. One that it names again meanwhile is put back. Idempotent."""

    def is_named() -> bool:
        try:
            picture = sessions.get(org, session_id).picture
        except NotFound:
            return False
        return picture is not None and picture.name == name

    _delete_unless(is_named, org, session_id, name)


def delete_logo_if_left(org: str, name: str) -> None:
    """The same for a logo."""

    def is_named() -> bool:
        logo = organisations.get(org).logo
        return logo is not None and logo.name == name

    _delete_unless(is_named, org, LOGO, name)


def read_picture(org: str, owner: str, name: str) -> bytes:
    """Return the content of a picture. `owner` is the id of a session, or `logo`. Raises NotFound."""
    _check_name(name)
    return pictures.get(org, owner, name)


def redirect_of(org: str, owner: str, name: str) -> str:
    """Return a link into the bucket that shows a picture for ten minutes. Raises NotFound for a text that names none."""
    _check_name(name)
    return pictures.link(org, owner, name)


def _store(org: str, owner: str, small: SmallPicture | None) -> None:
    if small:
        pictures.put(org, owner, small.name, small.content)


def _changed(there: Picture | None, content: bytes | None, small: SmallPicture | None, alt: str) -> Picture | None:
    """Return the new picture, none for an empty file, or without a file the one that is there with another text. Raises NoPicture."""
    if small:
        return Picture(small.name, alt)
    if content is not None:
        return None
    if there is None:
        raise NoPicture
    return replace(there, alt=alt)


def _with_picture(session: Session, picture: Picture | None) -> Session:
    """Return the session with this picture; the same object if it has it already, which is then not written."""
    return session if picture == session.picture else replace(session, picture=picture)


def _delete_unless(is_named: Callable[[], bool], org: str, owner: str, name: str) -> None:
    if is_named():
        return
    try:
        content = pictures.get(org, owner, name)
    except NotFound:
        return
    pictures.delete(org, owner, name)
    if is_named():
        pictures.put(org, owner, name, content)


def _check_name(name: str) -> None:
    try:
        size_of(name)
    except ValueError:
        raise NotFound from None
