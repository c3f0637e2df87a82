"""Inviting several people on the page: choose, see who fits, invite, follow the job."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import jobs
from chalicelib.operations.sessions import read_roster
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser, Page

TYPED = {"whom": "emails", "party_size": "1", "mode": "all"}


@pytest.fixture
def path(make_session: Callable[..., Session]) -> str:
    return f"/o/demo/sessions/{make_session(spots_total=2).id}/invite-many"


def worked(response: Page) -> str:
    """Run the job that an answer leads to, and return its path."""
    assert response.status == 303, response.text
    where = response.headers["location"]
    while jobs.read_job("demo", job := where.rpartition("/")[2]).open:
        jobs.run_step("demo", job, WORK, now=datetime.now(UTC))
    return where


def invited(path: str) -> list[str]:
    views = read_roster("demo", path.split("/")[4], now=datetime.now(UTC)).invitations
    return sorted(view.invitation.email for view in views if view.is_live)


def test_pasted_addresses_are_shown_before_they_are_invited(manager: Browser, path: str) -> None:
    shown = manager.send_file(path, {**TYPED, "emails": "Ana <ana@example.org>, ben@example.org\nnobody", "do": "check"}, b"")
    assert "Invite 2 people?" in shown.text
    assert "Not an e-mail address" in shown.text
    assert invited(path) == []
    job = worked(manager.send_file(path, {**shown.form(path).fields, "do": "send"}, b""))
    assert invited(path) == ["ana@example.org", "ben@example.org"]
    assert "2 of 2" in manager.get(job).text


def test_with_too_little_room_the_page_offers_as_many_as_fit_or_extra_spots(manager: Browser, path: str) -> None:
    file = b"Email\na@example.org\nb@example.org\nc@example.org\n"
    shown = manager.send_file(path, {**TYPED, "whom": "file", "do": "check"}, file)
    assert "2 spots are free, and all invitations need 3." in shown.text
    kept = shown.form(path).fields
    refused = manager.send_file(path, {**kept, "do": "send"}, b"")
    assert (refused.status, "Nobody was invited." in refused.text) == (409, True)
    job = worked(manager.send_file(path, {**kept, "do": "send-fitting"}, b""))
    assert invited(path) == ["a@example.org", "b@example.org"]
    assert [word for word in ("c@example.org", "No spot left") if word not in manager.get(job).text] == []


def test_extra_spots_make_room_for_all(manager: Browser, path: str) -> None:
    worked(manager.send_file(path, {**TYPED, "emails": "a@example.org b, b@example.org, c@example.org", "do": "send-extra"}, b""))
    assert invited(path) == ["b@example.org", "c@example.org"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [({}, "emails"), ({"whom": "group"}, "group"), ({"whom": "session"}, "from_session"), ({"whom": "file"}, "file")],
)
def test_nobody_chosen_is_said_at_its_field(manager: Browser, path: str, typed: dict[str, str], field: str) -> None:
    response = manager.send_file(path, {**TYPED, **typed, "do": "check"}, b"")
    assert response.status == 422
    assert response.described(field)


def test_only_those_who_manage_rosters_invite(as_role: Callable[[str], Browser], path: str) -> None:
    for role in ("viewer", "leader"):
        assert as_role(role).get(path).status == 403
