"""A family on a phone pays a basket on the stand-in for Stripe's page, and gets the money of one booking back by cancelling it."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from chalicelib import i18n
from infra.local.stripe.events import Webhooks
from tests.live.browser.conftest import Kind
from tests.live.browser.test_families import CHILDREN, KINDS, Window, into_basket
from tests.live.http.conftest import Staff, in_days
from tests.live.stack import Stack, eventually
from tests.stripe import KEYS, WEBHOOK_SECRET, Stripe

pytestmark = pytest.mark.live


@pytest.fixture
def paying(stack: Stack, staff: Staff, stripe: Stripe) -> Iterator[Stripe]:
    """The organisation is paid when somebody books, and gets Stripe's events."""
    before, stripe.tell = stripe.tell, Webhooks(stack.url, lambda _org: WEBHOOK_SECRET).send
    offered = {"cancel_until_hours": 24, "sibling_discount": {"from_nth": 2, "percent": 50}}
    assert staff.call("PATCH", "", KEYS).status == 200
    assert staff.call("PATCH", "", {"public_billing": "online", **offered}).status == 200
    yield stripe
    stripe.tell = before
    ended = {"public_billing": "later", "cancel_until_hours": None, "sibling_discount": None}
    assert staff.call("PATCH", "", ended).status == staff.call("PATCH", "", dict.fromkeys(KEYS)).status == 200


@pytest.mark.parametrize(("kind", "locale"), KINDS)
def test_a_family_pays_a_basket_and_gets_back_what_it_cancels(
    window: Window, stack: Stack, staff: Staff, paying: Stripe, kind: Kind, locale: str
) -> None:
    page, say = window(kind), i18n.translation(locale).gettext
    code, email = f"TEN{uuid.uuid4().hex[:6].upper()}", f"pays-{uuid.uuid4().hex[:8]}@example.org"
    assert staff.call("POST", "/discount-codes", {"code": code, "kind": "percent", "value": 10}).status == 201
    pottery, choir, soon, last = (
        staff.session(title=title, spots=spots, meetings=[{"starts_at": in_days(days), "ends_at": in_days(days + 0.05)}])
        for title, spots, days in (("Pottery", 5, 10), ("Choir", 5, 11), ("Soon", 5, 0.5), ("Last spot", 1, 12))
    )

    def pay_basket() -> None:
        page.get_by_label(say("Your name")).fill("Ana Martin")
        page.get_by_label(say("Your e-mail")).fill(email)
        page.get_by_label(say("Discount code")).fill(code)
        page.locator("main").get_by_role("button", name=say("Continue to payment")).click()

    into_basket(page, pottery, CHILDREN, say)
    into_basket(page, soon, ("Kim",), say)
    into_basket(page, last, ("Lou",), say)
    taken = {"new_customer": {"name": "Other", "email": "other@example.org"}, "participants": [{"name": "Zoe"}]}
    assert staff.call("POST", f"/sessions/{last}/registrations", taken).status == 201
    opened = len(paying.sessions())
    pay_basket()
    expect(page.get_by_role("alert")).to_contain_text("Last spot")
    assert [staff.spots(one)["held"] for one in (pottery, soon, last)] == [0, 0, 0]
    assert (len(paying.sessions()), staff.call("GET", f"/discount-codes/{code}").json["used"]) == (opened, 0)

    page.locator(".line", has_text="Last spot").get_by_role("button").click()
    into_basket(page, choir, ("Lou",), say)
    pay_basket()
    expect(page.locator(".total")).to_contain_text("33,74" if locale == "fr" else "33.74")
    page.locator("main form button").click()
    expect(page.get_by_text("This is not Stripe.")).to_be_visible()
    assert [staff.spots(one)["held"] for one in (pottery, choir, soon)] == [2, 1, 1]
    page.get_by_role("button", name="Pay €33.74").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Your bookings"))
    order = page.url
    assert [staff.spots(one)["taken"] for one in (pottery, choir, soon)] == [2, 1, 1]
    confirmation = next(mail for mail in _mails(stack, email, 2) if "Choir" in mail["text"] and "Soon" in mail["text"])
    assert "Pottery" in confirmation["text"]

    page.get_by_role("link", name="Pottery").click()
    page.get_by_role("link", name=say("Cancel the booking")).click()
    back = "%(amount)s is refunded automatically to the card or account you paid with. Depending on your bank, that takes 5 to 10 days."
    expect(page.locator("main")).to_contain_text(say(back).partition("%(amount)s")[2].partition(".")[0])
    page.get_by_role("button", name=say("Cancel the booking")).click()
    expect(page.locator(".eyebrow")).to_have_text(say("Cancelled"))
    expect(page.get_by_role("status")).to_contain_text("16,87" if locale == "fr" else "16.87")
    (refund,) = [one for one in paying.account.refunds.values() if one["payment_intent"] == _intent(paying)]
    assert (refund["amount"], refund["status"]) == (1687, "succeeded")
    money = "16,87\xa0€" if locale == "fr" else "€16.87"
    subject = say("You get %(amount)s back: %(session)s") % {"amount": money, "session": "Pottery"}
    assert eventually(lambda: subject in [mail["subject"] for mail in stack.mails(email)] or None)
    assert [staff.spots(one)["taken"] for one in (pottery, choir, soon)] == [0, 1, 1]

    page.goto(order)
    page.get_by_role("link", name="Soon").click()
    expect(page.get_by_role("link", name=say("Cancel the booking"))).to_have_count(0)
    expect(page.locator("main")).to_contain_text(say("You could cancel here until %(moment)s. Can’t make it?").partition("%")[0].strip())


def _intent(stripe: Stripe) -> str:
    """Return the payment of the latest Checkout Session."""
    return str(stripe.sessions()[-1]["payment_intent"])


def _mails(stack: Stack, email: str, number: int) -> list[dict[str, str]]:
    return eventually(lambda: found if len(found := stack.mails(email)) >= number else None)
