"""From a CSV file to a booking: a group is imported, invited with custom text and in French, signs up and enrols; one unsubscribes."""

import csv
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

PASSWORD = "chosen-Passw0rd"
NUMBER = 20


@pytest.fixture
def speaks(staff: Staff) -> Iterator[Callable[[str], None]]:
    """Return `speaks("fr")`, which sets the organisation's language."""

    def speak(locale: str) -> None:
        assert staff.call("PATCH", "", {"locale": locale}).status == 200

    yield speak
    speak("en")


def test_a_group_is_imported_and_invited_joins_enrols_and_leaves(
    window: Window, stack: Stack, staff: Staff, speaks: Callable[[str], None], tmp_path: Path
) -> None:
    mark = uuid.uuid4().hex[:8]
    group, title = f"Judo {mark}", f"Randori {mark}"
    ana, *others = [f"pupil-{number:02}-{mark}@example.org" for number in range(NUMBER)]
    staff.session(title=title)
    assert staff.call("POST", "/groups", {"name": group}).status == 201
    office, home = window(), window(Kind(width=390))

    sign_in(office)
    _import(office, _saved([ana, *others], group, tmp_path / "pupils.csv"))
    _ask(office, group)
    office.get_by_label("Subject").fill(f"Your account for {group}")
    _send(office, f"Send {NUMBER} invitations")
    _done(office, f"{NUMBER} of {NUMBER}")
    mails = [stack.mail(address) for address in (ana, *others)]
    assert {mail["subject"] for mail in mails} == {f"Your account for {group}"}

    _join(home, mails[0]["text"], ana)
    _enrol(home, staff.call("GET", "/links").json["enrol"], title)

    _word_in_french(office, f"Rejoignez-nous {mark}")
    speaks("fr")
    _unsubscribe(home, mails[1]["text"].split()[-1])
    _ask(office, group)
    expect(office.get_by_label("Subject")).to_have_value(f"Rejoignez-nous {mark}")
    office.get_by_role("button", name="Continue").click()
    _tells_who_is_left_out(office, {ana: "has joined already", others[0]: "has unsubscribed"})
    office.get_by_role("button", name=f"Send {NUMBER - 2} invitations").click()
    _done(office, f"{NUMBER - 2} of {NUMBER - 2}")
    again = stack.mail(others[1], count=2)
    assert again["subject"] == f"Rejoignez-nous {mark}"
    assert "Bonjour Pupil 2, le tatami vous attend." in again["text"]
    assert [len(stack.mails(address)) for address in others[:2]] == [1, 2]


def _saved(addresses: list[str], group: str, to: Path) -> Path:
    with to.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["Name", "Email", "Groups"], *([f"Pupil {number}", address, group] for number, address in enumerate(addresses))]
        )
    return to


def _import(page: Page, file: Path) -> None:
    _customers(page, "Import CSV")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ready to import")
    page.get_by_role("button", name="Complete import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The import is done")


def _ask(page: Page, group: str) -> None:
    """Open the page for portal invitations and choose the group."""
    _customers(page, "Invite to the portal …")
    page.get_by_label("A group").check()
    page.get_by_label("Group", exact=True).select_option(label=f"{group} ({NUMBER})")


def _customers(page: Page, link: str) -> None:
    page.goto("/o/demo/customers")
    page.locator("summary", has_text="More about").click()
    page.get_by_role("link", name=link).click()


def _send(page: Page, button: str) -> None:
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=button).click()


def _done(page: Page, how_far: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Invitations to the portal")
    expect(page.get_by_role("status")).to_contain_text(f"Done: {how_far}")


def _join(page: Page, letter: str, address: str) -> None:
    page.goto(urlsplit(letter.splitlines()[0]).path)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("status")).to_contain_text("Your account is ready.")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Pupil 0")
    expect(page.get_by_text("Nothing is booked at the moment.")).to_be_visible()


def _enrol(page: Page, link: str, title: str) -> None:
    page.goto(link)
    page.get_by_label("Search").fill(title)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=title).click()
    page.get_by_label("Participant 1").fill("Kim")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are registered")
    page.get_by_role("link", name="My account").last.click()
    expect(page.get_by_role("link", name=title)).to_be_visible()


def _word_in_french(page: Page, subject: str) -> None:
    page.goto("/o/demo/templates")
    page.get_by_role("link", name="Invitation to the portal: Français", exact=True).click()
    page.get_by_label("Subject", exact=True).fill(subject)
    page.get_by_label("Text", exact=True).fill("Bonjour {{customer_name}}, le tatami vous attend.\n\n[Entrer]({{link}})")
    expect(page.locator("#shown")).to_contain_text("le tatami vous attend.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("from the next e-mail on")


def _unsubscribe(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")


def _tells_who_is_left_out(page: Page, reasons: dict[str, str]) -> None:
    page.get_by_text("Who they are").click()
    rows = page.get_by_role("row").filter(has_text="@")
    expect(rows).to_have_count(len(reasons))
    for address, reason in reasons.items():
        expect(rows.filter(has_text=address)).to_contain_text(reason)
