"""A contract in Chromium: created with prices and a participant, read, changed, deleted."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live

KINDS = [pytest.param(Kind(), id="desktop"), pytest.param(Kind(width=390, javascript=False), id="phone without JavaScript")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_contract_with_prices_and_a_participant(kind: Kind, window: Callable[..., Page], staff: Staff) -> None:
    name = f"Acme {uuid.uuid4().hex[:6]}"
    tag = uuid.uuid4().hex[:6]
    session = staff.session(title=f"Yoga {tag}", tags=[tag])
    page = window(kind)
    sign_in(page)
    page.get_by_role("link", name="Contracts").click()
    page.get_by_role("link", name="New contract").click()
    _fill(page, "Name", name)
    _fill(page, "Client", "Acme GmbH")
    _fill(page, "Prefix", uuid.uuid4().hex[:8])
    page.get_by_role("button", name="Create the contract").click()

    _add_price(page, "One session", "ONE", "12.50", session=session)
    _add_price(page, "Any session", "ANY", "9")
    expect(page.get_by_role("alert")).to_contain_text("Choose one session, or write a tag")
    _fill(page, "Or every session with the tag", tag)
    page.get_by_role("button", name="Add the price").click()
    row = page.get_by_role("row").filter(has_text="Any session")
    expect(row).to_contain_text("€9.00")
    _act(page, "Any session", "Open product")
    expect(page.get_by_role("link", name=f"Yoga {tag}")).to_be_visible()
    page.go_back()
    _act(page, "One session", "Open product")
    expect(page.get_by_role("heading", name=f"Yoga {tag}")).to_be_visible()
    page.go_back()

    _act(page, "Any session", "Edit")
    _fill(page, "Price in EUR", "8")
    page.get_by_role("button", name="Save").last.click()
    expect(row).to_contain_text("€8.00")
    _act(page, "Any session", "Delete …")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("The price is deleted")

    page.get_by_role("link", name="Participants").click()
    page.get_by_role("link", name="Add a participant").click()
    _fill(page, "Client id", "C-1")
    page.get_by_label("Name", exact=False).first.fill("Ana")
    page.get_by_label("Detail", exact=False).first.fill("Team")
    page.get_by_label("Value", exact=False).first.fill("Sales")
    page.get_by_label("Share it").first.check()
    page.get_by_role("button", name="Add the participant").click()
    page.get_by_role("link", name="Ana").click()
    expect(page.get_by_label("Share it").first).to_be_checked()

    page.get_by_role("link", name=name).click()
    page.locator("summary", has_text="More about this contract").click()
    page.get_by_role("link", name="Delete the contract …").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("The contract is deleted")
    expect(page.get_by_role("link", name=name)).to_have_count(0)


def _add_price(page: Page, label: str, code: str, amount: str, *, session: str = "") -> None:
    page.get_by_role("link", name="Add a price").click()
    _fill(page, "Name", label)
    _fill(page, "Price code", code)
    _fill(page, "Price in EUR", amount)
    page.get_by_label("One session").select_option(value=session)
    page.get_by_role("button", name="Add the price").click()


def _act(page: Page, label: str, action: str) -> None:
    """Choose an action of a price."""
    page.locator("summary", has_text=f"Actions for {label}").click()
    page.get_by_role("row").filter(has_text=label).get_by_role("link", name=action).click()


def _fill(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).first.fill(text)
