"""A provider's week in Chromium: the agenda by keyboard; attendance at the door, the sheet, payment, a bulk invitation, in French."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib import i18n
from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.languages import speaking
from tests.live.http.conftest import Staff, in_days
from tests.live.stack import eventually

pytestmark = pytest.mark.live

Window = Callable[..., Page]


def begun(staff: Staff, title: str, *children: str) -> tuple[str, dict[str, Any]]:
    """Create a session that has just begun, with a family on it; return the path of its date and the registration."""
    meetings = [{"starts_at": in_days(-0.01), "ends_at": in_days(0.05)}]
    questions = [{"label": "Allergies", "kind": "text", "at_door": True}]
    session = staff.session(title=title, meetings=meetings, questions=questions)
    family = {"new_customer": {"name": "Ana Ortiz", "email": f"ana-{uuid.uuid4().hex[:8]}@example.org"}}
    people = [{"name": child} for child in children]
    added = staff.call("POST", f"/sessions/{session}/registrations", {**family, "participants": people, "answers": {"q1": "Nuts"}})
    assert added.status == 201, added.body
    return f"/o/demo/sessions/{session}/meetings/m1", added.json


def counts(staff: Staff, date: str) -> dict[str, int]:
    session = date.split("/")[4]
    found: dict[str, int] = staff.call("GET", f"/sessions/{session}/meetings/m1/attendance").json["counts"]
    return found


def test_attendance_outlasts_a_lost_connection(window: Window, staff: Staff, look: Callable[..., list[str]]) -> None:
    date, _ = begun(staff, "Judo", "Zoé", "Bo", "Mia")
    page = window(Kind(width=390))
    with speaking(page, "fr") as say:
        page.goto(date)
        assert look(page) == []
        page.context.set_offline(True)
        page.get_by_role("button", name=f"{say('Present')} Zoé").tap()
        expect(page.get_by_role("button", name=f"{say('Present')} Zoé")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_role("status")).to_contain_text(say("No connection. Your marks are kept on this device and sent later."))
        page.get_by_text(say("Late, absent, excused or a note for %(name)s") % {"name": "Bo"}).locator("..").tap()
        page.get_by_role("button", name=say("Late"), exact=True).tap()
        expect(page.locator("[data-count=late] b")).to_have_text("1")
        assert counts(staff, date)["expected"] == 3
        page.context.set_offline(False)
        expect(page.get_by_role("status")).to_contain_text(say("All marks saved."))
        page.get_by_role("button", name=say("Mark all present")).tap()
        expect(page.locator("[data-count=present] b")).to_have_text("2")
        eventually(lambda: counts(staff, date) == {"expected": 0, "present": 2, "late": 1, "absent": 0, "excused": 0} or None)
        page.reload()
        expect(page.locator("[data-status=late]")).to_contain_text("Bo")


def test_a_code_checks_in_for_staff_and_tells_a_stranger_nothing(window: Window, staff: Staff) -> None:
    date, registration = begun(staff, "Circus", "Zoé", "Bo")
    code = f"/o/demo/check-in/{registration['check_in']}"
    stranger = window(Kind(width=390))
    stranger.goto(code)
    expect(stranger.get_by_role("main").get_by_role("link", name="My account")).to_be_visible()
    expect(stranger.get_by_role("button", name="Check in")).to_have_count(0)
    assert "Ana" not in stranger.content()
    assert counts(staff, date)["expected"] == 2
    page = window(Kind(width=390))
    with speaking(page, "fr") as say:
        page.goto(code)
        expect(page.get_by_role("heading", name="Zoé")).to_contain_text("Bo")
        expect(page.get_by_text("Nuts")).to_be_visible()
        expect(page.get_by_text("25,00 €")).to_be_visible()
        page.goto(code)
        expect(page.get_by_text(say("Already checked in since %(moment)s").partition("%")[0].strip())).to_be_visible()
        assert counts(staff, date)["present"] == 2


def test_the_sheet_is_printed_without_what_surrounds_it(window: Window, staff: Staff) -> None:
    date, _ = begun(staff, "Choir", "Zoé", "Bo")
    page = window()
    with speaking(page, "fr") as say:
        page.goto(date)
        page.locator("summary", has_text=say("More")).click()
        page.get_by_role("link", name=say("Sign-in sheet")).click()
        expect(page.get_by_role("row")).to_have_count(3)
        page.emulate_media(media="print")
        expect(page.get_by_role("row", name="Zoé")).to_contain_text("Nuts")
        printed = page.get_by_text(say("Print this page with your browser."))
        for hidden in (page.get_by_role("navigation", name=say("Main menu")), page.locator("header"), printed):
            expect(hidden).to_be_hidden()
        page.emulate_media(media="screen")


def test_the_roster_of_last_term_is_invited(window: Window, staff: Staff) -> None:
    term = uuid.uuid4().hex[:6]
    last, session = staff.session(title=f"Winter {term}", spots=8), staff.session(title=f"Spring {term}", spots=8)
    for child in ("Zoé", "Bo"):
        family = {"new_customer": {"name": "Ana", "email": f"{child.encode().hex()}-{term}@example.org"}, "participants": [{"name": child}]}
        assert staff.call("POST", f"/sessions/{last}/registrations", family).status == 201
    page, count = window(), i18n.translation("fr").ngettext
    with speaking(page, "fr") as say:
        page.goto(f"/o/demo/sessions/{session}")
        page.locator("summary", has_text=say("More")).first.press("Enter")
        page.get_by_role("link", name=say("Invite several")).press("Enter")
        page.get_by_label(say("The roster of another session")).check()
        page.get_by_label(say("Session"), exact=True).select_option(last)
        page.get_by_role("button", name=say("Continue")).press("Enter")
        expect(page.get_by_role("heading", name=count("Invite %(num)d person?", "Invite %(num)d people?", 2) % {"num": 2})).to_be_visible()
        assert staff.spots(session)["held"] == 0
        page.get_by_role("button", name=count("Send %(num)d invitation", "Send %(num)d invitations", 2) % {"num": 2}).press("Enter")
        expect(page.get_by_role("status")).to_contain_text(say("%(done)s of %(total)s") % {"done": 2, "total": 2})
        assert staff.spots(session)["held"] == 2


def test_somebody_is_marked_as_paid_from_the_list(window: Window, staff: Staff) -> None:
    date, registration = begun(staff, "Pottery", "Zoé", "Bo")
    page = window()

    def billing() -> str:
        return str(staff.call("GET", f"/registrations/{registration['id']}").json["billing"]["status"])

    with speaking(page, "fr") as say:
        page.goto(date.partition("/meetings/")[0])
        page.locator('input[name^="to/"]').first.press("Space")
        page.get_by_role("button", name=say("Mark paid"), exact=True).last.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=say("Mark paid")).press("Enter")
        page.get_by_role("button", name=say("Undo")).wait_for()
        assert billing() == "paid"
        page.get_by_role("button", name=say("Undo")).press("Enter")
        expect(page.get_by_role("button", name=say("Undo"))).to_have_count(0)
        assert billing() == "unpaid"


def test_a_report_is_read_as_a_picture_and_as_a_table(window: Window, staff: Staff, look: Callable[..., list[str]]) -> None:
    title = f"Chess {uuid.uuid4().hex[:6]}"
    begun(staff, title, "Zoé", "Bo")
    page = window()

    def shown() -> bool | None:
        page.goto(f"/o/demo/reports/occupancy?by=session&to={(datetime.now(UTC) + timedelta(days=2)).date()}")
        return page.get_by_role("row", name=title).count() == 1 or None

    with speaking(page, "fr"):
        eventually(shown)
        expect(page.get_by_role("row", name=title)).to_contain_text("2")
        expect(page.locator("section.report svg")).to_be_visible()
        assert look(page) == []


def test_the_agenda_goes_by_keyboard_through_its_four_views(window: Window, look: Callable[..., list[str]]) -> None:
    page = window()
    sign_in(page)
    this_week = page.locator(".agenda h2 a").first.get_attribute("href")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**date=*")
    assert page.locator(".agenda h2 a").first.get_attribute("href") != this_week
    page.keyboard.press("t")
    expect(page.locator("[aria-current=date]")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[aria-current=date]")).to_have_count(0)
    for view in ("Day", "Week", "Month", "List"):
        page.get_by_role("link", name=view, exact=True).press("Enter")
        expect(page.get_by_role("link", name=view, exact=True)).to_have_attribute("aria-current", "page")
        assert look(page) == []


def test_the_address_of_the_calendar_is_copied_and_renewed(window: Window, staff: Staff, look: Callable[..., list[str]]) -> None:
    page = window()
    sign_in(page)
    page.get_by_text("Your account").locator("..").press("Enter")
    page.get_by_role("link", name="Your calendar").press("Enter")
    page.get_by_role("link", name="Copy the address").press("Enter")
    expect(page.get_by_text("Address copied").first).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    path = copied.removeprefix(staff.stack.url)
    assert staff.stack.call("GET", path).body.startswith(b"BEGIN:VCALENDAR")
    assert look(page) == []
    page.get_by_text("Somebody else has the address?").press("Enter")
    page.get_by_role("button", name="New address").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your calendar has a new address.")
    assert staff.stack.call("GET", path).status == 404
