"""What a leader sees of the pages: their sessions, without prices and settings."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import registrations
from chalicelib.operations.auth import authenticator
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import local
from chalicelib.tables import sessions
from tests.pages.browser import Browser

AsRole = Callable[[str], Browser]


@pytest.fixture
def led(make_session: Callable[..., Session], today: datetime) -> Session:
    """A session that the leader leads, with one registration."""
    session = make_session(leaders=["leader@demo.test"])
    draft = RegistrationInput.model_validate({"email": "ana@example.org", "name": "Ana", "participants": [{"name": "Zoé"}]})
    registrations.register("demo", session.id, draft, locale="en", key="ana", now=today)
    return session


def test_a_leader_sees_people_and_no_prices(as_role: AsRole, led: Session) -> None:
    page = as_role("leader").get(f"/o/demo/sessions/{led.id}")
    assert page.status == 200
    assert [word for word in ("Zoé", "Ana", "ana@example.org", "E-mail participants") if word not in page.text] == []
    assert [word for word in ("€", "unpaid", "Billing") if word in page.text] == []


def test_a_leader_takes_attendance_without_prices(as_role: AsRole, led: Session) -> None:
    page = as_role("leader").get(f"/o/demo/sessions/{led.id}/meetings/{led.meetings[0].id}")
    assert (page.status, "Zoé" in page.text) == (200, True)
    assert [word for word in ("€", "12.00", "unpaid", "Unpaid") if word in page.text] == []


def test_every_link_of_a_leaders_page_opens(as_role: AsRole, led: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authenticator, "is_on", lambda _email: False)  # There is no user pool here.
    leader = as_role("leader")
    page = leader.get(f"/o/demo/sessions/{led.id}")
    followed = [link for link in page.links if link.startswith("/o/demo")]
    assert followed
    assert {link: leader.get(link).status for link in followed} == dict.fromkeys(followed, 200)


def test_the_home_of_a_leader_is_the_agenda_of_their_dates(as_role: AsRole, led: Session, make_session: Callable[..., Session]) -> None:
    make_session(title="Somebody else's", tags=["secret"])
    leader, own = as_role("leader"), f"/o/demo/sessions/{led.id}/meetings/{led.meetings[0].id}"
    page = leader.get("/o/demo")
    assert (page.status, own in page.links, "· 1 date" in page.text) == (200, True, True)
    assert [word for word in ("Somebody else", "secret", "New session", "Links for your customers") if word in page.text] == []
    for view in ("day", "week", "month", "list"):
        assert own in leader.get(f"/o/demo?view={view}&date={local(led.meetings[0].starts_at, 'Europe/Paris').date()}").links
    assert own not in leader.get("/o/demo?date=2020-01-01").links


def test_a_leader_writes_to_the_roster_and_returns_to_the_session(as_role: AsRole, led: Session) -> None:
    leader, path = as_role("leader"), f"/o/demo/sessions/{led.id}"
    form = {"whom": "all", "subject": "Boots", "text": "It will rain.", "people": "1"}
    sent = leader.post(f"{path}/write", form)
    assert (sent.status, sent.headers["location"]) == (303, f"{path}?done=roster-mailed")
    assert "on its way to the participants" in leader.follow(sent).text


def test_a_session_of_another_leader_is_refused(as_role: AsRole, make_session: Callable[..., Session]) -> None:
    other = make_session(leaders=["manager@demo.test"])
    for path in (f"/o/demo/sessions/{other.id}", f"/o/demo/sessions/{other.id}/write"):
        page = as_role("leader").get(path)
        assert (page.status, "You do not lead this session" in page.text) == (403, True)


def test_leaders_are_ticked_on_the_form(manager: Browser, session: Session) -> None:
    edit = f"/o/demo/sessions/{session.id}/edit"
    manager.send(manager.get(edit), {"leads/leader@demo.test": "true", "leads/manager@demo.test": "true"}, action=edit)
    assert set(sessions.get("demo", session.id).leaders) == {"leader@demo.test", "manager@demo.test"}
    manager.send(manager.get(edit), {"title": "Aikido"}, action=edit)
    assert set(sessions.get("demo", session.id).leaders) == {"leader@demo.test", "manager@demo.test"}


def test_a_removed_member_leads_nothing_any_more(as_role: AsRole, led: Session) -> None:
    owner = as_role("owner")
    assert owner.post("/o/demo/staff/user-leader/remove", {}).status == 303
    assert sessions.get("demo", led.id).leaders == ()
    assert "leader@demo.test" not in owner.get(f"/o/demo/sessions/{led.id}/edit").text
