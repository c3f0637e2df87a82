"""The main journey in Chromium: from the roster page to the e-mail and back to the roster."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

Window = Callable[..., Page]
PARENT = {
    "en": ("Your name", "Your e-mail", "Participant", "Register", "You are registered"),
    "fr": ("Votre nom", "Votre e-mail", "Participant", "S’inscrire", "Inscription confirmée"),
}
KINDS = [
    pytest.param(Kind(), id="desktop"),
    pytest.param(Kind(javascript=False), id="desktop without JavaScript"),
    pytest.param(Kind(width=390), id="phone"),
    pytest.param(Kind(width=390, language="fr-FR"), id="phone in French"),
    pytest.param(Kind(width=390, javascript=False, language="fr-FR"), id="phone in French without JavaScript"),
]


def fresh(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.org"


def add(page: Page, email: str, **more: str) -> None:
    """Add a participant: in a dialog, or on a page of its own without JavaScript."""
    page.get_by_role("link", name="Add participant").first.click()
    form = page.locator("form.invite:visible")
    form.get_by_label("E-mail").fill(email)
    for label, value in more.items():
        form.get_by_label(label.replace("_", " ")).fill(value)
    form.get_by_role("button", name="Send invite").click()


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_roster_to_the_mail_to_the_roster(kind: Kind, window: Window, stack: Stack, staff: Staff) -> None:
    session, ana = staff.session(spots=3, title="Judo"), fresh("ana")
    page = window(replace(kind, language="en-GB"))  # Staff read English here, whatever the family reads.
    sign_in(page, f"/o/demo/sessions/{session}")
    add(page, ana, Group_of="1")
    expect(page.get_by_role("status")).to_contain_text("its spots are held")
    row = page.get_by_role("row").filter(has_text=ana)
    expect(row).to_contain_text("Held")
    expect(page.get_by_role("img", name="0 taken, 1 held, 0 extra, 2 free, of 3")).to_be_visible()

    link = stack.mail(ana)["text"].splitlines()[0]
    name, email, participant, register, done = PARENT[kind.language[:2]]
    parent = window(kind)
    parent.goto(link)
    parent.get_by_label(name).fill("Ana Ortiz")
    parent.get_by_label(email).fill(ana)
    parent.get_by_label(participant).fill("Zoé Ortiz")
    parent.get_by_role("button", name=register).click()
    expect(parent.get_by_role("heading", level=1)).to_have_text(done)
    expect(parent.locator("html")).to_have_attribute("lang", kind.language[:2])

    page.reload()
    expect(page.get_by_role("row").filter(has_text="Zoé Ortiz")).to_be_visible()
    expect(page.get_by_role("img", name="1 taken, 0 held, 0 extra, 2 free, of 3")).to_be_visible()


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[1], KINDS[2]])
def test_a_full_session_asks_where_the_form_is(kind: Kind, window: Window, staff: Staff) -> None:
    session, ana = staff.session(spots=1), fresh("ana")
    page = window(kind)
    sign_in(page, f"/o/demo/sessions/{session}")
    add(page, ana, Group_of="2")
    question = page.get_by_role("alert")
    expect(question).to_contain_text("Only 1 spot is free, and this party needs 2. Invite them anyway?")
    if kind.javascript:
        expect(page.locator("dialog[open]")).to_be_visible()
        expect(question).to_be_focused()
    page.get_by_role("button", name="Invite anyway").click()
    expect(page.get_by_role("row").filter(has_text=ana)).to_contain_text("2 extra")


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[1]])
def test_mistakes_come_back_where_the_form_is(kind: Kind, window: Window, staff: Staff) -> None:
    page = window(kind)
    sign_in(page, f"/o/demo/sessions/{staff.session()}")
    add(page, "ana", Group_of="0")
    expect(page.get_by_text("Please fix 2 fields.")).to_be_visible()
    form = page.locator("form.invite:visible")
    expect(form.get_by_label("E-mail")).to_have_value("ana")
    expect(form.get_by_label("E-mail")).to_have_accessible_description(re.compile("not an e-mail address"))
    form.get_by_label("E-mail").fill(fresh("ana"))
    form.get_by_label("Group of").fill("1")
    form.get_by_role("button", name="Send invite").click()
    expect(page.get_by_role("status")).to_contain_text("its spots are held")


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[1], KINDS[2]])
def test_destructive_actions_ask_for_confirmation(kind: Kind, window: Window, staff: Staff) -> None:
    session, ana = staff.session(), fresh("ana")
    staff.invite(session, ana)
    page = window(kind)
    sign_in(page, f"/o/demo/sessions/{session}")
    row = page.get_by_role("row").filter(has_text=ana)
    row.locator("summary").click()
    row.get_by_role("link", name="Cancel the invitation …").click()
    expect(page.get_by_text("1 spot is free again at once.")).to_be_visible()
    assert staff.spots(session)["held"] == 1
    page.get_by_role("button", name="Cancel the invitation").click()
    expect(page.get_by_role("status")).to_contain_text("is cancelled")
    assert staff.spots(session)["held"] == 0
    page.get_by_role("link", name="Invitations").click()
    row = page.get_by_role("row").filter(has_text=ana)
    row.locator("summary").click()
    row.get_by_role("button", name="Revive").click()
    expect(page.get_by_role("status")).to_contain_text("revived")


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[1], KINDS[2]])
def test_a_course_is_made_by_adding_rows(kind: Kind, window: Window, staff: Staff) -> None:
    page = window(kind)
    sign_in(page)
    page.get_by_role("link", name="New session", exact=True).click()
    page.get_by_label("Title").fill("Chess")
    page.locator("[id='meetings/0/starts_at']").fill("2040-03-06T16:00")
    page.locator("[id='meetings/0/ends_at']").fill("2040-03-06T17:30")
    page.get_by_role("button", name="Add a date").click()
    second = page.locator("[id='meetings/1/starts_at']")
    if kind.javascript:
        expect(second).to_have_value("2040-03-13T16:00")
        expect(second).to_be_focused()
    else:
        second.fill("2040-03-13T16:00")
        page.locator("[id='meetings/1/ends_at']").fill("2040-03-13T17:30")
    page.get_by_label("Spots").fill("8")
    page.get_by_label("Amount (EUR)").fill("12,50")
    page.get_by_role("button", name="Add a question").click()
    page.locator("[id='questions/0/label']").fill("Age")
    page.get_by_role("button", name="Create the session").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chess")
    page.get_by_text("2 dates").click()
    expect(page.get_by_text(re.compile(r"Tue\s13\sMar\s2040, 16:00"))).to_be_visible()
    made = staff.call("GET", f"/sessions/{page.url.partition('?')[0].rpartition('/')[2]}").json
    assert [meeting["starts_at"] for meeting in made["meetings"]] == ["2040-03-06T15:00:00Z", "2040-03-13T15:00:00Z"]
    assert made["tiers"][0]["price"] == {"amount": 1250, "currency": "EUR"}


def test_with_the_keyboard_alone(window: Window, staff: Staff) -> None:
    session, ana = staff.session(), fresh("ana")
    page = window()
    page.goto("/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type("owner@demo.test")
    page.keyboard.press("Tab")
    page.keyboard.type("demo-Passw0rd!")
    page.keyboard.press("Enter")
    page.wait_for_url("**/o/demo")
    page.goto(f"/o/demo/sessions/{session}")
    tab_to(page, "Add participant")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]").get_by_label("E-mail")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("link", name="Add participant").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type(ana)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("its spots are held")
    tab_to(page, f"Actions for {ana}")
    page.keyboard.press("Enter")
    tab_to(page, "Copy link", most=2)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Copy link")).to_be_hidden()
    assert focused(page) == f"Actions for {ana}"


def tab_to(page: Page, words: str, *, most: int = 40) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in focused(page):
            return
    raise AssertionError(f"{words} is out of the keyboard's reach")


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.innerText.replace(/[⋯+]/g, '').trim()")
    return text
