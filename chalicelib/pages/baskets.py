"""The basket of a family: its lines, its price, and booking all of it; and the order that it becomes."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from chalicelib.config import config
from chalicelib.operations import bookings, links, orders, public_registration
from chalicelib.operations.orders import BasketQuote, OrderView, PlacedOrder
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import basket_cookie, booking_form, cookies, forms, public_codes, shown_price, signed_in
from chalicelib.pages.basket_cookie import Basket
from chalicelib.pages.paths import written
from chalicelib.pages.responses import ExternalRedirect, File, Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.addresses import compared
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.billing import is_payable
from chalicelib.rules.discounts import DiscountRefused
from chalicelib.rules.inputs.baskets import BasketInput, BasketLineInput, BasketQuoteInput
from chalicelib.rules.numbers import whole_number
from chalicelib.rules.orders import Order, OrderBooked, OrderEnded, is_paid_online
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.registration_refusals import PriceChanged
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Known, Public
from chalicelib.web.refusals import retry_after, status_of

BASKET, ORDER = "/p/{org}/basket", "/order/{token}"
FIELD, ADDED = "basket", "add"
"""The button of a session's form that puts it into the basket."""
PAID_ONLINE = "paid-online"
"""The value of `done` in the URL that Stripe's page returns to."""
REMOVED = "remove"
"""The button that takes a line out of the basket: its value is the number of the line."""


@page("GET", BASKET, who=Known())
def show_basket(visit: Visit) -> PageResponse:
    basket = basket_cookie.read(visit.call, visit.org)
    known = {"name": visit.customer.name, "email": visit.customer.email} if visit.customer else {}
    return _page(visit, basket, forms.blank({**known, **basket.typed}))


@page("POST", BASKET, who=Known())
def change_or_book(visit: Visit) -> PageResponse:
    """Take a line out, show the price, or book everything; the form says which."""
    basket = basket_cookie.read(visit.call, visit.org).with_typed(visit.typed)
    if (index := whole_number(visit.typed.get(REMOVED, ""))) is not None:
        return _to_basket(visit, basket.without(index))
    if not basket.lines:
        return _page(visit, basket, forms.blank())
    form = forms.Form(visit.typed, key=visit.typed.get("key", ""))
    if booking_form.only_shows(visit.typed):
        return _page(visit, basket, form)
    try:
        _check_total(visit, basket)
        placed_order = _placed_order(visit, basket)
    except Refusal as refusal:
        return _page(visit, basket, booking_form.refused(visit.typed, refusal))
    return Redirect(order_path(placed_order.order), {"lang": visit.call.query.get("lang", "")}, (basket_cookie.clear(visit.org),))


@page("GET", ORDER, who=Public())
def order(visit: Visit) -> PageResponse:
    """Show the family what it booked together, as it is today; or that it waits for its payment, or why it is not booked.

    Coming back from Stripe's page, Stripe is asked, since its webhook may be later.
    """
    view = orders.read_order(visit["token"], now=visit.call.now, returned=visit.call.query.get("done") == PAID_ONLINE)
    customer, set_cookies = signed_in.customer_of(visit.call, view.order.org)
    data = {"view": view, "organisation": view.organisation, "customer": customer}
    if not view.order.booked_at:
        data |= {"order": view.order, "returned": visit.call.query.get("done") == PAID_ONLINE}
        leads_to = config().stripe_pages if view.order.awaits_payment else ""
        return Html("public/unpaid_order.html", data, cookies=tuple(set_cookies), leads_to=leads_to)
    stripe = config().stripe_pages if view.invoice and view.invoice.payable_online else ""
    return Html("public/order.html", {**data, **_order_facts(visit, view)}, cookies=tuple(set_cookies), leads_to=stripe)


@page("POST", ORDER + "/checkout", who=Public())
def pay_order(visit: Visit) -> PageResponse:
    """Lead to the payment page of an order that waits for its payment; back to its own page once that is over."""
    try:
        return ExternalRedirect(orders.open_checkout(visit["token"], now=visit.call.now))
    except (OrderBooked, OrderEnded):
        return Redirect(written(ORDER, token=visit["token"]), {"lang": visit.call.query.get("lang", "")})


@page("GET", ORDER + "/calendar", who=Public())
def calendar(visit: Visit) -> PageResponse:
    """Download all dates of an order as one calendar file."""
    view = orders.read_order(visit["token"], now=visit.call.now, returned=False)
    if not view.order.booked_at:
        raise NotFound
    text = bookings.calendar_of(view.bookings, now=visit.call.now)
    return File(text, "text/calendar; charset=utf-8", forever=False, name="sessions.ics")


def add_session(visit: Visit, view: SessionView) -> PageResponse:
    """Put a session into the basket as its form is filled in. Raises ValidationFailed, BasketFull."""
    coded = visit.typed.get(public_codes.FIELD, "")
    values, faults = _line_values(visit, view.session, priced=bool(coded))
    return _added(visit, view.session.org, {**values, "invitation_code": coded}, faults)


