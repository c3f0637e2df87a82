"""Discount codes in Chromium, as staff create them and a family uses them."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live


def filled(page: Page, email: str, *children: str, code: str = "") -> None:
    page.get_by_label("Your name").fill("Ana Ortiz")
    page.get_by_label("Your e-mail").fill(email)
    for number, child in enumerate(children):
        page.locator(f"[name='participants/{number}/name']").fill(child)
    if page.get_by_label("How many spots?").count():
        page.get_by_label("How many spots?").fill(str(len(children)))
    if code:
        page.get_by_label("Discount code").fill(code)
        page.get_by_label("Discount code").press("Tab")


@pytest.mark.parametrize("kind", [pytest.param(Kind(width=390), id="phone"), pytest.param(Kind(javascript=False), id="without JavaScript")])
def test_an_invitation_with_a_discount_two_siblings_and_a_used_up_code(
    kind: Kind, window: Window, staff: Staff, look: Callable[..., list[str]]
) -> None:
    code, session = f"Spring-{uuid.uuid4().hex[:6]}", staff.session(spots=9, title="Fencing")
    assert staff.call("PATCH", "", {"sibling_discount": {"from_nth": 2, "percent": 10}}).status == 200
    page = window(kind)
    sign_in(page, "/o/demo/discounts/new")
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_label("Value").fill("20")
    page.get_by_label("Total uses").fill("2")
    page.get_by_role("button", name="Create code").click()
    expect(page.get_by_role("row").filter(has_text=code)).to_contain_text("0 of 2")
    assert not kind.javascript or look(page) == []

    page.goto(f"/o/demo/sessions/{session}/invite")
    page.get_by_label("E-mail", exact=True).fill(fresh("ana"))
    page.get_by_label("Discount code").select_option(code)
    page.get_by_role("button", name="Send invite").click()
    expect(page.get_by_role("status")).to_contain_text("The invitation is on its way")
    sent = staff.call("GET", f"/sessions/{session}/invitations").json["items"][0]
    page.goto(sent["link"])
    expect(page.get_by_role("table")).to_contain_text(f"Discount code · {code}")
    assert not kind.javascript or look(page) == []

    page.goto(f"/p/demo/sessions/{session}")
    filled(page, fresh("bo"), "Kim", "Lou", code=code)
    if not kind.javascript:
        page.get_by_role("button", name="Show the price").click()
    expect(page.get_by_role("table")).to_contain_text(f"Discount code · {code}")
    expect(page.get_by_role("table")).to_contain_text("Sibling discount · 10 %")
    assert not kind.javascript or look(page) == []
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible()

    page.goto(f"/p/demo/sessions/{session}")
    filled(page, fresh("cy"), "Max", code=code)
    if not kind.javascript:
        page.get_by_role("button", name="Show the price").click()
    expect(page.locator("[id='discount_code:fault']")).to_contain_text("has been used as often as it may be")
    staff.call("PATCH", "", {"sibling_discount": None})
