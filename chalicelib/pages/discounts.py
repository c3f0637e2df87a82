"""Discount codes: the list, the form, and switching one off and on."""

from collections.abc import Mapping
from typing import Any

from chalicelib.operations import discounts
from chalicelib.pages import amounts, dates, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.session_choice import is_search, session_choice
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.csv_export import join_names, split_names
from chalicelib.rules.discounts import Discount, DiscountExists
from chalicelib.rules.inputs.discounts import DiscountChanges, DiscountInput
from chalicelib.rules.money import Money
from chalicelib.rules.numbers import whole_number
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

DISCOUNTS = "/o/{org}/discounts"
NEW = DISCOUNTS + "/new"
DISCOUNT = DISCOUNTS + "/codes/{code}"
PLAIN = ("kind", "max_uses", "max_uses_per_customer")
MOMENTS = ("starts_at", "ends_at")
NO_PERCENTAGE = N_("Enter a percentage from 1 to 100.")


@page("GET", DISCOUNTS, who=Staff("read"))
def list_discounts(visit: Visit) -> PageResponse:
    found = [(discount, discount.state(visit.call.now)) for discount in discounts.list_discounts(visit.org)]
    return Html("discounts/list.html", {"discounts": found})


@page("GET", NEW, who=Staff("manage_discounts"))
def new_discount(visit: Visit) -> PageResponse:
    return _form(visit, forms.blank({"kind": "percent"}))


@page("POST", NEW, who=Staff("manage_discounts"))
def create_discount(visit: Visit) -> PageResponse:
    if is_search(visit):
        return _form(visit, forms.Form(visit.typed, key=visit.key))
    try:
        values, faults = _values(visit, visit.home.currency)
        draft = forms.read(DiscountInput, {**values, "code": visit.typed.get("code", "")}, faults)
        discounts.create_discount(visit.org, draft, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(visit, _refused(visit, refusal))
    return Redirect(f"/o/{visit.org}/discounts", {"done": "discount-made"})


@page("GET", DISCOUNT, who=Staff("read"))
def discount_form(visit: Visit) -> PageResponse:
    discount = discounts.read_discount(visit.org, visit["code"])
    return _form(visit, forms.blank(_fields(visit, discount)), discount)


@page("POST", DISCOUNT, who=Staff("manage_discounts"))
def edit_discount(visit: Visit) -> PageResponse:
    discount = discounts.read_discount(visit.org, visit["code"])
    if is_search(visit):
        return _form(visit, forms.Form(visit.typed, key=visit.key), discount)
    try:
        values, faults = _values(visit, discount.currency, discount)
        draft = forms.read(DiscountInput, {**values, "code": discount.code}, faults)
        _change(visit, DiscountChanges.model_construct(_fields_set=CHANGED, **dict(draft)), expected=forms.version(visit.typed))
    except forms.REFUSED as refusal:
        return _form(visit, forms.with_conflict(_refused(visit, refusal), _fields(visit, discount)), discount)
    return Redirect(f"/o/{visit.org}/discounts", {"done": "saved"})


@page("POST", DISCOUNT + "/off", who=Staff("manage_discounts"))
def switch_off(visit: Visit) -> PageResponse:
    _change(visit, DiscountChanges(active=False))
    return Redirect(f"/o/{visit.org}/discounts", {"done": "discount-off"})


@page("POST", DISCOUNT + "/on", who=Staff("manage_discounts"))
def switch_on(visit: Visit) -> PageResponse:
    _change(visit, DiscountChanges(active=True))
    return Redirect(f"/o/{visit.org}/discounts", {"done": "discount-on"})


CHANGED = {*PLAIN, *MOMENTS, "value", "sessions", "tags"}


def _change(visit: Visit, changes: DiscountChanges, *, expected: int | None = None) -> None:
    discounts.edit_discount(visit.org, visit["code"], changes, expected=expected, now=visit.call.now)


def _values(visit: Visit, currency: str, discount: Discount | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of the form, and the faults of text that cannot be read. `discount` is the code that is edited, if any."""
    typed = {name: value.strip() for name, value in visit.typed.items()}
    values: dict[str, Any] = {"kind": typed.get("kind", "")}
    values |= {name: forms.whole_number(typed.get(name, "")) for name in PLAIN[1:]}
    values["sessions"] = _ticked(typed)
    values["tags"] = split_names(typed.get("tags", ""), ",")
    faults = {}
    try:
        values["value"] = _value(typed.get("value", ""), values["kind"], currency)
    except amounts.NoSuchAmountError as wrong:
        faults["value"] = NO_PERCENTAGE if values["kind"] == "percent" else str(wrong)
    for name in MOMENTS:
        try:
            was = getattr(discount, name, None)
            values[name] = dates.typed(typed[name], visit.home.time_zone, was=was, ends=name == "ends_at") if typed.get(name) else ""
        except dates.NoSuchTimeError as wrong:
            faults[name] = str(wrong)
    return values, faults


def _ticked(typed: Mapping[str, str]) -> list[str]:
    return [name.partition("/")[2] for name in typed if name.startswith("sessions/")]


def _value(text: str, kind: str, currency: str) -> int:
    """Return a percentage, or an amount in minor units. Raises NoSuchAmountError."""
    if kind != "percent":
        return amounts.typed(text, currency)
    percent = whole_number(text.removesuffix("%").strip())
    if percent is None:
        raise amounts.NoSuchAmountError
    return percent


def _fields(visit: Visit, discount: Discount) -> dict[str, str]:
    zone = visit.home.time_zone
    given = {name: getattr(discount, name) for name in MOMENTS}
    return {
        **{name: str(getattr(discount, name) or "") for name in PLAIN},
        **{name: dates.field(moment, zone) for name, moment in given.items() if moment},
        "value": amounts.field(Money(discount.value, discount.currency)) if discount.kind == "fixed" else str(discount.value),
        "tags": join_names(discount.tags, ","),
        "version": str(discount.version),
        **{f"sessions/{id}": "true" for id in discount.sessions},
    }


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    form = forms.refused(visit.typed, refusal)
    faults = {name.split("/")[0]: sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, DiscountExists):
        faults["code"] = refusal.filled
    return forms.Form(form.values, faults, refusal, form.key)


def _form(visit: Visit, form: forms.Form, discount: Discount | None = None) -> PageResponse:
    data = {
        "form": form,
        "discount": discount,
        "state": discount.state(visit.call.now) if discount else "",
        "choice": session_choice(visit, _ticked(form.values)),
        "currency": discount.currency if discount else visit.home.currency,
    }
    return Html("discounts/form.html", data, status_of(form.refusal) if form.refusal else 200)
