"""An edit of this session and the following that stops half-way, and is repeated."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations.sessions import create_series, edit_following
from chalicelib.operations.sessions.edit import write_edit
from chalicelib.rules.inputs.new_sessions import RepeatedSessionInput
from chalicelib.rules.inputs.sessions import MeetingInput, SessionChanges
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import sessions


def draft(starts: datetime) -> RepeatedSessionInput:
    return RepeatedSessionInput.model_validate(
        {
            "title": "Judo",
            "meetings": [{"starts_at": starts, "ends_at": starts + timedelta(hours=1)}],
            "time_zone": "UTC",
            "spots_total": 5,
            "tiers": [{"name": "Child", "price": {"amount": 0, "currency": "EUR"}}],
            "repeat": {"times": 4, "as": "series"},
        }
    )


def test_a_repeated_edit_moves_nothing_twice(organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = now + timedelta(days=7)
    ids = [view.session.id for view in create_series("demo", draft(starts), key="k", now=now).items]
    later = starts + timedelta(hours=2)
    changes = SessionChanges(meetings=[MeetingInput(id="m1", starts_at=later, ends_at=later + timedelta(hours=1))], scope="following")
    write, written = write_edit, list[str]()

    def crash(org: str, session_id: str, *more: object, **named: object) -> object:
        written.append(session_id)
        if len(written) == 3:
            raise RuntimeError("the function stopped")
        return write(org, session_id, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("chalicelib.operations.sessions.edit_series.write_edit", crash)
    with pytest.raises(RuntimeError):
        edit_following("demo", ids[0], changes, expected=1, now=now)
    assert [sessions.get("demo", id).version for id in ids] == [1, 2, 2, 1], "two of the others followed"
    monkeypatch.setattr("chalicelib.operations.sessions.edit_series.write_edit", write)
    edited = edit_following("demo", ids[0], changes, expected=1, now=now)
    assert [view.session.starts_at for view in edited.items] == [later + timedelta(weeks=week) for week in range(4)]
    assert [view.session.version for view in edited.items] == [2, 2, 2, 2]
