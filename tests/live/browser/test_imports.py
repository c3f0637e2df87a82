"""A contract import in Chromium: the CSV downloaded, uploaded with faults, corrected, completed, and its codes downloaded."""

import csv
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live


@pytest.fixture
def contract(staff: Staff) -> str:
    """A contract with the price STD and three participants."""
    made = staff.call("POST", "/contracts", {"name": "Full Health", "client": "Acme", "prefix": uuid.uuid4().hex[:6].upper()}).json["id"]
    price = {"code": "STD", "label": "Standard", "price": {"amount": 700, "currency": "EUR"}, "tag": "health"}
    assert staff.call("POST", f"/contracts/{made}/prices", price).status == 201
    for number, name in enumerate(["Ana", "Ben", "Zoë"]):
        person = {"client_id": f"E-{number}", "name": name, "details": {"Team": "=Red"}}
        assert staff.call("POST", f"/contracts/{made}/participants", person).status == 201
    return str(made)


def downloaded(page: Page, name: str) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    return list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))


def saved(rows: list[list[str]], to: Path) -> Path:
    """Save the rows as a French spreadsheet program does: separated by semicolons, with a BOM."""
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return to


@pytest.mark.parametrize("kind", [Kind(), Kind(width=390, javascript=False)], ids=["desktop", "phone without JavaScript"])
def test_a_list_is_downloaded_filled_in_corrected_and_completed(
    kind: Kind, window: Window, contract: str, look: Callable[..., list[str]], tmp_path: Path
) -> None:
    page = window(kind)
    sign_in(page, f"/o/demo/contracts/{contract}/imports")
    header, *people = downloaded(page, "Download CSV")
    for row in people:
        row[3] = "std"
    faulty = [header, people[0], [*people[1][:3], "NONE", *people[1][4:]], [*people[2][:2], "nothing", *people[2][3:]]]
    page.get_by_label("CSV file").set_input_files(saved(faulty, tmp_path / "faulty.csv"))
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This file has 2 issues")
    expect(page.locator("#issues tbody tr")).to_have_count(2)
    expect(page.locator("#issues")).to_contain_text("Use one of: STD.")
    expect(page.locator("#issues")).to_contain_text("This is not an e-mail address.")
    if kind.javascript:
        assert look(page) == []
    page.get_by_role("link", name="Upload the corrected file").click()
    page.get_by_label("CSV file").set_input_files(saved([header, *people], tmp_path / "right.csv"))
    page.get_by_role("button", name="Check the corrected file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ready to import")
    if kind.javascript:
        assert look(page) == []
    page.get_by_role("button", name="Complete import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The import is done")
    expect(page.get_by_role("status")).to_have_text("Done: 3 of 3 rows.")
    _, *after = downloaded(page, "Download CSV with codes")
    assert [row[3] for row in after] == ["STD"] * 3
    assert len({row[4] for row in after}) == 3
    assert {row[5] for row in after} == {"'=Red"}


def test_a_large_file_of_customers_is_uploaded_by_keyboard(window: Window, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex[:8]
    file = tmp_path / "large.csv"
    file.write_text(f"Name,Email\nLou {mark},{mark}@b.test\n" + ("," * 20 + "\n") * 205_000)
    assert file.stat().st_size > 4 * 1024 * 1024
    page = window()
    sign_in(page, "/o/demo/customers/import/large")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Upload").press("Enter")
    expect(page.get_by_text("Your file has arrived")).to_be_visible()
    page.get_by_role("button", name="Check the file").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ready to import")
    page.get_by_role("button", name="Complete import").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The import is done")
    page.goto(f"/o/demo/customers?q={mark}")
    expect(page.get_by_text(f"Lou {mark}")).to_be_visible()
