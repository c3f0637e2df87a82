"""Discount codes: the list, the form of one, switched off and on again."""

from typing import Any

from chalicelib.operations import discounts, sessions
from chalicelib.pages import forms, moments
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.sessions.sheets import NO_AMOUNT, NoSuchAmountError, amount_field, amount_of
from chalicelib.rules.discounts import Discount, DiscountExists
from chalicelib.rules.drafts.discounts import DiscountChanges, DiscountDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

DISCOUNTS = "/o/{org}/discounts"
NEW = DISCOUNTS + "/new"
DISCOUNT = DISCOUNTS + "/codes/{code}"
PLAIN = ("kind", "max_uses", "max_uses_per_customer")
MOMENTS = ("starts_at", "ends_at")
NO_PERCENTAGE = "Write a percentage from 1 to 100."
OFFERED = 200
"""How many of the coming sessions the form offers."""


@page("GET", DISCOUNTS, who=Staff("viewer"))
def list_discounts(visit: Visit) -> Answer:
    found = [(discount, discount.state(visit.call.now)) for discount in discounts.list_discounts(visit.org)]
    return Html("discounts/list.html", {"discounts": found})


@page("GET", NEW, who=Staff("manager"))
def new_discount(visit: Visit) -> Answer:
    return _form(visit, forms.blank({"kind": "percent"}))


@page("POST", NEW, who=Staff("manager"))
def create_discount(visit: Visit) -> Answer:
    try:
        values, faults = _values(visit, visit.home.currency)
        draft = forms.read(DiscountDraft, {**values, "code": visit.typed.get("code", "")}, faults)
        discounts.create_discount(visit.org, draft, key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, _refused(visit, refusal))
    return Redirect(f"/o/{visit.org}/discounts", {"done": "discount-made"})


@page("GET", DISCOUNT, who=Staff("viewer"))
def discount_form(visit: Visit) -> Answer:
    discount = discounts.read_discount(visit.org, visit["code"])
    return _form(visit, forms.blank(_fields(visit, discount)), discount)


@page("POST", DISCOUNT, who=Staff("manager"))
def edit_discount(visit: Visit) -> Answer:
    discount = discounts.read_discount(visit.org, visit["code"])
    try:
        values, faults = _values(visit, discount.currency)
        draft = forms.read(DiscountDraft, {**values, "code": discount.code}, faults)
        _change(visit, DiscountChanges.model_construct(_fields_set=CHANGED, **dict(draft)), expected=_version(visit))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, _refused(visit, refusal), discount)
    return Redirect(f"/o/{visit.org}/discounts", {"done": "saved"})


@page("POST", DISCOUNT + "/off", who=Staff("manager"))
def switch_off(visit: Visit) -> Answer:
    _change(visit, DiscountChanges(active=False))
    return Redirect(f"/o/{visit.org}/discounts", {"done": "discount-off"})


@page("POST", DISCOUNT + "/on", who=Staff("manager"))
def switch_on(visit: Visit) -> Answer:
    _change(visit, DiscountChanges(active=True))
    return Redirect(f"/o/{visit.org}/discounts", {"done": "discount-on"})


CHANGED = {*PLAIN, *MOMENTS, "value", "sessions", "tags"}


def _change(visit: Visit, changes: DiscountChanges, *, expected: int | None = None) -> None:
    discounts.edit_discount(visit.org, visit["code"], changes, expected=expected, now=visit.call.now)


def _values(visit: Visit, currency: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that the form sends, and what could not be read of it."""
    typed = {name: value.strip() for name, value in visit.typed.items()}
    values: dict[str, Any] = {"kind": typed.get("kind", "")}
    values |= {name: int(number) if (number := typed.get(name, "")).isdecimal() else number for name in PLAIN[1:]}
    values["sessions"] = [name.partition("/")[2] for name in typed if name.startswith("sessions/")]
    values["tags"] = [tag.strip() for tag in typed.get("tags", "").split(",") if tag.strip()]
    faults = {}
    try:
        values["value"] = _value(typed.get("value", ""), values["kind"], currency)
    except NoSuchAmountError:
        faults["value"] = NO_PERCENTAGE if values["kind"] == "percent" else NO_AMOUNT
    for name in MOMENTS:
        try:
            values[name] = moments.typed(typed[name], visit.home.time_zone) if typed.get(name) else ""
        except moments.NoSuchTimeError as wrong:
            faults[name] = str(wrong)
    return values, faults


def _value(text: str, kind: str, currency: str) -> int:
    """Return per cent or minor units. Raises NoSuchAmountError."""
    if kind != "percent":
        return amount_of(text, currency)
    percent = text.removesuffix("%").strip()
    if not (percent.isdecimal() and len(percent) <= len("100")):
        raise NoSuchAmountError(text)
    return int(percent)


def _fields(visit: Visit, discount: Discount) -> dict[str, str]:
    zone = visit.home.time_zone
    given = {name: getattr(discount, name) for name in MOMENTS}
    return {
        **{name: str(getattr(discount, name) or "") for name in PLAIN},
        **{name: moments.field(moment, zone) for name, moment in given.items() if moment},
        "value": amount_field(discount.value, discount.currency) if discount.kind == "fixed" else str(discount.value),
        "tags": ", ".join(discount.tags),
        "version": str(discount.version),
        **{f"sessions/{own}": "true" for own in discount.sessions},
    }


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    form = forms.refused(visit.typed, refusal)
    faults = {name.split("/")[0]: sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, DiscountExists):
        faults["code"] = refusal.sentence
    return forms.Form(form.values, faults, refusal, form.key)


def _version(visit: Visit) -> int | None:
    typed = visit.typed.get("version", "")
    return int(typed) if typed.isdecimal() else None


def _form(visit: Visit, form: forms.Form, discount: Discount | None = None) -> Answer:
    coming = [view.session for view in sessions.list_sessions(visit.org, now=visit.call.now, limit=OFFERED, coming=True).items]
    data = {
        "form": form,
        "discount": discount,
        "state": discount.state(visit.call.now) if discount else "",
        "sessions": coming,
        "gone": [own for own in (discount.sessions if discount else ()) if own not in {session.id for session in coming}],
        "currency": discount.currency if discount else visit.home.currency,
    }
    return Html("discounts/form.html", data, status_of(form.refusal) if form.refusal else 200)
