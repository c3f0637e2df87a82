"""Integrations: API keys of other programs, and what leads to webhooks and embedding."""

from collections.abc import Mapping

from chalicelib.operations import api_keys, webhooks
from chalicelib.pages import confirm, dates, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.api_keys import ApiKey
from chalicelib.rules.inputs.api_keys import ApiKeyInput
from chalicelib.rules.refusals import NotFound
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

INTEGRATIONS = "/o/{org}/integrations"
KEYS = INTEGRATIONS + "/keys"
ONE = KEYS + "/{key}/delete"
OWNER = Staff("manage_integrations")


@page("GET", INTEGRATIONS, who=OWNER)
def integrations(visit: Visit) -> PageResponse:
    return _page(visit, forms.blank({"role": "viewer"}))


@page("POST", KEYS, who=OWNER)
def create_key(visit: Visit) -> PageResponse:
    """Create a key and show it: this page is the only one that has it."""
    try:
        made = api_keys.make(visit.org, _draft(visit), by=visit.by, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _page(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return Html("integrations/new_key.html", {"api_key": made.key, "text": made.text})


@page("GET", ONE, who=OWNER)
def ask_delete_key(visit: Visit) -> PageResponse:
    return confirm.ask(
        visit,
        visit.gettext("Delete the key %(name)s?") % {"name": _key(visit).name},
        [visit.gettext("Programs that use it are refused at once. What they did stays in the history.")],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Cancel"),
        back=f"/o/{visit.org}/integrations",
        destroys=True,
    )


@page("POST", ONE, who=OWNER)
def delete_key(visit: Visit) -> PageResponse:
    api_keys.delete(visit.org, visit["key"])
    return Redirect(f"/o/{visit.org}/integrations", {"done": "key-deleted"})


def _key(visit: Visit) -> ApiKey:
    found = next((key for key in api_keys.every(visit.org) if key.id == visit["key"]), None)
    if found is None:
        raise NotFound
    return found


def _draft(visit: Visit) -> ApiKeyInput:
    """Return the typed key. A day ends with its last moment in the organisation's time zone."""
    values, faults = _values(visit)
    return forms.read(ApiKeyInput, values, faults)


def _values(visit: Visit) -> tuple[Mapping[str, object], Mapping[str, str]]:
    values: dict[str, object] = {name: visit.typed.get(name, "") for name in ("name", "role")}
    if not (day := visit.typed.get("expires_at", "").strip()):
        return values, {}
    try:
        return {**values, "expires_at": dates.end_of(day, visit.home.time_zone)}, {}
    except ValueError as fault:
        return values, {"expires_at": str(fault)}


def _page(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    shown = {"form": form, "keys": api_keys.every(visit.org), "webhooks": webhooks.every(visit.org), "last_day": dates.last_day}
    return Html("integrations/integrations.html", shown, status)
