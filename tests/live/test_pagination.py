"""Paged lists, with a database that checks start keys, as moto does not."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.operations import organisations, sessions
from chalicelib.rules.inputs.sessions import SessionInput
from tests.api.bodies import in_days, session_body

pytestmark = pytest.mark.live


@pytest.mark.parametrize("state", ["", "open", "past"])
def test_a_page_continues_after_a_session_that_ended_meanwhile(stage: str, state: str) -> None:
    now = datetime.now(UTC)
    organisations.create("demo", "Demo", now=now)
    made = [_session(day, now) for day in (1, 2, 3)]
    moment = now + timedelta(days=4) if state == "past" else now
    first = sessions.list_sessions("demo", state=state, now=moment, limit=1)
    assert [view.session.id for view in first.items] == [made[-1 if state == "past" else 0]]
    rest = sessions.list_sessions("demo", state=state, now=moment + timedelta(days=1.5), limit=5, start=first.next)
    assert {view.session.id for view in rest.items} == {*made} - {first.items[0].session.id}
    assert rest.next is None


def _session(day: int, now: datetime) -> str:
    body = session_body(
        meetings=[{"starts_at": in_days(day), "ends_at": in_days(day + 0.1)}],
        registration_opens_at=in_days(-1),
        registration_closes_at=in_days(30),
    )
    return sessions.create_session("demo", SessionInput.model_validate(body), key=str(day), now=now).session.id
