"""A full session with a waitlist. Tests import the fixtures `session` and `join`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.operations import links, organisations, registrations, sessions, waitlist
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import organisations as stored
from chalicelib.tables import waitlist as entries
from chalicelib.tables.ledger import full_cache
from tests.pages.browser import Browser, Page

Join = Callable[..., WaitlistEntry]


@pytest.fixture
def session(make_session: Callable[..., Session], today: datetime) -> Session:
    """A full session of three spots."""
    full = make_session(spots_total=3)
    registered(full, 3, now=today)
    return full


@pytest.fixture
def join(session: Session, today: datetime) -> Join:
    """Return `join("ana", spots=2)`, which adds an entry to the waitlist."""

    def joined(name: str, spots: int = 1) -> WaitlistEntry:
        draft = JoinInput(email=f"{name}@example.org", name=name.title(), spots=spots)
        now = datetime.now(today.tzinfo)
        return waitlist.join("demo", session.id, draft, locale="en", key=name, now=now).entry

    return joined


def registered(session: Session, spots: int, *, now: datetime) -> None:
    draft = RegistrationInput(email="ben@example.org", name="Ben", participants=[ParticipantInput(name="Kim")], party_size=spots)
    full_cache.reopen("demo", session.id)
    registrations.register("demo", session.id, draft, locale="en", key=session.id, now=now)


def grown(session: Session, spots: int, *, now: datetime) -> None:
    """Set the number of spots of the session."""
    sessions.edit_session("demo", session.id, SessionChanges(spots_total=spots), expected=None, now=now)


def public(session: Session) -> str:
    return f"/p/demo/sessions/{session.id}"


def tab(session: Session) -> str:
    return f"/o/demo/sessions/{session.id}/waitlist"


def own(entry: WaitlistEntry, what: str = "") -> str:
    return f"/o/demo/waitlist/{entry.session}-{entry.id}{what}"


def place(entry: WaitlistEntry) -> str:
    return f"/waitlist/{links.waitlist_token(entry)}"


def status(entry: WaitlistEntry) -> str:
    return entries.get("demo", entry.session, entry.id).status


def press(browser: Browser, page: Page, path: str, **also: str) -> Page:
    """Press a button of a row: it submits the form that all rows share, to its own action."""
    assert f'formaction="{path}"' in page.html
    return browser.post(path, {**page.form_named("act").fields, **also})


def line(session: Session, today: datetime) -> list[str]:
    return [found.entry.name for found in waitlist.read_waitlist("demo", session.id, now=today).places]


def set_waitlist(**said: object) -> None:
    was = organisations.read("demo")
    stored.save(replace(was, waitlist=replace(was.waitlist, **said)))  # type: ignore[arg-type]


@pytest.fixture
def pair(make_session: Callable[..., Session], today: datetime) -> tuple[Session, Session]:
    """Two full sessions with a tag in common, of one spot each."""
    found = []
    for title in ("Tuesday pots", "Thursday pots"):
        full = make_session(title=title, spots_total=1, tags=["pots"])
        registered(full, 1, now=today)
        found.append(full)
    return found[0], found[1]
