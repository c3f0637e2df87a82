"""What a registration owes: its status with all its history, and payments, for a course meeting by meeting; and the list of orders."""

from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from chalicelib.operations import registrations, sessions
from chalicelib.pages import booking, forms
from chalicelib.pages.answers import Answer, File, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.registrations import OWN
from chalicelib.rules.drafts.rosters import BillingStep, PaymentDraft
from chalicelib.rules.money import MINOR_UNITS, Money, decimal
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.registrations import Billing, Registration
from chalicelib.web.refusals import status_of

BILLING = OWN + "/billing"
ORDERS = "/o/{org}/orders"
SHOWN = 100
STATUSES = get_args(Billing)
NO_AMOUNT = "Write an amount such as 12.50."


@page("GET", BILLING, who=Staff("manager"))
def billing_form(visit: Visit) -> Answer:
    found = _read(visit)
    open_amount = Money(max(0, found.total.amount - found.paid.amount), found.price.currency)
    typed = {"status": found.billing, "amount": decimal(open_amount), "method": "cash"}
    return Html("registrations/billing.html", _about(visit, found, forms.blank(typed)))


@page("POST", BILLING, who=Staff("manager"))
def set_billing(visit: Visit) -> Answer:
    return _done(visit, _set_status)


@page("POST", OWN + "/payments", who=Staff("manager"))
def add_payment(visit: Visit) -> Answer:
    return _done(visit, _pay)


@page("GET", ORDERS, who=Staff("viewer"))
def orders(visit: Visit) -> Answer:
    status = visit.call.query.get("status", "")
    status = status if status in STATUSES else ""
    found, more = registrations.list_orders(visit.org, status=status, limit=SHOWN)
    data = {"orders": found, "more": more is not None, "status": status, "statuses": STATUSES, "titles": _titles(visit, found)}
    return Html("orders.html", data)


@page("GET", ORDERS + ".csv", who=Staff("viewer"))
def orders_csv(visit: Visit) -> Answer:
    status = visit.call.query.get("status", "")
    text = registrations.export_orders(visit.org, status=status if status in STATUSES else "")
    return File(text, "text/csv; charset=utf-8", forever=False, name="orders.csv")


def _read(visit: Visit) -> Registration:
    return registrations.read_registration(visit.org, visit["registration"])[0]


def _done(visit: Visit, do: Any) -> Answer:
    found = _read(visit)
    try:
        do(visit, found)
    except NotFound:
        raise
    except Refusal as refusal:
        return Html("registrations/billing.html", _about(visit, found, booking.refused(visit.typed, refusal)), status_of(refusal))
    return Redirect(f"/o/{visit.org}/registrations/{visit['registration']}", {"done": "saved"})


def _set_status(visit: Visit, _found: Registration) -> None:
    draft = forms.read(BillingStep, {name: visit.typed.get(name, "") for name in ("status", "note")})
    registrations.set_billing(visit.org, visit["registration"], draft, by=visit.by, now=visit.call.now)


def _pay(visit: Visit, found: Registration) -> None:
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in ("method", "meeting")}
    amount, faults = _amount(visit.typed.get("amount", ""), found.price.currency)
    draft = forms.read(PaymentDraft, {**values, "amount": {"amount": amount, "currency": found.price.currency}}, faults)
    registrations.add_payment(visit.org, visit["registration"], draft, by=visit.by, now=visit.call.now)


def _amount(text: str, currency: str) -> tuple[int, dict[str, str]]:
    try:
        amount = Decimal(text.strip().replace(",", ".")).scaleb(MINOR_UNITS.get(currency, 2))
    except InvalidOperation:
        return 0, {"amount": NO_AMOUNT}
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 < amount <= 100_000_000:
        return 0, {"amount": NO_AMOUNT}
    return int(amount), {}


def _about(visit: Visit, found: Registration, form: forms.Form) -> dict[str, Any]:
    session = sessions.read_session(visit.org, found.session, now=visit.call.now).session
    return {"registration": found, "session": session, "form": form, "statuses": STATUSES}


def _titles(visit: Visit, found: list[Registration]) -> dict[str, str]:
    """Return what the sessions of these registrations are called."""
    return {own: sessions.read_session(visit.org, own, now=visit.call.now).session.title for own in {one.session for one in found}}
