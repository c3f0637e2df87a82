"""Writing to the roster, by hand in Chromium."""

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
def test_everybody_gets_what_staff_write_and_staff_see_what_became_of_it(kind: Kind, window: Window, stack: Stack, staff: Staff) -> None:
    session, subject = staff.session(), f"Bring boots {uuid.uuid4().hex[:6]}"
    people = [staff.call("GET", f"/registrations/{added(staff, session, name)}").json["email"] for name in ("Ada", "Ben", "Cem")]
    page = window(kind)
    sign_in(page)
    page.goto(f"/o/demo/sessions/{session}/write")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Text", exact=True).fill("It will rain.\n\nSee https://example.org/rain")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.get_by_role("status")).to_contain_text("Done: 3 of 3", timeout=15_000)
    for address in people:
        assert "It will rain." in stack.mail(address)["text"]
    page.goto(f"/o/demo/sessions/{session}?tab=messages")
    page.get_by_role("link", name=people[0]).click()
    expect(page.get_by_text("It will rain.")).to_be_visible()


def test_only_those_chosen_are_written_to(window: Window, stack: Stack, staff: Staff) -> None:
    session = staff.session()
    ada, ben = (staff.call("GET", f"/registrations/{added(staff, session, name)}").json["email"] for name in ("Ada", "Ben"))
    page = window()
    sign_in(page)
    page.goto(f"/o/demo/sessions/{session}/write")
    page.get_by_label("Only those ticked here").check()
    page.get_by_text("Choose people").click()
    page.get_by_label(ada).check()
    page.get_by_label("Subject").fill("For you")
    page.get_by_label("Text", exact=True).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Done: 1 of 1", timeout=15_000)
    stack.mail(ada)
    assert stack.mails(ben) == []