def add_invitation(visit: Visit, session: Session, *, priced: bool) -> PageResponse:
    """Put an invitation into the basket as its form is filled in. Raises ValidationFailed, BasketFull."""
    values, faults = _line_values(visit, session, priced=priced)
    return _added(visit, session.org, {**values, "invitation": visit["token"]}, faults)


def _line_values(visit: Visit, session: Session, *, priced: bool) -> tuple[dict[str, Any], dict[str, str]]:
    typed = booking_form.with_births(visit.typed, visit.customer, session)
    values, faults = booking_form.values_of(typed, session, priced=priced)
    faults |= booking_form.age_sentences(visit, session, values)
    values |= {"party_size": visit.typed.get("party_size", ""), **booking_form.size_for_names(visit.typed), "session": session.id}
    return {name: value for name, value in values.items() if name not in basket_cookie.TYPED}, faults


def _added(visit: Visit, org: str, values: Mapping[str, Any], faults: Mapping[str, str]) -> PageResponse:
    line = forms.read(BasketLineInput, values, faults)
    basket = basket_cookie.read(visit.call, org).with_typed(visit.typed).with_line(line)
    return _to_basket(visit, basket, org=org)


def _to_basket(visit: Visit, basket: Basket, *, org: str = "") -> Redirect:
    at = org or visit.org
    return Redirect(written(BASKET, org=at), {"lang": visit.call.query.get("lang", "")}, (basket_cookie.write(at, basket),))


def _placed_order(visit: Visit, basket: Basket) -> PlacedOrder:
    draft = forms.read(BasketInput, {**{name: visit.typed.get(name, "") for name in basket_cookie.TYPED}, "lines": basket.values()})
    call, customer = visit.call, visit.customer
    return orders.place_order(
        visit.org,
        draft,
        locale=visit.language,
        # The lines are not in the form: who has changed the basket meanwhile books it as it is now.
        key=sha256(f"{visit.key}#{cookies.basket_token(call, visit.org)}".encode()).hexdigest(),
        source=call.source,
        signed_in=customer is not None and compared(customer.email) == compared(draft.email),
        now=call.now,
    )


def _check_total(visit: Visit, basket: Basket) -> None:
    """Raise PriceChanged when the basket costs another amount than the page said. One without a price is refused when it is booked."""
    shown = visit.typed.get(shown_price.TOTAL, "")
    quote, _ = _quote(visit, basket, forms.Form({"discount_code": visit.typed.get(shown_price.CODE, "")})) if shown else (None, None)
    if quote and shown_price.total_of(quote.total) != shown:
        raise PriceChanged


def _page(visit: Visit, basket: Basket, form: forms.Form) -> PageResponse:
    """Return the page of the basket. `form` has the refusal if booking was refused."""
    tried = form.refusal
    quote, unpriced = _quote(visit, basket, form)
    if isinstance(unpriced, DiscountRefused | TooManyAttempts):
        form = booking_form.refused(form.values, unpriced)
        quote, unpriced = _quote(visit, basket, form)
    sessions = orders.sessions_of(visit.org, [line.session for line in basket.lines])
    data = {
        "organisation": visit.home,
        "lines": [(index, line, sessions.get(line.session)) for index, line in enumerate(basket.lines)],
        "quote": quote,
        "shown_code": "" if form.fault("discount_code") else form.at("discount_code").strip(),
        "shown_total": shown_price.total_of(quote.total) if quote else "",
        "form": form,
        "refusal": tried or unpriced,
        "tried": tried is not None,
        "pays_now": quote is not None and is_paid_online(visit.home, quote.total),
    }
    cookies_set = (basket_cookie.write(visit.org, basket),) if visit.typed else ()
    return Html("public/basket.html", data, status_of(tried) if tried else 200, cookies_set, wait=retry_after(tried) if tried else None)


def _quote(visit: Visit, basket: Basket, form: forms.Form) -> tuple[BasketQuote | None, Refusal | None]:
    """Return the price of the basket, or why it has none. A discount code that was refused is not tried again."""
    if not basket.lines:
        return None, None
    code = "" if form.fault("discount_code") else form.at("discount_code").strip()
    try:
        draft = forms.read(BasketQuoteInput, {"discount_code": code, "lines": basket.values()})
        return orders.quote_basket(visit.org, draft, source=visit.call.source, now=visit.call.now), None
    except Refusal as refusal:
        return None, refusal


def order_path(order: Order) -> str:
    """Return the path of the page of an order."""
    return written(ORDER, token=links.order_token(order))


def _order_facts(visit: Visit, view: OrderView) -> dict[str, Any]:
    first, invoice = view.registrations[0], view.invoice
    costs = [one.registration for one in view.bookings if one.is_current and one.registration.total.amount]
    return {
        "invoice_path": written("/invoice/{token}", token=links.invoice_token(invoice.registration, invoice.invoice.number))
        if invoice
        else "",
        "paths": [written("/b/{token}", token=links.booking_token(one)) for one in view.registrations],
        "on_its_way": public_registration.is_confirmation_coming(first, now=visit.call.now),
        "paid": bool(costs) and all(one.billing == "paid" for one in costs),
        "is_current": any(booking.is_current for booking in view.bookings),
        "email": first.email,
        "owed": any(one.is_current and is_payable(one.registration) for one in view.bookings),
    }
