"""Invitation codes in Chromium: generated under a contract, issued to a participant, redeemed on a phone."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live

Window = Callable[..., Page]
KINDS = [pytest.param(Kind(), id="desktop"), pytest.param(Kind(width=390, javascript=False), id="phone without JavaScript")]


@pytest.fixture
def session(staff: Staff) -> str:
    return staff.session(title="Health check", questions=[{"label": "Department", "kind": "text"}])


def agreed(page: Page, session: str) -> str:
    """Create a contract with a price on the pages; return its prefix."""
    prefix = uuid.uuid4().hex[:8].upper()
    page.goto("/o/demo/contracts/new")
    page.get_by_label("Name", exact=True).fill(f"Acme {prefix}")
    page.get_by_label("Client", exact=True).fill("Acme GmbH")
    page.get_by_label("Prefix").fill(prefix)
    page.get_by_role("button", name="Create the contract").click()
    page.get_by_role("link", name="Add a price").click()
    page.get_by_label("Name", exact=True).fill("Staff")
    page.get_by_label("Price code").fill("STAFF")
    page.get_by_label("Price in EUR").fill("5")
    page.get_by_label("One session").select_option(value=session)
    page.get_by_role("button", name="Add the price").click()
    expect(page.get_by_role("status")).to_contain_text("Price added.")
    return prefix


def act(page: Page, row: str, action: str) -> None:
    found = page.get_by_role("row").filter(has_text=row)
    found.locator("summary").click()
    found.get_by_role("link", name=action).click()


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_codes_are_generated_read_edited_and_deleted(kind: Kind, window: Window, session: str) -> None:
    page = window(kind)
    sign_in(page)
    prefix = agreed(page, session)
    page.get_by_role("link", name="Codes", exact=True).click()
    page.get_by_role("link", name="Generate codes").click()
    page.get_by_label("How many?").fill("50")
    page.get_by_label("Characters").fill("5")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("Characters")
    page.get_by_label("Characters").fill("9")
    page.get_by_label("Note").fill("Reception")
    page.get_by_role("button", name="Generate").click()
    codes = page.get_by_label("One code per line").input_value().split()
    assert len({*codes}) == 50
    assert all(code.startswith(f"{prefix}-") for code in codes)
    if kind.javascript:
        page.get_by_role("button", name="Copy all").click()
        assert page.evaluate("navigator.clipboard.readText()").split() == codes

    page.get_by_role("link", name=f"Acme {prefix}: codes").click()
    expect(page.get_by_text("50 made")).to_be_visible()
    act(page, codes[0], "Open product")
    expect(page.get_by_role("heading", name="Health check")).to_be_visible()
    page.go_back()
    act(page, codes[0], "Edit")
    page.get_by_label("Note").fill("For Bo")
    page.get_by_label("Handed out").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("For Bo")).to_be_visible()
    page.get_by_role("link", name=f"Acme {prefix}: codes").click()
    page.locator("main").get_by_role("searchbox").fill(codes[1].lower().replace("-", " "))
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Delete …").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("Code deleted")
    expect(page.get_by_text("1 handed out")).to_be_visible()
    expect(page.get_by_text("1 cancelled")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 50


def test_a_client_books_with_an_assigned_code_on_a_phone(
    window: Window, staff: Staff, session: str, look: Callable[..., list[str]]
) -> None:
    staff_page = window()
    sign_in(staff_page)
    prefix = agreed(staff_page, session)
    contract = staff_page.url.rpartition("/contracts/")[2].partition("?")[0]
    details = {"Department": "Sales", "Blood group": "secret"}
    body = {"client_id": "C-1", "name": "Ana Díaz", "email": "ana@example.org", "details": details, "shareable": ["Department"]}
    assert staff.call("POST", f"/contracts/{contract}/participants", body).status == 201
    staff_page.get_by_role("link", name="Participants", exact=True).click()
    act(staff_page, "Ana Díaz", "Generate code")
    staff_page.get_by_role("button", name="Generate").click()
    code = staff_page.get_by_role("heading", level=1).locator(".code").inner_text()
    assert code.startswith(prefix)

    phone = window(Kind(width=390))
    phone.goto("/p/demo")
    phone.get_by_role("link", name="I have a code").click()
    phone.get_by_label("Your code").fill("23456789")
    phone.get_by_role("button", name="Check code").click()
    expect(phone.get_by_label("Your code")).to_be_focused()
    expect(phone.get_by_text("We do not know this code.")).to_be_visible()
    assert look(phone) == []
    phone.get_by_label("Your code").fill(code.lower())
    phone.get_by_role("button", name="Check code").click()
    expect(phone.get_by_label("Your name")).to_have_value("Ana Díaz")
    expect(phone.get_by_label("Department")).to_have_value("Sales")
    expect(phone.get_by_text("€5.00").first).to_be_visible()
    expect(phone.get_by_text("secret")).to_have_count(0)
    assert look(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert code.replace("-", "") not in phone.url
    phone.get_by_role("button", name="Register").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You are registered")
    expect(phone.get_by_text("the price agreed for your code")).to_be_visible()

    staff_page.reload()
    staff_page.get_by_role("link", name="Ana Díaz").last.click()
    expect(staff_page.get_by_role("link", name=code.replace("-", ""))).to_be_visible()
