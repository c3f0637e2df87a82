"""Notifications in Chromium: a registration makes one, and opening it marks it as read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window
from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh, person
from tests.live.stack import eventually

pytestmark = pytest.mark.live


@pytest.mark.parametrize(
    "kind", [pytest.param(Kind(), id="desktop"), pytest.param(Kind(width=390, javascript=False), id="phone without JavaScript")]
)
def test_a_registration_notifies_and_opening_it_marks_it_as_read(
    kind: Kind, window: Window, staff: Staff, look: Callable[..., list[str]]
) -> None:
    earlier, name = (fresh(word).partition("@")[0] for word in ("Eve", "Ana"))
    session = staff.session(spots=9, title="Fencing")
    page = window(kind)
    sign_in(page)
    register(staff, session, earlier)
    assert staff.call("POST", "/notifications/read", {"all": True}).status == 200
    register(staff, session, name)
    page.reload()
    _open_the_bell(page, kind)
    if kind.javascript:
        assert look(page) == []
    unread = page.get_by_role("button", name=f"Unread: {name} registered for Fencing.")
    unread.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text(name)
    expect(page.get_by_role("link", name="No unread notifications")).to_be_visible()


def register(staff: Staff, session: str, name: str) -> None:
    """Register somebody, and wait until staff are notified. Notifications of everything before have come then, too."""
    body = person(fresh("somebody"), name=name)
    assert staff.stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body).status == 201
    eventually(lambda: name in staff.call("GET", "/notifications").body.decode() or None)


def _open_the_bell(page: Page, kind: Kind) -> None:
    bell = page.get_by_role("link", name="1 unread notification")
    expect(bell).to_be_visible()
    bell.press("Enter")
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= kind.width if kind.javascript else True
