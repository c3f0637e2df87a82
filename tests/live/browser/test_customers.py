"""Customers in Chromium: created, grouped, searched, edited, merged, and erased."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live

KINDS = [pytest.param(Kind(), id="desktop"), pytest.param(Kind(width=390, javascript=False), id="phone without JavaScript")]


@pytest.mark.parametrize("kind", KINDS)
def test_two_customers_who_are_one(kind: Kind, window: Callable[..., Page], staff: Staff) -> None:
    mark = uuid.uuid4().hex[:6]
    page = window(kind)
    sign_in(page)
    page.get_by_role("link", name="Customers", exact=True).click()
    _more(page, "Groups")
    page.get_by_label("Name").fill(f"Judo {mark}")
    page.get_by_role("button", name="Create the group").click()
    expect(page.get_by_role("status")).to_contain_text("Group created")

    page.get_by_role("link", name="New customer").click()
    expect(page.get_by_label(f"Judo {mark}")).to_be_checked()
    _make(page, f"Ana {mark}", f"ana-{mark}@demo.test", child="Kim")
    expect(page.get_by_text(f"Judo {mark}")).to_be_visible()
    page.get_by_role("link", name="Customers", exact=True).first.click()
    page.get_by_role("link", name="New customer").click()
    _make(page, f"Anna {mark}", f"anna-{mark}@demo.test", child="Lou")

    page.get_by_role("link", name="Customers", exact=True).first.click()
    page.get_by_label("Group").select_option(f"Judo {mark}")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row").filter(has_text=f"Ana {mark}")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=f"Anna {mark}")).to_have_count(0)
    page.get_by_role("link", name=f"Ana {mark}").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Field", exact=False).first.fill("Level")
    page.get_by_label("Value", exact=False).first.fill("blue")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.get_by_text("blue")).to_be_visible()

    _more(page, "Merge with another …")
    page.get_by_label("Search by name or address").fill(f"anna-{mark}")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=f"Anna {mark}").click()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("status")).to_contain_text("Customers merged")
    for said in ("Kim", "Lou", f"ana-{mark}@demo.test", "blue"):
        expect(page.get_by_text(said).first).to_be_visible()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_text("No e-mails to them yet")).to_be_visible()

    _more(page, "Erase …")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("status").last).to_contain_text("Done")
    found = staff.call("GET", f"/customers?q={mark}")
    assert found.json["items"] == []


def _make(page: Page, name: str, email: str, *, child: str) -> None:
    page.get_by_label("Name", exact=True).first.fill(name)
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Name of a participant", exact=False).first.fill(child)
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("status")).to_contain_text("Saved")


def _more(page: Page, link: str) -> None:
    page.locator("summary", has_text="More about").click()
    page.get_by_role("link", name=link).click()
