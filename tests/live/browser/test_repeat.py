"""A term is planned in Chromium: a course without holidays, its copy, a series that moves, and a date that falls out.

In every language of staff: the words of the pages are looked up in the catalogue.
"""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chalicelib import i18n
from tests.live.browser.conftest import Kind
from tests.live.browser.languages import Say, speaking
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

Window = Callable[..., Page]
NEW = "/o/demo/sessions/new"


def fill(page: Page, say: Say, title: str, repeat: str, number: str) -> None:
    """Fill in the form of a new session on Tuesdays, and leave out two of them; all of it by keyboard."""
    page.goto(NEW)
    page.get_by_label(say("Title")).fill(title)
    page.get_by_label(say("Starts")).first.fill("2040-10-02T17:00")
    page.get_by_label(say("Ends")).first.fill("2040-10-02T18:30")
    page.get_by_label(say("Spots"), exact=True).fill("12")
    page.locator('[name="tiers/0/price/amount"]').fill("0")
    page.locator("details.repeat > summary").press("Enter")
    page.get_by_label(say("Repeat this date")).select_option(repeat)
    page.get_by_label(say("Number of dates")).fill(number)
    page.get_by_label(say("Leave out")).first.fill("2040-10-23")
    page.get_by_role("button", name=say("Leave out another date")).press("Enter")
    page.locator('[name="except/1/day"]').fill("2040-10-30")
    page.get_by_role("button", name=say("Create the session")).last.press("Enter")


KINDS = [
    pytest.param(Kind(), "en", id="desktop"),
    pytest.param(Kind(width=390, javascript=False), "en", id="phone without JavaScript"),
    pytest.param(Kind(), "fr", id="desktop in French"),
]


@pytest.mark.parametrize(("kind", "locale"), KINDS)
def test_a_term_is_planned(kind: Kind, locale: str, window: Window, stack: Stack, staff: Staff, look: Callable[..., list[str]]) -> None:
    title, ana = f"Judo {uuid.uuid4().hex[:6]}", f"ana-{uuid.uuid4().hex[:8]}@example.org"
    page = window(kind)
    with speaking(page, locale) as say:
        fill(page, say, title, "course", "12")
        twelve = i18n.translation(locale).ngettext("%(num)d date", "%(num)d dates", 12) % {"num": 12}
        expect(page.get_by_role("heading", name=title)).to_contain_text(twelve)
        expect(page.get_by_role("checkbox", checked=True)).to_have_count(12)
        if kind.javascript:
            assert look(page) == []
        page.get_by_role("button", name=say("Create the session")).press("Enter")
        expect(page.get_by_role("status")).to_contain_text(say("Session created. Invite someone or share its link."))
        course = page.url.split("?")[0]
        assert len(staff.call("GET", f"/sessions/{course.rpartition('/')[2]}").json["meetings"]) == 12

        page.goto(f"{course}/duplicate")
        page.get_by_label(say("New start of the first date")).fill("2041-01-08T17:00")
        page.get_by_role("button", name=say("Duplicate")).press("Enter")
        expect(page.get_by_role("status")).to_contain_text(say("Copy created. Nobody is on it yet."))

        session = course.rpartition("/")[2]
        added = {"new_customer": {"name": "Ana", "email": ana}, "participants": [{"name": "Ana"}]}
        assert staff.call("POST", f"/sessions/{session}/registrations", added).status == 201
        page.goto(f"{course}/edit")
        page.get_by_role("link", name=say("Cancel this date …")).nth(1).press("Enter")
        told = i18n.translation(locale).ngettext("%(num)d person gets an e-mail.", "%(num)d people get an e-mail.", 1) % {"num": 1}
        expect(page.get_by_text(told)).to_be_visible()
        page.get_by_label(say("Why?")).fill("The hall is closed.")
        page.get_by_role("button", name=say("Cancel this date")).press("Enter")
        expect(page.get_by_role("status")).to_contain_text(say("The date is cancelled. The others take place."))
        assert "The hall is closed." in stack.mail(ana)["text"]
        page.goto(f"/p/demo/sessions/{session}")
        page.locator("details.more summary").first.press("Enter")
        expect(page.get_by_text("The hall is closed.")).to_be_visible()


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_this_and_the_following_move_together(locale: str, window: Window, staff: Staff) -> None:
    title, page = f"Yoga {uuid.uuid4().hex[:6]}", window(Kind(javascript=False))
    with speaking(page, locale) as say:
        fill(page, say, title, "series", "3")
        page.get_by_role("button", name=say("Create the sessions")).press("Enter")
        expect(page.get_by_role("status")).to_contain_text(say("Sessions created."))
        made = staff.call("GET", f"/sessions?limit=200&q={title.replace(' ', '+')}").json["items"]
        assert f"series={made[0]['series']}" in page.url
        page.goto(f"/o/demo/sessions/{made[1]['id']}/edit")
        page.locator('input[name=scope][value="following"]').press("Space")
        page.get_by_label(say("Starts")).first.fill("2040-10-10T18:00")
        page.get_by_label(say("Ends")).first.fill("2040-10-10T19:00")
        page.get_by_role("button", name=say("Save")).last.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(say("Saved."))
    starts = [staff.call("GET", f"/sessions/{one['id']}").json["meetings"][0]["starts_at"] for one in made]
    assert starts == ["2040-10-02T15:00:00Z", "2040-10-10T16:00:00Z", "2040-10-17T16:00:00Z"]
