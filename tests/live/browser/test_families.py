"""A family on a phone: two children, three sessions in a basket, a discount and siblings; one booking is cancelled, another no more."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chalicelib import i18n
from tests.live.browser.conftest import Kind
from tests.live.http.conftest import Staff, in_days
from tests.live.stack import Stack

pytestmark = pytest.mark.live

Window = Callable[..., Page]
KINDS = [
    pytest.param(Kind(width=390), "en", id="in English"),
    pytest.param(Kind(width=390, javascript=False, language="fr-FR"), "fr", id="in French without JavaScript"),
]
CHILDREN = ("Kim", "Lou")


def into_basket(page: Page, session: str, children: tuple[str, ...], say: Callable[[str], str]) -> None:
    page.goto(f"/p/demo/sessions/{session}")
    page.get_by_label(say("Your name")).fill("Ana Martin")
    page.get_by_label(say("Your e-mail")).fill("ana@example.org")
    for index, child in enumerate(children):
        page.locator(f'[name="participants/{index}/name"]').fill(child)
    page.locator('[name="party_size"]').fill(str(len(children)))
    page.get_by_role("button", name=say("Add to basket")).click()
    expect(page).to_have_url("/p/demo/basket")


@pytest.mark.parametrize(("kind", "locale"), KINDS)
def test_a_family_books_a_basket_and_cancels_what_it_still_may(window: Window, stack: Stack, staff: Staff, kind: Kind, locale: str) -> None:
    page, say = window(kind), i18n.translation(locale).gettext
    code, email = f"TEN{uuid.uuid4().hex[:6].upper()}", f"family-{uuid.uuid4().hex[:8]}@example.org"
    settings = {"cancel_until_hours": 24, "sibling_discount": {"from_nth": 2, "percent": 50}}
    assert staff.call("PATCH", "", settings).status == 200
    assert staff.call("POST", "/discount-codes", {"code": code, "kind": "percent", "value": 10}).status == 201
    pottery, choir, soon, last = (
        staff.session(title=title, spots=spots, meetings=[{"starts_at": in_days(days), "ends_at": in_days(days + 0.05)}])
        for title, spots, days in (("Pottery", 5, 10), ("Choir", 5, 11), ("Soon", 5, 0.5), ("Last spot", 1, 12))
    )
    try:
        into_basket(page, pottery, CHILDREN, say)
        into_basket(page, soon, ("Kim",), say)
        into_basket(page, last, ("Lou",), say)
        body = {"email": "other@example.org", "name": "Other", "participants": [{"name": "Zoe"}], "party_size": 1}
        assert stack.call("POST", f"/v1/portal/demo/sessions/{last}/registrations", body).status == 201

        page.get_by_label(say("Your name")).fill("Ana Martin")
        page.get_by_label(say("Your e-mail")).fill(email)
        page.get_by_label(say("Discount code")).fill(code)
        page.get_by_role("button", name=say("Book everything")).click()
        expect(page.get_by_role("alert")).to_contain_text(say("Nothing was booked."))
        expect(page.get_by_role("alert")).to_contain_text("Last spot")
        assert [staff.spots(one)["taken"] for one in (pottery, soon, last)] == [0, 0, 1]
        assert staff.call("GET", f"/discount-codes/{code}").json["used"] == 0

        page.locator(".line", has_text="Last spot").get_by_role("button").click()
        into_basket(page, choir, ("Lou",), say)
        page.get_by_label(say("Your e-mail")).fill(email)
        page.get_by_label(say("Discount code")).fill(code)
        page.get_by_role("button", name=say("Book everything")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(say("Your bookings"))
        # Four spots of 12.50 with 10 % off; Lou, the second child, pays half of what is left, to the cent, on both lines.
        expect(page.locator(".total")).to_contain_text("33,74" if locale == "fr" else "33.74")
        assert staff.call("GET", f"/discount-codes/{code}").json["used"] == 1
        mail = stack.mail(email)
        assert all(title in mail["subject"] + mail["text"] for title in ("Pottery", "Choir", "Soon"))

        order = page.url
        page.get_by_role("link", name="Pottery").click()
        page.get_by_role("link", name=say("Cancel the booking")).click()
        page.get_by_role("button", name=say("Cancel the booking")).click()
        expect(page.locator(".eyebrow")).to_have_text(say("Cancelled"))
        assert [staff.spots(one)["taken"] for one in (pottery, choir, soon)] == [0, 1, 1]

        page.goto(order)
        page.get_by_role("link", name="Soon").click()
        expect(page.get_by_role("link", name=say("Cancel the booking"))).to_have_count(0)
        expect(page.locator("main")).to_contain_text(
            say("You could cancel here until %(moment)s. Can’t make it?").partition("%")[0].strip()
        )
    finally:
        staff.call("PATCH", "", {"cancel_until_hours": None, "sibling_discount": None})
