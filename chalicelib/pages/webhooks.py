"""Webhooks: the form with its events, the log of deliveries, and what owners do with both."""

from collections.abc import Mapping

from chalicelib.operations import webhooks
from chalicelib.pages import confirm, forms
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.pages.webhook_labels import FAULTS, GROUPS, event_label
from chalicelib.rules.inputs.webhooks import WebhookChanges, WebhookInput
from chalicelib.rules.webhooks import ALL, EVENT_TYPES, Webhook
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

WEBHOOKS = "/o/{org}/integrations/webhooks"
ONE = WEBHOOKS + "/{webhook}"
OWNER = Staff("manage_integrations")
SHOWN = 25


@page("GET", WEBHOOKS, who=OWNER)
def new_webhook(visit: Visit) -> PageResponse:
    return _form(visit, forms.blank({"all": "true"}))


@page("POST", WEBHOOKS, who=OWNER)
def create_webhook(visit: Visit) -> PageResponse:
    """Add a webhook and show its secret: this page is the only one that has it."""
    try:
        made = webhooks.create(visit.org, forms.read(WebhookInput, _values(visit)), key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return _secret(made)


@page("GET", ONE, who=OWNER)
def webhook_page(visit: Visit) -> PageResponse:
    return _webhook(visit)


@page("POST", ONE, who=OWNER)
def edit_webhook(visit: Visit) -> PageResponse:
    try:
        webhooks.edit(visit.org, visit["webhook"], forms.read(WebhookChanges, _values(visit)))
    except forms.REFUSED as refusal:
        return _webhook(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return _back(visit, "saved")


@page("POST", ONE + "/on", who=OWNER)
def switch_on(visit: Visit) -> PageResponse:
    webhooks.edit(visit.org, visit["webhook"], WebhookChanges(active=True))
    return _back(visit, "webhook-on")


@page("POST", ONE + "/off", who=OWNER)
def switch_off(visit: Visit) -> PageResponse:
    webhooks.edit(visit.org, visit["webhook"], WebhookChanges(active=False))
    return _back(visit, "webhook-off")


@page("POST", ONE + "/ping", who=OWNER)
def ping(visit: Visit) -> PageResponse:
    webhooks.ping(visit.org, visit["webhook"], now=visit.call.now)
    return _back(visit, "webhook-sent")


@page("POST", ONE + "/deliveries/{delivery}/again", who=OWNER)
def send_again(visit: Visit) -> PageResponse:
    webhooks.send_again(visit.org, visit["webhook"], visit["delivery"], now=visit.call.now)
    return _back(visit, "webhook-sent")


@page("GET", ONE + "/rotate", who=OWNER)
def ask_rotate(visit: Visit) -> PageResponse:
    webhooks.read(visit.org, visit["webhook"])
    return confirm.ask(
        visit,
        visit.gettext("Make a new secret?"),
        [visit.gettext("Calls are signed with both secrets for a day, so you can change it in your program without missing one.")],
        verb=visit.gettext("Make a new secret"),
        stay=visit.gettext("Cancel"),
        back=_path(visit),
    )


@page("POST", ONE + "/rotate", who=OWNER)
def rotate(visit: Visit) -> PageResponse:
    """Make a new secret and show it: this page is the only one that has it."""
    return _secret(webhooks.rotate(visit.org, visit["webhook"], now=visit.call.now))


@page("GET", ONE + "/delete", who=OWNER)
def ask_delete(visit: Visit) -> PageResponse:
    found = webhooks.read(visit.org, visit["webhook"])
    return confirm.ask(
        visit,
        visit.gettext("Delete the webhook?"),
        [visit.gettext("%(url)s is told nothing more, and its log is gone.") % {"url": found.url}],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Cancel"),
        back=_path(visit),
        destroys=True,
    )


@page("POST", ONE + "/delete", who=OWNER)
def delete(visit: Visit) -> PageResponse:
    webhooks.delete(visit.org, visit["webhook"])
    return Redirect(f"/o/{visit.org}/integrations", {"done": "webhook-deleted"})


def _values(visit: Visit) -> Mapping[str, object]:
    chosen = [event for event in EVENT_TYPES if visit.typed.get(event) == "true"]
    return {"url": visit.typed.get("url", ""), "events": [ALL] if visit.typed.get("all") == "true" else chosen or ""}


def _fields(webhook: Webhook) -> dict[str, str]:
    ticked = {"all": "true"} if ALL in webhook.events else dict.fromkeys(webhook.events, "true")
    return {"url": webhook.url, **ticked}


def _form(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    return Html("integrations/webhook_form.html", {"form": form, "groups": GROUPS, "event_label": event_label}, status)


def _webhook(visit: Visit, form: forms.Form | None = None, status: int = 200) -> PageResponse:
    pager = ListPage.of(visit)
    found = webhooks.list_deliveries(visit.org, visit["webhook"], limit=SHOWN, start=pager.start)
    shown = {
        "webhook": found.webhook,
        "deliveries": found.items,
        "pager": pager.links(found.next),
        "form": form or forms.blank(_fields(found.webhook)),
        "groups": GROUPS,
        "event_label": event_label,
        "faults": FAULTS,
    }
    return Html("integrations/webhook.html", shown, status)


def _secret(made: webhooks.WebhookWithSecret) -> PageResponse:
    return Html("integrations/new_secret.html", {"webhook": made.webhook, "text": made.secret})


def _path(visit: Visit) -> str:
    return f"/o/{visit.org}/integrations/webhooks/{visit['webhook']}"


def _back(visit: Visit, done: str) -> PageResponse:
    return Redirect(_path(visit), {"done": done})
