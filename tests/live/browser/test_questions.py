"""The public form in Chromium, at the width of a phone: two children with answers of their own, their ages, and a consent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live

PHONE, PLAIN_PHONE = Kind(width=390), Kind(width=390, javascript=False)
QUESTIONS = [
    {"id": "nuts", "label": "Allergies", "kind": "text", "required": True, "per": "participant"},
    {"id": "photos", "label": "You may take photos of my children.", "kind": "consent"},
]
SEVEN, THREE = (datetime.now(UTC).date() - timedelta(days=365 * years + 200) for years in (7, 3))


def child(page: Page, number: int, name: str, born: date, nuts: str) -> None:
    page.get_by_label(f"Participant {number}", exact=False).and_(page.get_by_role("textbox")).first.fill(name)
    about = page.get_by_role("group", name=f"Participant {number}")
    about.get_by_label("Date of birth").fill(born.isoformat())
    about.get_by_label("Allergies").fill(nuts)


def start(page: Page, session: str, email: str) -> None:
    page.goto(f"/p/demo/sessions/{session}")
    expect(page.get_by_text("Ages 6–9")).to_be_visible()
    page.get_by_label("Your name").fill("Ana Ortiz")
    page.get_by_label("Your e-mail").fill(email)


@pytest.mark.parametrize("kind", [PHONE, PLAIN_PHONE], ids=["with JavaScript", "without JavaScript"])
def test_two_children_are_registered_with_answers_ages_and_a_consent(window: Window, staff: Staff, kind: Kind) -> None:
    session = staff.session(spots=5, title="Circus", min_age=6, max_age=9, questions=QUESTIONS)
    page = window(kind)
    start(page, session, fresh("ana"))
    second = page.get_by_role("group", name="Participant 2")
    expect(second.get_by_label("Allergies")).to_be_hidden()
    child(page, 1, "Zoé", SEVEN, "none")
    child(page, 2, "Max", THREE, "milk")
    if kind.javascript:
        expect(page.get_by_label("How many spots?")).to_have_value("2")
    page.get_by_role("button", name="Register").click()

    fault = page.locator('[id="participants/1/date_of_birth:fault"]')
    expect(fault).to_have_text("Max is 3 on the first date. This session is for ages 6–9.")
    expect(page.get_by_role("alert")).to_contain_text("Tick the box to agree.")
    assert staff.spots(session)["taken"] == 0

    second.get_by_label("Date of birth").fill(SEVEN.isoformat())
    page.get_by_label("You may take photos of my children.").check()
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/b/**")

    (made,) = staff.call("GET", f"/sessions/{session}/roster").json["registrations"]
    assert [(one["name"], one["answers"], one["date_of_birth"]) for one in made["participants"]] == [
        ("Zoé", {"nuts": "none"}, SEVEN.isoformat()),
        ("Max", {"nuts": "milk"}, SEVEN.isoformat()),
    ]
    assert [consent["wording"] for consent in made["consents"]] == ["You may take photos of my children."]
