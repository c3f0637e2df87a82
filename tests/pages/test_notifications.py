"""The bell on staff pages, and the list of notifications."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import notifications
from chalicelib.operations.registrations import register
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.notification_triggers import Trigger
from chalicelib.rules.notifications import MOST_COUNTED
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from tests.operations.request_counter import counted
from tests.pages.browser import Browser

BELL = "/o/demo/notifications"


@pytest.fixture
def booked(session: Session, today: datetime) -> Registration:
    """A registration of which staff were notified."""
    draft = RegistrationInput(email="ana@example.org", name="Ana Ortiz", participants=[ParticipantInput(name="Zoé")])
    made = register("demo", session.id, draft, locale="en", key="k", now=today).registration
    ring("registered", {"session": session.id, "registration": made.id}, today)
    return made


def ring(kind: str, about: dict[str, str], now: datetime, times: int = 1) -> None:
    for number in range(times):
        notifications.record("demo", [Trigger(kind, f"{kind}{number}", about)], now=now)  # type: ignore[arg-type]


def test_an_empty_bell_says_what_it_will_show(manager: Browser) -> None:
    page = manager.get(BELL)
    assert "No unread notifications" in page.text
    assert "Nothing has happened yet." in page.text
    assert "Mark all as read" not in page.text


def test_every_staff_page_counts_unread_notifications_in_one_query(manager: Browser, session: Session, booked: Registration) -> None:
    with counted() as count:
        page = manager.get(f"/o/demo/sessions/{session.id}/edit")
    assert "1 unread notification " in page.text
    assert BELL in page.links
    assert count["Query"] <= 3, count  # The session, who may lead it, and the bell.


def test_opening_one_marks_it_and_leads_to_the_thing(manager: Browser, as_role: Callable[[str], Browser], booked: Registration) -> None:
    page = manager.get(BELL)
    assert "Unread: Ana Ortiz registered for Judo." in page.text
    (own,) = (item.split('"')[1] for item in page.html.split('name="open" value=')[1:])
    opened = manager.follow(manager.post(BELL, {"open": own}))
    assert opened.path == f"/o/demo/registrations/{booked.session}-{booked.id}"
    assert "No unread notifications" in opened.text
    after = manager.get(BELL)
    assert "Unread:" not in after.text
    assert opened.path in after.links
    assert "1 unread notification " in as_role("viewer").get(BELL).text


def test_marking_one_or_all(manager: Browser, session: Session, today: datetime) -> None:
    ring("sold_out", {"session": session.id}, today, times=3)
    page = manager.get(BELL)
    owns = [item.split('"')[1] for item in page.html.split('name="read" value=')[1:]]
    assert "2 unread notifications" in manager.follow(manager.post(BELL, {"read": owns[1]})).text
    until = page.html.split('name="until" value="')[1].split('"')[0]
    assert "No unread notifications" in manager.follow(manager.post(BELL, {"until": until})).text
    assert manager.post(BELL, {"open": "x" * 5000}).status == 404


def test_a_notification_of_a_deleted_session_links_nowhere(manager: Browser, session: Session, today: datetime) -> None:
    ring("sold_out", {"session": "gone"}, today)
    page = manager.get(BELL)
    assert "Sold out: a session that is gone." in page.text
    own = page.html.split('name="open" value="')[1].split('"')[0]
    assert manager.follow(manager.post(BELL, {"open": own})).path == BELL


def test_many_notifications_are_counted_up_to_a_limit_and_paged(manager: Browser, session: Session, today: datetime) -> None:
    ring("sold_out", {"session": session.id}, today, times=MOST_COUNTED)
    page = manager.get(BELL)
    assert "99+ More than 99 unread notifications" in page.text
    older = next(link for link in page.links if "cursor=" in link)
    assert manager.get(older).html.count('name="open"') == MOST_COUNTED - page.html.count('name="open"')
