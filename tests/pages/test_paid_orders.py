"""Paying when booking, on the pages and over HTTP: what each state of an order says, without JavaScript."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from chalicelib.operations import links, orders, organisations
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.orders import Order
from chalicelib.rules.sessions import Session
from chalicelib.tables import order_payments
from chalicelib.tables import orders as rows
from tests.aws import Demo
from tests.http import call
from tests.pages.browser import Browser, Page
from tests.pages.test_baskets import ANA, added
from tests.stripe import KEYS, Stripe, event, signature, stripe_configured

MakeSession = Callable[..., Session]
WEBHOOK = "/v1/stripe/demo/webhook"


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        yield running


@pytest.fixture
def judo(make_session: MakeSession, stripe: Stripe) -> Session:
    organisations.change("demo", OrganisationChanges.model_validate({**KEYS, "public_billing": "online"}), expected=None)
    return make_session(title="Judo", spots_total=2)


def registered(visitor: Browser, session: Session) -> Page:
    """Fill in the form of a session, and return the page that it leads to."""
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    for words in ("Continue to payment", "You pay online next, and your spots are held for 30 minutes."):
        assert words in page.text
    return visitor.follow(visitor.send(page, {**ANA, "participants/0/name": "Zoé"}))


def bare(page: Page) -> str:
    """Return the path of a page without its query."""
    return page.path.partition("?")[0]


def the_order() -> Order:
    """Return the only order that waits for its payment."""
    (due,) = order_payments.to_resolve(datetime(2999, 1, 1).astimezone(), most=9)
    return rows.get("demo", due.id)


def test_a_registration_is_held_paid_on_stripes_page_and_booked_on_return(visitor: Browser, judo: Session, stripe: Stripe) -> None:
    page = registered(visitor, judo)
    for words in ("Waiting for payment", "Your spots are held for you until", "Judo", "Zoé", "Pay €12.00 now"):
        assert words in page.text
    assert f"form-action 'self' {stripe.url}" in page.headers["content-security-policy"]
    order = the_order()
    away = visitor.send(page, {}, action=f"{bare(page)}/checkout")
    assert (away.status, away.headers["location"]) == (303, stripe.sessions()[0]["url"])
    (waiting,) = rows.registrations_of(order)
    assert visitor.follow(visitor.get(urlsplit(links.booking_link(waiting)).path)).path.startswith("/order/")
    stripe.pay(order.checkout)
    back = visitor.get(urlsplit(stripe.sessions()[0]["success_url"]).path + "?done=paid-online")
    for words in ("Paid", "Your bookings", "Judo", "Zoé", "€12.00"):
        assert words in back.text
    assert "now" not in back.text.split("Your bookings")[0]
    booked = visitor.get(urlsplit(links.booking_link(waiting)).path)
    assert "Paid" in booked.text
    assert "You are registered" in booked.text
    again = visitor.post(f"{page.path.partition('?')[0]}/checkout", {})
    assert again.headers["location"].partition("?")[0] == bare(page)


def test_a_family_comes_back_in_the_language_chosen_by_hand(visitor: Browser, judo: Session, stripe: Stripe) -> None:
    page = visitor.get(f"/p/demo/sessions/{judo.id}?lang=fr")
    visitor.send(page, {**ANA, "participants/0/name": "Zoé"})
    back = urlsplit(stripe.sessions()[0]["success_url"])
    assert "Nous vérifions votre paiement" in visitor.get(f"{back.path}?{back.query}").text
    assert urlsplit(stripe.sessions()[0]["cancel_url"]).query == "lang=fr"


def test_coming_back_before_stripe_confirms_says_so(visitor: Browser, judo: Session, stripe: Stripe) -> None:
    page = registered(visitor, judo)
    back = visitor.get(bare(page) + "?done=paid-online")
    assert "We are checking your payment" in back.text
    stripe.status = 500
    assert "We are checking your payment" in visitor.get(bare(page) + "?done=paid-online").text


def test_an_order_that_ran_out_leads_back_to_its_session(visitor: Browser, judo: Session, stripe: Stripe) -> None:
    page = registered(visitor, judo)
    order = the_order()
    stripe.account.expire(order.checkout)
    told = visitor.follow(visitor.send(page, {}, action=f"{bare(page)}/checkout"))
    for words in ("Not booked", "The time to pay ran out", "nothing was charged.", "Judo"):
        assert words in told.text
    assert visitor.get(bare(page) + "/calendar").status == 404
    assert "2 of 2 free" in visitor.get(f"/p/demo/sessions/{judo.id}").text


def test_a_basket_is_paid_as_a_whole(visitor: Browser, judo: Session, stripe: Stripe, make_session: MakeSession) -> None:
    added(visitor, judo, "Zoé", "Max")
    basket = added(visitor, make_session(title="Chess"), "Zoé")
    assert "Continue to payment" in basket.text
    page = visitor.follow(visitor.send(basket, ANA))
    for words in ("Judo", "Zoé and Max", "Chess", "Pay €36.00 now"):
        assert words in page.text


def test_a_payment_that_came_too_late_is_said_to_go_back(visitor: Browser, judo: Session, stripe: Stripe, today: datetime) -> None:
    page = registered(visitor, judo)
    order = the_order()
    late = today + timedelta(hours=1)
    paid = {**stripe.pay(order.checkout)}
    order_payments.expire(order, now=late)
    orders.record_event("demo", paid, now=late)
    told = visitor.get(bare(page))
    for words in ("Your payment is refunded", "€12.00 goes back to where you paid from."):
        assert words in told.text
    assert len(stripe.refunds) == 1


def test_the_api_says_where_to_pay_and_what_became_of_it(judo: Session, stripe: Stripe) -> None:
    lines = [{"session": judo.id, "participants": [{"name": "Zoé"}]}]
    placed = call("POST", "/v1/portal/demo/baskets", {**ANA, "lines": lines}).json
    assert (placed["status"], placed["checkout"], placed["invoice"]) == ("awaiting_payment", stripe.sessions()[0]["url"], None)
    path = f"/v1/orders/{placed['order']}"
    assert call("GET", path).json["held_until"] == placed["held_until"]
    assert call("POST", f"{path}/checkout").json == {"url": placed["checkout"]}
    session = stripe.pay(the_order().checkout)
    body = event(session)
    assert call("POST", WEBHOOK, body, headers=signature(body, secret="whsec_other")).status == 400
    assert [call("POST", WEBHOOK, body, headers=signature(body)).status for _ in range(2)] == [200, 200]
    read = call("GET", path).json
    assert (read["status"], read["registrations"][0]["billing"]["status"], "held_until" in read) == ("booked", "paid", False)
    refused = call("POST", f"{path}/checkout")
    assert (refused.status, refused.json["code"]) == (409, "already_booked")


def test_a_single_registration_over_the_api_says_where_to_pay(judo: Session, stripe: Stripe) -> None:
    form = {**ANA, "participants": [{"name": "Zoé"}]}
    made = call("POST", f"/v1/portal/demo/sessions/{judo.id}/registrations", form).json
    assert made["payment"]["checkout"] == stripe.sessions()[0]["url"]
    path = f"/v1/orders/{made['payment']['order']}"
    stripe.account.expire(the_order().checkout)
    assert call("GET", path).json["status"] == "expired"
    refused = call("POST", f"{path}/checkout")
    assert (refused.status, refused.json["code"]) == (410, "order_ended")


def test_paying_when_booking_needs_the_keys_and_ends_with_them(demo_org: Demo) -> None:
    online = {"public_billing": "online"}
    refused = call("PATCH", "/v1/orgs/demo", online, token=demo_org.owner)
    assert (refused.status, refused.json["code"], refused.json["errors"][0]["field"]) == (422, "keys_needed", "/public_billing")
    assert call("PATCH", "/v1/orgs/demo", {**KEYS, **online}, token=demo_org.owner).json["public_billing"] == "online"
    assert call("PATCH", "/v1/orgs/demo", dict.fromkeys(KEYS), token=demo_org.owner).json["public_billing"] == "invoice"
