"""A waitlist in Chromium: two families wait, one party is too large for the freed spots, and both get their offers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

STAFF, FAMILY = Kind(), Kind(width=390, javascript=False)


@pytest.fixture
def in_strict_order(staff: Staff) -> Iterator[None]:
    yield
    assert staff.call("PATCH", "", {"waitlist": {"mode": "strict"}}).status == 200


def booked(staff: Staff, session: str, party_size: int) -> str:
    """Fill spots and return the page that removes the registration."""
    body = {"name": "Bo", "email": fresh("bo"), "participants": [{"name": "Kim"}], "party_size": party_size}
    reply = staff.stack.call("POST", f"/v1/portal/demo/sessions/{session}/registrations", body)
    assert reply.status == 201, reply.body
    return f"/o/demo/registrations/{reply.json['id']}/remove"


def join(family: Page, session: str, name: str, email: str, spots: int) -> None:
    family.goto(f"/p/demo/sessions/{session}")
    family.get_by_label("Your name").fill(name)
    family.get_by_label("Your e-mail").fill(email)
    family.get_by_label("How many spots?").fill(str(spots))
    family.get_by_role("button", name="Join the waitlist").click()


def removed(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("Its spots are free again")


def test_two_families_wait_for_a_full_session(window: Window, stack: Stack, staff: Staff, in_strict_order: None) -> None:
    session, ana, ben = staff.session(spots=3, title="Circus"), fresh("ana"), fresh("ben")
    two, one = booked(staff, session, 2), booked(staff, session, 1)
    family, waitlist = window(FAMILY), f"/o/demo/sessions/{session}/waitlist"
    for position, (name, email, spots) in enumerate([("Ana Ortiz", ana, 2), ("Ben Adams", ben, 1)], start=1):
        join(family, session, name, email, spots)
        expect(family.get_by_role("heading", level=1)).to_have_text(f"You are number {position} in line.")
    for email in (ana, ben):
        family.goto(stack.mail(email)["text"].splitlines()[0])
        family.get_by_role("button", name="Confirm my place").click()

    page = window(STAFF)
    sign_in(page)
    removed(page, one)
    page.goto(waitlist)
    expect(page.get_by_text("1 free spot is reserved for the first in line: the public sees the session as full.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=ana)).to_contain_text("Needs more spots than are free now.")
    expect(page.get_by_role("row").filter(has_text=ben)).to_contain_text("someone ahead is still waiting")

    page.get_by_role("link", name="Change how it works").click()
    page.get_by_label("Who gets the spots that become free").select_option(label="First party that fits")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    stack.run_schedules()
    assert "held for you" in stack.mail(ben, count=2)["text"]
    page.goto(waitlist)
    expect(page.get_by_role("row").filter(has_text=ben)).to_contain_text("Has an offer")
    expect(page.get_by_role("row").filter(has_text=ana)).to_contain_text("No spot is free.")

    removed(page, two)
    offer = stack.mail(ana, count=2)
    family.goto(stack.mails(ana)[-1]["text"].splitlines()[0])
    expect(family.get_by_role("heading", level=1)).to_have_text("There is room for you")
    family.goto(offer["text"].splitlines()[0])
    family.get_by_label("Your name").fill("Ana Ortiz")
    family.get_by_label("Your e-mail").fill(ana)
    for number, child in enumerate(("Zoé", "Lou"), start=1):
        family.get_by_label(f"Participant {number}").fill(child)
    family.get_by_role("button", name="Register").click()
    expect(family.get_by_role("heading", level=1)).to_have_text("You are registered")

    page.goto(f"/o/demo/sessions/{session}")
    expect(page.get_by_role("row").filter(has_text=ana)).to_contain_text("Zoé and Lou")
    stack.run_schedules()
    page.goto(waitlist)
    page.get_by_text("1 waits no more").click()
    expect(page.get_by_role("listitem").filter(has_text=ana)).to_contain_text("accepted")
    page.goto("/o/demo/notifications")
    page.get_by_role("button", name="Unread: Ana Ortiz joined the waitlist of Circus.").click()
    page.wait_for_url(f"**{waitlist}")
