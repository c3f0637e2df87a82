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
    name = fresh("Ana").partition("@")[0]
    session = staff.session(spots=9, title="Fencing")
    page = window(kind)
    sign_in(page)
    assert staff.call("POST", "/notifications/read", {"all": True}).status == 200
    body = person(fresh("ana"), name=name)
    assert staff.stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body).status == 201
    eventually(lambda: staff.call("GET", "/notifications").json["unread"] or None, within=20)
    page.reload()
    _open_the_bell(page, kind)
    if kind.javascript:
        assert look(page) == []
    unread = page.get_by_role("button", name=f"Unread: {name} registered for Fencing.")
    unread.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text(name)
    expect(page.get_by_role("link", name="No unread notifications")).to_be_visible()


def _open_the_bell(page: Page, kind: Kind) -> None:
    bell = page.get_by_role("link", name="1 unread notification")
    expect(bell).to_be_visible()
    bell.press("Enter")
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= kind.width if kind.javascript else True
