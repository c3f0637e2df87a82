"""Billing of a registration: status with its history, and payments, per meeting on a course; and the list of orders."""

from typing import Any, get_args

from chalicelib.operations import refunds, registrations, sessions
from chalicelib.pages import amounts, booking_form, downloads, forms
from chalicelib.pages.pager import ListPage
from chalicelib.pages.registrations.registration import REGISTRATION
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.sessions.roster_query import after_change
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.roster import BillingStatusInput, PaymentInput, RefundInput
from chalicelib.rules.money import Money
from chalicelib.rules.refunds import left_to_refund, left_to_refund_online
from chalicelib.rules.registration_history import Billing, BillingStatus
from chalicelib.rules.registrations import Registration
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

BILLING = REGISTRATION + "/billing"
ORDERS = "/o/{org}/orders"
SHOWN = 100
STATUSES = get_args(Billing)
LISTED = get_args(BillingStatus)


@page("GET", BILLING, who=Staff("bill"))
def billing_form(visit: Visit) -> PageResponse:
    found = _read(visit)
    open_amount = Money(max(0, found.total.amount - found.paid.amount), found.price.currency)
    typed = {
        "status": found.billing,
        "amount": amounts.field(open_amount),
        "method": "cash",
        "refund": amounts.field(left_to_refund(found)),
    }
    return Html("registrations/billing.html", _about(visit, found, forms.blank(typed)))


@page("POST", BILLING, who=Staff("bill"))
def set_billing(visit: Visit) -> PageResponse:
    return _done(visit, _set_status)


@page("POST", REGISTRATION + "/payments", who=Staff("bill"))
def add_payment(visit: Visit) -> PageResponse:
    return _done(visit, _pay)


@page("POST", REGISTRATION + "/refund", who=Staff("bill"))
def refund(visit: Visit) -> PageResponse:
    """Refund a registration; the page says whether Stripe has answered yet."""
    return _done(visit, _refund)


@page("GET", ORDERS, who=Staff("read"))
def orders(visit: Visit) -> PageResponse:
    status = visit.call.query.get("status", "")
    status = status if status in LISTED else ""
    list_page = ListPage(visit, {"status": status})
    found, next_start = registrations.list_orders(visit.org, status=status, limit=SHOWN, start=list_page.start)
    data = {"orders": found, "pager": list_page.links(next_start), "status": status, "statuses": LISTED, "titles": _titles(visit, found)}
    return Html("orders.html", data)


@page("GET", ORDERS + ".csv", who=Staff("read"))
def orders_csv(visit: Visit) -> PageResponse:
    status = visit.call.query.get("status", "")
    status = status if status in LISTED else ""
    found = registrations.export_orders(visit.org, status=status, locale=visit.language, by=visit.by, now=visit.call.now)
    return downloads.exported(visit.org, found, "orders.csv")


def _read(visit: Visit) -> Registration:
    return registrations.read_registration(visit.org, visit["registration"])[0]


def _done(visit: Visit, do: Any) -> PageResponse:
    found = _read(visit)
    try:
        message = do(visit, found)
    except forms.REFUSED as refusal:
        return Html("registrations/billing.html", _about(visit, found, booking_form.refused(visit.typed, refusal)), status_of(refusal))
    return after_change(visit, found, message or "saved")


def _set_status(visit: Visit, _found: Registration) -> None:
    draft = forms.read(BillingStatusInput, {name: visit.typed.get(name, "") for name in ("status", "note")})
    registrations.set_billing(visit.org, visit["registration"], draft, by=visit.by, now=visit.call.now)


def _pay(visit: Visit, found: Registration) -> None:
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in ("method", "meeting")}
    amount, faults = _amount(visit.typed.get("amount", ""), found.price.currency)
    draft = forms.read(PaymentInput, {**values, "amount": {"amount": amount, "currency": found.price.currency}}, faults)
    registrations.add_payment(visit.org, visit["registration"], draft, by=visit.by, now=visit.call.now)


def _refund(visit: Visit, found: Registration) -> str:
    amount, faults = _amount(visit.typed.get("refund", ""), found.price.currency, field="refund")
    values = {"note": visit.typed.get("refund_note", ""), "amount": {"amount": amount, "currency": found.price.currency}}
    draft = forms.read(RefundInput, values, faults)
    done = refunds.refund(visit.org, visit["registration"], draft, by=visit.by, key=visit.key, now=visit.call.now)
    return "refund-asked" if any(one.state == "asked" for one in done.refunds) else "refunded"


def _amount(text: str, currency: str, *, field: str = "amount") -> tuple[int, dict[str, str]]:
    """Return the typed payment in minor units, and its fault if it is unreadable or zero."""
    try:
        amount = amounts.typed(text, currency)
    except amounts.NoSuchAmountError as wrong:
        return 0, {field: str(wrong)}
    return amount, {} if amount else {field: amounts.NO_AMOUNT}


def _about(visit: Visit, found: Registration, form: forms.Form) -> dict[str, Any]:
    session = sessions.read_session(visit.org, found.session, now=visit.call.now).session
    left = {"left_to_refund": left_to_refund(found), "left_online": left_to_refund_online(found)}
    return {"registration": found, "session": session, "form": form, "statuses": STATUSES, **left}


def _titles(visit: Visit, found: list[Registration]) -> dict[str, str]:
    """Return the titles of the registrations' sessions, by id."""
    return {id: sessions.read_session(visit.org, id, now=visit.call.now).session.title for id in {one.session for one in found}}
