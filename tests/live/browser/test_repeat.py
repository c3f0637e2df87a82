"""A term is planned in Chromium: a course without holidays, its copy, a series that moves, and a date that falls out."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

Window = Callable[..., Page]
NEW = "/o/demo/sessions/new"


def fill(page: Page, title: str, repeat: str, number: str) -> None:
    """Fill in the form of a new session on Tuesdays, and leave out two of them; all of it by keyboard."""
    page.goto(NEW)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Starts").first.fill("2040-10-02T17:00")
    page.get_by_label("Ends").first.fill("2040-10-02T18:30")
    page.get_by_label("Spots", exact=True).fill("12")
    page.locator('[name="tiers/0/price/amount"]').fill("0")
    page.locator("details.repeat > summary").press("Enter")
    page.get_by_label("Repeat this date").select_option(repeat)
    page.get_by_label("Number of dates").fill(number)
    page.get_by_label("Leave out").first.fill("2040-10-23")
    page.get_by_role("button", name="Leave out another date").press("Enter")
    page.locator('[name="except/1/day"]').fill("2040-10-30")
    page.get_by_role("button", name="Create the session").last.press("Enter")


@pytest.mark.parametrize("kind", [Kind(), Kind(width=390, javascript=False)], ids=["desktop", "phone without JavaScript"])
def test_a_term_is_planned(kind: Kind, window: Window, stack: Stack, staff: Staff, look: Callable[..., list[str]]) -> None:
    title, ana = f"Judo {uuid.uuid4().hex[:6]}", f"ana-{uuid.uuid4().hex[:8]}@example.org"
    page = window(kind)
    sign_in(page)
    fill(page, title, "course", "12")
    expect(page.get_by_role("heading", name=f"{title}: 12 dates")).to_be_visible()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(12)
    if kind.javascript:
        assert look(page) == []
    page.get_by_role("button", name="Create the session").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Session created")
    course = page.url.split("?")[0]
    assert len(staff.call("GET", f"/sessions/{course.rpartition('/')[2]}").json["meetings"]) == 12

    page.goto(f"{course}/duplicate")
    page.get_by_label("New start of the first date").fill("2041-01-08T17:00")
    page.get_by_role("button", name="Duplicate").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Copy created")

    session = course.rpartition("/")[2]
    added = {"new_customer": {"name": "Ana", "email": ana}, "participants": [{"name": "Ana"}]}
    assert staff.call("POST", f"/sessions/{session}/registrations", added).status == 201
    page.goto(f"{course}/edit")
    page.get_by_role("link", name="Cancel this date …").nth(1).press("Enter")
    expect(page.get_by_text("1 person gets an e-mail.")).to_be_visible()
    page.get_by_label("Why?").fill("The hall is closed.")
    page.get_by_role("button", name="Cancel this date").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The date is cancelled")
    assert "The hall is closed." in stack.mail(ana)["text"]


def test_this_and_the_following_move_together(window: Window, staff: Staff) -> None:
    title, page = f"Yoga {uuid.uuid4().hex[:6]}", window(Kind(javascript=False))
    sign_in(page)
    fill(page, title, "series", "3")
    page.get_by_role("button", name="Create the sessions").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Sessions created")
    made = staff.call("GET", f"/sessions?limit=200&q={title.replace(' ', '+')}").json["items"]
    page.goto(f"/o/demo/sessions/{made[1]['id']}/edit")
    page.get_by_label("This and the following (2 sessions in all)").press("Space")
    page.get_by_label("Starts").first.fill("2040-10-10T18:00")
    page.get_by_label("Ends").first.fill("2040-10-10T19:00")
    page.get_by_role("button", name="Save").last.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    starts = [staff.call("GET", f"/sessions/{one['id']}").json["meetings"][0]["starts_at"] for one in made]
    assert starts == ["2040-10-02T15:00:00Z", "2040-10-10T16:00:00Z", "2040-10-17T16:00:00Z"]
