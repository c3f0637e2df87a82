"""Roster messages in Chromium."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window
from tests.live.browser.test_rosters import added
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live


@pytest.mark.parametrize("kind", [Kind(), Kind(width=390, javascript=False)], ids=["desktop", "phone without JavaScript"])
def test_a_roster_message_reaches_everybody_and_staff_see_its_state(kind: Kind, window: Window, stack: Stack, staff: Staff) -> None:
    session, subject = staff.session(), f"Bring boots {uuid.uuid4().hex[:6]}"
    people = [staff.call("GET", f"/registrations/{added(staff, session, name)}").json["email"] for name in ("Ada", "Ben", "Cem")]
    page = window(kind)
    sign_in(page, f"/o/demo/sessions/{session}/write")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Text", exact=True).fill("It will rain.\n\nSee https://example.org/rain")
    page.get_by_role("button", name="E-mail 3 people").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.get_by_role("status")).to_contain_text("Done: 3 of 3")
    for address in people:
        assert "It will rain." in stack.mail(address)["text"]
    page.goto(f"/o/demo/sessions/{session}?tab=messages")
    page.get_by_role("link", name=people[0]).click()
    expect(page.get_by_text("It will rain.")).to_be_visible()


@pytest.mark.parametrize("kind", [Kind(), Kind(width=390)], ids=["desktop", "phone"])
def test_ticking_one_person_writes_to_that_person_only(kind: Kind, window: Window, stack: Stack, staff: Staff) -> None:
    session = staff.session()
    ada, ben = (staff.call("GET", f"/registrations/{added(staff, session, name)}").json["email"] for name in ("Ada", "Ben"))
    page = window(kind)
    sign_in(page, f"/o/demo/sessions/{session}/write")
    page.get_by_text("Choose people").click()
    page.get_by_label(ada).check()
    expect(page.get_by_label("Selected people")).to_be_checked()
    page.get_by_label("Subject").fill("For you")
    page.get_by_label("Text", exact=True).fill("Hello")
    page.get_by_role("button", name="E-mail 1 person").click()
    expect(page.get_by_role("status")).to_contain_text("Done: 1 of 1")
    stack.mail(ada)
    assert stack.mails(ben) == []


def test_without_javascript_the_number_is_asked_before_it_is_sent(window: Window, stack: Stack, staff: Staff) -> None:
    session = staff.session()
    ada, ben = (staff.call("GET", f"/registrations/{added(staff, session, name)}").json["email"] for name in ("Ada", "Ben"))
    page = window(Kind(width=390, javascript=False))
    sign_in(page, f"/o/demo/sessions/{session}/write")
    page.get_by_text("Choose people").click()
    page.get_by_label(ada).check()
    page.get_by_label("Subject").fill("For you")
    page.get_by_label("Text", exact=True).fill("Hello")
    page.get_by_role("button", name="E-mail 2 people").click()
    expect(page.get_by_text("Select “Selected people”, or untick them.").first).to_be_visible()
    page.get_by_label("Selected people").check()
    page.get_by_role("button", name="E-mail 2 people").click()
    expect(page.get_by_text("1 person gets this e-mail")).to_be_visible()
    page.get_by_role("button", name="E-mail 1 person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For you")
    stack.mail(ada)
    assert stack.mails(ben) == []
