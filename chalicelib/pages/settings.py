"""The organisation's settings."""

from typing import Any

from chalicelib.operations import links, organisations
from chalicelib.pages import forms, reminder_settings
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

SETTINGS = "/o/{org}/settings"
KEYS = ("stripe_secret_key", "stripe_webhook_secret")
MONEY = ("vat_rate", "public_billing", "payment_instructions", "address", "vat_number")
IDENTITY = ("name", "from_name", "reply_to", "accent")
FIELDS = (*IDENTITY, "locale", "time_zone", "currency", "invitation_days", "date_reminder_hours", "forwarding", *MONEY)
MOVES = "self_service_moves"
NEEDED = N_("Please fill in this field.")
SIBLING = ("from_nth", "percent")
WAITLIST = ("mode", "offer_hours", "cutoff_hours")
MAY_BE_EMPTY = {"from_name", "reply_to", "payment_instructions", "address", "vat_number"}


@page("GET", SETTINGS, who=Staff("manage_settings"))
def settings(visit: Visit) -> PageResponse:
    return _page(visit, forms.blank(_fields(visit)))


@page("POST", SETTINGS, who=Staff("manage_settings"))
def save(visit: Visit) -> PageResponse:
    try:
        organisations.change(visit.org, _changes(visit), expected=forms.version(visit.typed), now=visit.call.now)
    except forms.REFUSED as refusal:
        return _page(visit, forms.with_conflict(forms.refused(visit.typed, refusal), _fields(visit)), status_of(refusal))
    return Redirect(f"/o/{visit.org}/settings", {"done": "saved"})


@page("POST", SETTINGS + "/online-payment", who=Staff("manage_settings"))
def save_keys(visit: Visit) -> PageResponse:
    """Save the Stripe keys that were typed. An empty field leaves its key unchanged."""
    typed = {name: visit.typed.get(name, "").strip() for name in KEYS}
    try:
        organisations.change(visit.org, forms.read(OrganisationChanges, typed), expected=None)
    except forms.REFUSED as refusal:
        return _page(visit, forms.blank(_fields(visit)), status_of(refusal), keys=forms.refused({}, refusal))
    return Redirect(f"/o/{visit.org}/settings", {"done": "saved"})


@page("POST", SETTINGS + "/online-payment/off", who=Staff("manage_settings"))
def drop_keys(visit: Visit) -> PageResponse:
    organisations.change(visit.org, OrganisationChanges.model_validate(dict.fromkeys(KEYS)), expected=None)
    return Redirect(f"/o/{visit.org}/settings", {"done": "saved"})


def _fields(visit: Visit) -> dict[str, str]:
    sibling = visit.home.sibling_discount
    discount = {f"sibling_discount/{name}": str(getattr(sibling, name)) for name in SIBLING} if sibling else {}
    line = {f"waitlist/{name}": str(getattr(visit.home.waitlist, name)) for name in WAITLIST}
    line |= {"waitlist/auto_offer": "true" if visit.home.waitlist.auto_offer else ""}
    hours = visit.home.cancel_until_hours
    line |= {"cancel_until_hours": "" if hours is None else str(hours), MOVES: "true" if visit.home.self_service_moves else ""}
    plain = {name: _written(getattr(visit.home, name)) for name in (*FIELDS, "version")}
    return {**plain, **reminder_settings.filled(visit.home), **line, **discount}


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _changes(visit: Visit) -> OrganisationChanges:
    typed = {name: visit.typed.get(name, "").strip() for name in FIELDS}
    typed["vat_rate"] = typed["vat_rate"].replace(",", ".")
    empty = {name: "" for name in MAY_BE_EMPTY if not typed[name]}
    typed |= {name: visit.typed.get(name, "").strip() for name in (f"waitlist/{part}" for part in WAITLIST)}
    missing = {name: NEEDED for name in typed if not typed[name] and name not in MAY_BE_EMPTY}
    ticks = {name: visit.typed.get(name) == "true" for name in ("waitlist/auto_offer", MOVES)}
    hours = visit.typed.get("cancel_until_hours", "").strip()
    reminders, wrong = reminder_settings.chosen(visit.typed)
    sibling = _sibling(visit)
    off = {"quiet_hours": None} if reminder_settings.never_quiet(visit.typed) else {}
    off |= {} if any(sibling.values()) else {"sibling_discount": None}
    off |= {} if hours else {"cancel_until_hours": None}
    values = {**typed, **ticks, **reminders, **sibling, **({"cancel_until_hours": forms.whole_number(hours)} if hours else {})}
    return forms.read(OrganisationChanges, values, {**missing, **wrong}).model_copy(update={**empty, **off})


def _sibling(visit: Visit) -> dict[str, Any]:
    """Return the fields of the sibling discount. The discount is removed when both are empty."""
    return {name: forms.whole_number(visit.typed.get(name, "")) for name in (f"sibling_discount/{part}" for part in SIBLING)}


def _page(visit: Visit, form: forms.Form, status: int = 200, *, keys: forms.Form | None = None) -> PageResponse:
    data = {"form": form, "keys": keys or forms.blank(), "webhook": links.stripe_webhook(visit.org)}
    return Html("settings.html", data, status)
