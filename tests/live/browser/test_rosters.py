"""Rosters as providers run them, by hand in Chromium."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff, in_days
from tests.live.http.test_rosters import ordered
from tests.live.stack import eventually

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


def registration_of(page: Page, own: str) -> None:
    page.goto(f"/o/demo/registrations/{own}")


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_known_is_found_and_added_and_then_somebody_new(kind: Kind, window: Window, staff: Staff) -> None:
    surname = f"Q{uuid.uuid4().hex[:8]}"
    elsewhere, session = staff.session(), staff.session(spots=5, title="Fencing")
    added(staff, elsewhere, f"Ines {surname}")
    eventually(lambda: staff.call("GET", f"/customers?q={surname}").json["items"] or None, within=20)
    page = window(kind)
    sign_in(page)
    page.goto(f"/o/demo/sessions/{session}/add")
    page.get_by_label("Somebody you know").fill(surname[:5])
    if not kind.javascript:
        page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=f"Ines {surname}").click()
    expect(page.get_by_label("Participant 1")).to_have_value(f"Ines {surname}’s child")
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_role("status")).to_contain_text("They are on the roster.")
    page.get_by_label("Name", exact=True).fill("Noor Aziz")
    page.get_by_label("E-mail", exact=True).fill(fresh("noor"))
    page.get_by_label("Participant 1").fill("Sami")
    page.get_by_label("Participant 2").fill("Lea")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row").filter(has_text=f"Ines {surname}")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Noor Aziz")).to_contain_text("for Sami and Lea")
    expect(page.get_by_role("img", name="3 taken, 0 held, 0 extra, 2 free, of 5")).to_be_visible()


def test_a_form_with_mistakes_says_all_of_them_and_keeps_what_was_typed(window: Window, staff: Staff) -> None:
    page = window()
    sign_in(page)
    page.goto(f"/o/demo/sessions/{staff.session()}/add")
    page.get_by_label("Name", exact=True).fill("Noor Aziz")
    page.get_by_label("E-mail", exact=True).fill("noor")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("2 things need another look.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Noor Aziz")


@pytest.mark.parametrize("kind", KINDS)
def test_a_party_of_three_becomes_two_and_keeps_its_size_once_paid(kind: Kind, window: Window, staff: Staff) -> None:
    session = staff.session(spots=4)
    own = added(staff, session, "Mina Roy", party_size=3)
    page = window(kind)
    sign_in(page)
    registration_of(page, own)
    page.get_by_role("link", name="Change the party").click()
    page.get_by_label("Party size").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 spots")).to_be_visible()
    page.get_by_role("link", name="Billing").click()
    page.get_by_label("Status").select_option("paid")
    page.get_by_label("Note").fill("cash at the door")
    page.get_by_role("button", name="Set the status").click()
    page.get_by_text("History of the billing").click()
    expect(page.get_by_text("cash at the door")).to_be_visible()
    page.get_by_role("link", name="Change the party").click()
    page.get_by_label("Party size").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("This registration is paid, so its number of spots stays.")
    assert staff.spots(session)["taken"] == 2


def test_growing_beyond_a_full_session_asks_first(window: Window, staff: Staff) -> None:
    session = staff.session(spots=1)
    own = added(staff, session, "Mina Roy")
    page = window()
    sign_in(page)
    page.goto(f"/o/demo/registrations/{own}/party")
    page.get_by_label("Party size").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("This session is full. Add them anyway?")
    page.get_by_role("button", name="Add anyway").click()
    expect(page.get_by_text("2 spots, 1 of them extra")).to_be_visible()


def test_payments_lead_to_paid(window: Window, staff: Staff) -> None:
    own = added(staff, staff.session(), "Mina Roy", party_size=2)
    page = window()
    sign_in(page)
    for amount, status in (("10,00", "partly paid"), ("15", "paid")):
        page.goto(f"/o/demo/registrations/{own}/billing")
        page.get_by_label("Amount in EUR").fill(amount)
        page.get_by_role("button", name="Note the payment").click()
        expect(page.locator("dl.facts")).to_contain_text(status)
    eventually(lambda: ordered(staff, own, "paid"), within=20)
    page.goto("/o/demo/orders?status=paid")
    expect(page.get_by_role("row").filter(has_text="Mina Roy").first).to_contain_text("paid")


def test_answers_are_given_by_staff_and_read(window: Window, staff: Staff) -> None:
    questions = [{"label": "Can swim?", "kind": "yes_no", "required": True}, {"label": "Shirt", "kind": "choice", "options": ["S", "M"]}]
    session = staff.session(questions=questions)
    page = window()
    sign_in(page)
    page.goto(f"/o/demo/sessions/{session}/add")
    page.get_by_label("Name", exact=True).fill("Ida Berg")
    page.get_by_label("E-mail", exact=True).fill(fresh("ida"))
    page.get_by_label("Participant 1").fill("Olle")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Please answer this question.")
    page.get_by_label("Can swim?").select_option("yes")
    page.get_by_label("Shirt").select_option("M")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Ida Berg").click()
    expect(page.locator("dl.facts")).to_contain_text("Can swim?yes")
    expect(page.locator("dl.facts")).to_contain_text("ShirtM")


@pytest.mark.parametrize("kind", KINDS)
def test_a_registration_moves_to_another_session(kind: Kind, window: Window, staff: Staff) -> None:
    title = f"Chess {uuid.uuid4().hex[:8]}"
    here, there = staff.session(spots=2), staff.session(spots=3, title=title, meetings=[{"starts_at": in_days(1), "ends_at": in_days(1.1)}])
    own = added(staff, here, "Theo Blanc", party_size=2)
    page = window(kind)
    sign_in(page)
    registration_of(page, own)
    page.get_by_role("link", name="Move to another session").click()
    page.get_by_label(title).check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
    assert (staff.spots(here)["taken"], staff.spots(there)["taken"]) == (0, 2)


def test_removing_in_the_middle_of_a_course_keeps_past_dates(window: Window, staff: Staff) -> None:
    meetings = [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (-2, 3, 10)]
    session = staff.session(meetings=meetings, spots=2)
    own = added(staff, session, "Lia Costa")
    page = window()
    sign_in(page)
    page.goto(f"/o/demo/registrations/{own}/remove")
    expect(page.get_by_text("They are off the 2 dates still to come; on past dates they stay.")).to_be_visible()
    roster_of(page, session)
    for place, there in ((1, False), (2, True)):
        page.get_by_label("Who comes on").select_option(index=place)
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("row").filter(has_text="Lia Costa")).to_have_count(int(there))
    page.goto(f"/o/demo/registrations/{own}/remove")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("off the roster")
    assert staff.spots(session)["free"] == 2


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
