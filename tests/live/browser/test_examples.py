"""The example client of the API, served from another origin, in Chromium: CORS lets it do what a page of our own may do."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff
from tests.live.other_site import site_running
from tests.live.stack import PASSWORD

pytestmark = pytest.mark.live

EXAMPLE = Path(__file__).parents[3] / "examples" / "browser"
FILES = {f"/{file.name}": file.read_text() for file in EXAMPLE.iterdir()}
LARGE_ROWS = 210


def table_of(rows: int) -> FilePayload:
    """Return a file of customers. One of many rows is too large for the API itself."""
    fields = [f"Note {number}" for number in range(40)]
    note = "x" * (490 if rows > 1 else 1)
    lines = [["Name", "Email", *fields], *([f"Kim {row}", fresh("kim"), *[note] * 40] for row in range(rows))]
    return {"name": "customers.csv", "mimeType": "text/csv", "buffer": "\n".join(",".join(line) for line in lines).encode()}


def says(page: Page, text: str) -> None:
    expect(page.locator("#done, #problem").filter(has_text=text)).to_be_visible()


def test_a_page_of_another_origin_books_invites_and_imports(window: Window, staff: Staff) -> None:
    title = fresh("Origami").partition("@")[0]
    session = staff.session(spots=3, title=title)
    with site_running(FILES, host="localhost") as site:
        page = window()
        page.goto(f"{site}/?api={staff.stack.url}")
        page.get_by_role("button", name=title).click()
        page.get_by_label("Your name").fill("Ana")
        page.get_by_role("button", name="Book", exact=True).click()
        says(page, "/email: ")
        page.get_by_label("Your e-mail").fill(fresh("elsewhere"))
        page.get_by_label("Participant").fill("Zoé")
        page.get_by_role("button", name="Book", exact=True).click()
        says(page, "Booked for €12.50.")
        expect(page.get_by_text("2 of 3 spots free")).to_be_visible()

        page.get_by_label("E-mail", exact=True).fill("owner@demo.test")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        says(page, "password")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        says(page, "Signed in as owner.")
        page.get_by_label("Session").select_option(title)
        page.get_by_label("Whom to invite").fill(fresh("invited"))
        page.get_by_role("button", name="Invite").click()
        says(page, "Invited, 1 spot held: http://127.0.0.1")

        for table, wanted in ((table_of(1), "valid: 1 new, 0 issues"), (table_of(LARGE_ROWS), f"valid: {LARGE_ROWS} new, 0 issues")):
            page.get_by_label("Customers (CSV)").set_input_files(table)
            page.get_by_role("button", name="Check the file").click()
            says(page, wanted)
        assert page.context.cookies() == []
    spots = staff.spots(session)
    assert (spots["taken"], spots["held"], spots["free"]) == (1, 1, 1)
