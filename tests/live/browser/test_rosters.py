"""Rosters in Chromium, as staff manage them."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff, in_days
from tests.live.http.test_rosters import ordered
from tests.live.stack import Stack, eventually

pytestmark = pytest.mark.live

KINDS = [
    pytest.param(Kind(), id="desktop"),
    pytest.param(Kind(width=390), id="phone"),
    pytest.param(Kind(javascript=False), id="without JavaScript"),
]


def added(staff: Staff, session: str, name: str, **more: object) -> str:
    body = {"new_customer": {"name": name, "email": fresh("by-hand")}, "participants": [{"name": f"{name}’s child"}], **more}
    made = staff.call("POST", f"/sessions/{session}/registrations", body)
    assert made.status == 201, made.body
    return str(made.json["id"])


def roster_of(page: Page, session: str) -> None:
    page.goto(f"/o/demo/sessions/{session}")


def registration_of(page: Page, id: str) -> None:
    page.goto(f"/o/demo/registrations/{id}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_customer_and_then_a_new_one_is_added(kind: Kind, window: Window, staff: Staff) -> None:
    surname = f"Q{uuid.uuid4().hex[:8]}"
    later = [{"starts_at": in_days(12), "ends_at": in_days(12.05)}]
    elsewhere, session = staff.session(meetings=later), staff.session(spots=5, title="Fencing")
    added(staff, elsewhere, f"Ines {surname}")
    eventually(lambda: staff.call("GET", f"/customers?q={surname}").json["items"] or None)
    page = window(kind)
    sign_in(page, f"/o/demo/sessions/{session}/add")
    page.get_by_label("Group of").fill("1")
    page.get_by_label("Name", exact=True).fill(surname[:5])
    if not kind.javascript:
        page.get_by_role("button", name="Find a customer").click()
    page.get_by_role("button", name=f"Ines {surname}").click()
    expect(page.get_by_label(f"Ines {surname}’s child")).to_be_checked()
    expect(page.get_by_label("Group of")).to_have_value("1")
    page.get_by_role("button", name="Save & add another").click()
    expect(page.get_by_role("status")).to_contain_text("Participant added.")
    page.get_by_label("Name", exact=True).fill("Noor Aziz")
    page.get_by_label("E-mail", exact=True).fill(fresh("noor"))
    page.get_by_label("Participant 1").fill("Sami")
    page.get_by_role("button", name="Add another name").click()
    page.locator("[id='participants/1/name']").fill("Lea")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row").filter(has_text=f"Ines {surname}")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Noor Aziz")).to_contain_text("Sami and Lea")
    expect(page.get_by_role("img", name="3 taken, 0 held, 0 extra, 2 free, of 5")).to_be_visible()


def test_a_form_with_faults_shows_all_of_them_and_keeps_the_input(window: Window, staff: Staff) -> None:
    page = window()
    sign_in(page, f"/o/demo/sessions/{staff.session()}/add")
    page.get_by_label("Name", exact=True).fill("Noor Aziz")
    page.get_by_label("E-mail", exact=True).fill("noor")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Please fix 2 fields.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Noor Aziz")


@pytest.mark.parametrize("kind", KINDS)
def test_a_party_of_three_becomes_two_and_keeps_its_size_once_paid(kind: Kind, window: Window, staff: Staff) -> None:
    session = staff.session(spots=4)
    id = added(staff, session, "Mina Roy", party_size=3)
    page = window(kind)
    sign_in(page)
    registration_of(page, id)
    page.get_by_role("link", name="Edit participants").click()
    page.get_by_label("Group of").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 spots")).to_be_visible()
    page.get_by_role("link", name="Record a payment").click()
    page.get_by_label("Status").select_option("paid")
    page.get_by_label("Note").fill("cash at the door")
    page.get_by_role("button", name="Set the status").click()
    expect(page.get_by_text("cash at the door")).to_be_visible()
    page.get_by_role("link", name="Edit participants").click()
    page.get_by_label("Group of").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("This registration is paid, so its number of spots stays.")
    assert staff.spots(session)["taken"] == 2


def test_growing_beyond_a_full_session_asks_first(window: Window, staff: Staff) -> None:
    session = staff.session(spots=1)
    id = added(staff, session, "Mina Roy")
    page = window()
    sign_in(page, f"/o/demo/registrations/{id}/party")
    page.get_by_label("Group of").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("This session is full. Add them anyway?")
    page.get_by_role("button", name="Add anyway").click()
    expect(page.get_by_text("2 spots, 1 of them extra")).to_be_visible()


def test_payments_lead_to_paid(window: Window, staff: Staff) -> None:
    id = added(staff, staff.session(), "Mina Roy", party_size=2)
    page = window()
    sign_in(page)
    for amount, status in (("10,00", "partly paid"), ("15", "paid")):
        page.goto(f"/o/demo/registrations/{id}/billing")
        page.get_by_label("Amount in EUR").fill(amount)
        page.get_by_role("button", name="Save payment").click()
        expect(page.locator("dl.facts")).to_contain_text(status)
    eventually(lambda: ordered(staff, id, "paid"))
    page.goto("/o/demo/orders?status=paid")
    expect(page.get_by_role("row").filter(has_text="Mina Roy").first).to_contain_text("paid")


def test_answers_are_given_by_staff_and_read(window: Window, staff: Staff) -> None:
    questions = [{"label": "Can swim?", "kind": "yes_no", "required": True}, {"label": "Shirt", "kind": "choice", "options": ["S", "M"]}]
    session = staff.session(questions=questions)
    page = window()
    sign_in(page, f"/o/demo/sessions/{session}/add")
    page.get_by_label("Name", exact=True).fill("Ida Berg")
    page.get_by_label("E-mail", exact=True).fill(fresh("ida"))
    page.get_by_label("Participant 1").fill("Olle")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Please answer this question.")
    page.get_by_label("Can swim?").select_option("yes")
    page.get_by_label("Shirt").select_option("M")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Olle", exact=True).click()
    expect(page.locator("dl.facts")).to_contain_text("Can swim?yes")
    expect(page.locator("dl.facts")).to_contain_text("ShirtM")


@pytest.mark.parametrize("kind", KINDS)
def test_a_registration_moves_to_another_session(kind: Kind, window: Window, staff: Staff, stack: Stack) -> None:
    title = f"Chess {uuid.uuid4().hex[:8]}"
    here, there = staff.session(spots=2), staff.session(spots=3, title=title, meetings=[{"starts_at": in_days(1), "ends_at": in_days(1.1)}])
    id = added(staff, here, "Theo Blanc", party_size=2)
    page = window(kind)
    sign_in(page)
    registration_of(page, id)
    page.get_by_role("link", name="Move to another session").click()
    page.get_by_label(title).check()
    email = staff.call("GET", f"/registrations/{id}").json["email"]
    expect(page.get_by_label(f"Tell {email} by e-mail")).to_be_checked()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
    assert stack.mail(email)["subject"] == f"Your registration has moved: {title}"
    assert (staff.spots(here)["taken"], staff.spots(there)["taken"]) == (0, 2)


def test_removing_in_the_middle_of_a_course_keeps_past_dates(window: Window, staff: Staff, stack: Stack) -> None:
    meetings = [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (-2, 3, 10)]
    session = staff.session(meetings=meetings, spots=2)
    id = added(staff, session, "Lia Costa")
    email = staff.call("GET", f"/registrations/{id}").json["email"]
    page = window()
    sign_in(page, f"/o/demo/registrations/{id}/remove")
    expect(page.get_by_text("Removes them from the 2 upcoming dates. Past dates are kept.")).to_be_visible()
    roster_of(page, session)
    for index, there in ((1, False), (2, True)):
        with page.expect_navigation():
            page.get_by_label("Date", exact=True).select_option(index=index)
        expect(page.get_by_role("row").filter(has_text="Lia Costa")).to_have_count(int(there))
    page.goto(f"/o/demo/registrations/{id}/remove")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("Registration removed")
    assert staff.spots(session)["free"] == 2
    assert stack.mail(email)["subject"].startswith("No longer registered")


def test_the_roster_is_downloaded(window: Window, staff: Staff) -> None:
    session = staff.session()
    added(staff, session, "=SUM(A1)")
    page = window()
    sign_in(page)
    roster_of(page, session)
    page.get_by_text("More about this session").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the roster").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "'=SUM(A1)" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_that_e_mails_people_says_how_many_first(kind: Kind, window: Window, staff: Staff, stack: Stack) -> None:
    session = staff.session()
    told, _ = (staff.call("GET", f"/registrations/{added(staff, session, name)}").json["email"] for name in ("Ada", "Ben"))
    page = window(kind)
    sign_in(page)
    for location, silently in (("Gym", True), ("Hall", False)):
        page.goto(f"/o/demo/sessions/{session}/edit")
        page.get_by_label("Where").fill(location)
        page.get_by_role("button", name="Save").last.click()
        question = page.get_by_role("alert")
        expect(question).to_contain_text("2 people get an e-mail about the new date or place.")
        if silently:
            question.get_by_label("Tell everybody by e-mail").uncheck()
        question.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Saved.")
    mail = stack.mail(told)
    assert mail["subject"].startswith("New date or place")
    assert "Hall" in mail["text"]
    assert len(stack.mails(told)) == 1, "nobody is told of the silent change"


def test_a_roster_is_worked_through_on_a_phone_and_by_keyboard(window: Window, staff: Staff, stack: Stack) -> None:
    title = f"Chess {uuid.uuid4().hex[:8]}"
    here, there = staff.session(spots=6), staff.session(spots=1, title=title)
    names = ("Ada", "Ben", "Cleo")
    emails = [staff.call("GET", f"/registrations/{added(staff, here, name)}").json["email"] for name in names]
    page = window(Kind(width=390))
    sign_in(page)
    roster_of(page, here)
    page.get_by_role("link", name="Add participants").first.click()
    page.get_by_role("link", name="Add now").click()
    sheet = page.locator("dialog[open]")
    sheet.get_by_label("Name", exact=True).fill("Noor Aziz")
    sheet.get_by_label("E-mail", exact=True).fill(fresh("noor"))
    sheet.get_by_label("Participant 1").fill("Sami")
    sheet.get_by_label("Already paid").check()
    sheet.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="Sami")).to_contain_text("paid")
    _mark_one_as_paid_and_undo_it(page)
    for name in names:
        page.get_by_label(f"Select {name}’s child").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Mark paid", exact=True).last.press("Enter")
    expect(sheet).to_contain_text("Mark 3 registrations as paid?")
    sheet.get_by_role("button", name="Mark paid").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 registrations marked as paid.")
    for name in names[:2]:
        page.get_by_label(f"Select {name}’s child").press("Space")
    page.get_by_role("button", name="Move", exact=True).press("Enter")
    sheet.get_by_label("Search sessions").fill(title)
    sheet.get_by_role("button", name="Search").press("Enter")
    sheet.get_by_label(title).press("Space")
    sheet.get_by_role("button", name="Move", exact=True).press("Enter")
    expect(sheet).to_contain_text("1 of 2 done")
    expect(sheet.get_by_role("listitem")).to_contain_text("Ben’s child")
    sheet.get_by_role("link", name="Back to the roster").press("Enter")
    page.get_by_label("Select Ben’s child").press("Space")
    page.get_by_role("button", name="Remove", exact=True).press("Enter")
    sheet.get_by_role("button", name="Remove", exact=True).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 registration removed.")
    assert (staff.spots(here)["taken"], staff.spots(there)["taken"]) == (2, 1)
    assert stack.mail(emails[0])["subject"] == f"Your registration has moved: {title}"
    assert stack.mail(emails[1])["subject"].startswith("No longer registered")


def _mark_one_as_paid_and_undo_it(page: Page) -> None:
    """Mark the first unpaid row as paid from its menu: the page stays the roster's, and the undo brings the row back."""
    row = page.get_by_role("row").filter(has_text="Ada’s child")
    row.locator("summary").click()
    row.get_by_role("button", name="Mark paid").click()
    expect(page.get_by_role("status")).to_contain_text("1 registration marked as paid.")
    expect(row.locator(".badge")).to_have_text("paid")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone")
    expect(row.locator(".badge")).to_have_text("unpaid")
