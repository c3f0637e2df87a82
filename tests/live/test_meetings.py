"""Meetings and their session under concurrent edits and crashes, with more rows than a transaction holds."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from chalicelib.operations import organisations
from chalicelib.operations.sessions import list_sessions
from chalicelib.rules.meetings import ListedMeeting, agenda_rows, listed
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import dynamodb, meetings, sessions
from tests.samples import SESSION

pytestmark = pytest.mark.live
NOW = datetime.now(UTC).replace(microsecond=0)
SIZES = (3, 60, 120, 150)


class CrashError(Exception):
    pass


def dates(chance: random.Random, size: int = 0) -> tuple[Meeting, ...]:
    """Return meetings on some of 200 days, so that edits take away and bring back the same ones."""
    days = sorted(chance.sample(range(1, 200), size or chance.choice(SIZES)))
    return tuple(Meeting(f"m{day}", NOW + timedelta(days=day), NOW + timedelta(days=day, hours=1)) for day in days)


def edit(seed: int) -> None:
    """Move the session six times; a process that crashes is followed by the next."""
    chance = random.Random(seed)
    for _ in range(6):
        was = sessions.get("demo", "s1")
        try:
            sessions.save(replace(was, meetings=dates(chance)), [], 0, was=was)
        except (ChangedMeanwhile, CrashError):
            continue


@pytest.fixture
def edited(stage: str) -> None:
    organisations.create("demo", "Demo", now=NOW)
    sessions.create(replace(SESSION, org="demo", id="s1", meetings=dates(random.Random(0))))


def test_no_meeting_is_without_its_row(edited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    crash_sometimes(monkeypatch)
    for turn in range(2):
        race(turn)
        assert (missing(), false_facts()) == (set(), set())
    assert [view.session.id for view in list_sessions("demo", coming=True, now=NOW, limit=5).items] == ["s1"]


def test_the_check_sees_rows_that_are_overwritten_ahead(edited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without its digest, a row written ahead replaces one that counts."""
    monkeypatch.setattr("chalicelib.tables.meetings.sha256", lambda _: sha256(b""))
    was = sessions.get("demo", "s1")
    sessions.save(replace(was, meetings=dates(random.Random(5), 150)), [], 0, was=was)
    monkeypatch.setattr(meetings, "put_ahead", crashing(meetings.put_ahead))
    was = sessions.get("demo", "s1")
    with pytest.raises(CrashError):
        sessions.save(replace(was, meetings=dates(random.Random(6), 150)), [], 0, was=was)
    assert missing()


def test_the_check_sees_facts_that_are_written_ahead(edited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the facts on them, rows written ahead show dates that the session never got."""
    monkeypatch.setattr("chalicelib.tables.meetings.has_facts_on_rows", lambda _: True)
    monkeypatch.setattr("chalicelib.tables.meetings._put_bare", put_with_facts)
    monkeypatch.setattr(meetings, "put_ahead", crashing(meetings.put_ahead))
    was = sessions.get("demo", "s1")
    with pytest.raises(CrashError):
        sessions.save(replace(was, meetings=dates(random.Random(6), 150)), [], 0, was=was)
    assert false_facts()


def put_with_facts(session: Session, _: object) -> None:
    for row in agenda_rows(session):
        dynamodb.transact([meetings._put_write(session, row)])


def crashing(true: Callable[..., None]) -> Callable[..., None]:
    def dies(*arguments: object) -> None:
        true(*arguments)
        raise CrashError

    return dies


def race(turn: int) -> None:
    with ThreadPoolExecutor(3) as people:
        list(people.map(edit, range(turn * 10, turn * 10 + 3)))


def missing() -> set[str]:
    """Return the meetings of the session without a row that agrees."""
    rows = meetings.every("demo")
    return {one.meeting for one in listed(sessions.get("demo", "s1")) if one not in rows}


def false_facts() -> set[ListedMeeting]:
    """Return the rows with facts that are not those of the session."""
    true = set(agenda_rows(sessions.get("demo", "s1")))
    return {one for one, row in meetings.every("demo").items() if row.facts and (one, row.facts) not in true}


def crash_sometimes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let edits die before or after they wrote rows ahead, and before they delete old ones."""
    chance = random.Random(7)
    for name in ("put_ahead", "tidy"):
        true = getattr(meetings, name)

        def dying(*arguments: object, true: object = true) -> None:
            if chance.random() < 0.2:
                raise CrashError
            true(*arguments)  # type: ignore[operator]
            if chance.random() < 0.2:
                raise CrashError

        monkeypatch.setattr(meetings, name, dying)
