"""Webhooks of an organisation, for its owners."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import webhooks
from chalicelib.rules.inputs.webhooks import WebhookChanges, WebhookInput
from chalicelib.rules.webhooks import DeliveryStatus, TooManyWebhooks, Webhook, WebhookDelivery, WebhookOff
from chalicelib.web.audience import Staff

WEBHOOKS = "/v1/orgs/{org}/webhooks"
ONE = WEBHOOKS + "/{webhook}"
DELIVERIES = ONE + "/deliveries"
OWNER = Staff("manage_integrations")


class WebhookOut(Out):
    id: str
    url: str
    events: list[str]
    """The types that it is told of; `*` for all."""
    active: bool
    switched_off: str | None
    """Why it was switched off by itself: `failing` for five days, or `gone` (it answered 410); null otherwise."""
    switched_off_at: Moment | None
    failing_since: Moment | None
    """The first failed attempt since the last success; null if there is none."""
    old_secret_until: Moment | None
    """Until when calls are signed with the secret before, too; null if it was not rotated."""
    created_at: Moment

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookOut":
        return cls(
            id=webhook.id,
            url=webhook.url,
            events=list(webhook.events),
            active=webhook.active,
            switched_off=webhook.off_reason or None,
            switched_off_at=webhook.off_at,
            failing_since=webhook.failing_since,
            old_secret_until=webhook.old_secret_until,
            created_at=webhook.created_at,
        )


class WebhookSecretOut(WebhookOut):
    secret: str
    """What calls are signed with. It is in no other answer."""

    @classmethod
    def with_secret(cls, made: webhooks.WebhookWithSecret) -> "WebhookSecretOut":
        return cls(**dict(WebhookOut.of(made.webhook)), secret=made.secret)


class WebhookListOut(Out):
    items: list[WebhookOut]
    next: str | None


class DeliveryOut(Out):
    id: str
    """The header `webhook-id`, the same for every attempt."""
    event: str
    """The type, such as `registration.created`, or `ping`."""
    thing: str
    """The id of the session, registration, customer, …"""
    attempts: int
    """Since it was last asked for."""
    status: DeliveryStatus
    answered: int | None
    """The status of the last answer; null if there was none."""
    fault: str | None
    """Why there was no answer, in one word, such as `timed_out`."""
    at: Moment
    """When it happened."""
    attempted_at: Moment | None
    next_at: Moment | None
    """When the next attempt follows; null if none does."""

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> "DeliveryOut":
        known = {name: getattr(delivery, name) for name in cls.model_fields if name not in {"thing", "fault"}}
        return cls(**known, thing=delivery.subject.id, fault=delivery.fault or None)


class DeliveriesOut(Out):
    items: list[DeliveryOut]
    next: str | None


@endpoint("GET", WEBHOOKS, id="webhooks.list_webhooks", who=OWNER, gives={200: WebhookListOut}, query=lists.QUERY)
def list_webhooks(request: Request[None]) -> ApiResponse:
    """List the webhooks, the first made first."""
    page, next_start = lists.page_of(webhooks.every(request.org), lists.list_query(request.call), lambda webhook: webhook.id)
    return ApiResponse(200, WebhookListOut(items=[WebhookOut.of(one) for one in page], next=lists.cursor(request.call, next_start)))


@endpoint(
    "POST",
    WEBHOOKS,
    id="webhooks.create_webhook",
    who=OWNER,
    takes=WebhookInput,
    gives={201: WebhookSecretOut},
    refuses=(TooManyWebhooks,),
)
def create_webhook(request: Request[WebhookInput]) -> ApiResponse:
    """Add a webhook. Its secret is in this answer only."""
    made = webhooks.create(request.org, request.body, key=request.key, now=request.call.now)
    return ApiResponse(201, WebhookSecretOut.with_secret(made))


@endpoint("GET", ONE, id="webhooks.read_webhook", who=OWNER, gives={200: WebhookOut})
def read_webhook(request: Request[None]) -> ApiResponse:
    """Read a webhook."""
    return ApiResponse(200, WebhookOut.of(webhooks.read(request.org, request["webhook"])))


@endpoint("PATCH", ONE, id="webhooks.edit_webhook", who=OWNER, takes=WebhookChanges, gives={200: WebhookOut})
def edit_webhook(request: Request[WebhookChanges]) -> ApiResponse:
    """Change the fields that are sent. `active: true` switches it on again, and forgets earlier failures."""
    return ApiResponse(200, WebhookOut.of(webhooks.edit(request.org, request["webhook"], request.body)))


@endpoint("DELETE", ONE, id="webhooks.delete_webhook", who=OWNER, gives={204: None})
def delete_webhook(request: Request[None]) -> ApiResponse:
    """Delete a webhook. Its queued events are not sent."""
    webhooks.delete(request.org, request["webhook"])
    return ApiResponse(204)


@endpoint("POST", ONE + "/rotate", id="webhooks.rotate_secret", who=OWNER, gives={200: WebhookSecretOut})
def rotate_secret(request: Request[None]) -> ApiResponse:
    """Make a new secret. For a day, every call carries a signature with the new one and one with the one before."""
    return ApiResponse(200, WebhookSecretOut.with_secret(webhooks.rotate(request.org, request["webhook"], now=request.call.now)))


@endpoint("POST", ONE + "/ping", id="webhooks.ping", who=OWNER, gives={202: DeliveryOut}, refuses=(WebhookOff,))
def ping(request: Request[None]) -> ApiResponse:
    """Send an event of the type `ping`, to try the address out."""
    return ApiResponse(202, DeliveryOut.of(webhooks.ping(request.org, request["webhook"], now=request.call.now)))


@endpoint("GET", DELIVERIES, id="webhooks.list_deliveries", who=OWNER, gives={200: DeliveriesOut}, query=lists.QUERY)
def list_deliveries(request: Request[None]) -> ApiResponse:
    """List what the webhook was told in the last 30 days, latest first, with what came back."""
    paging = lists.list_query(request.call)
    found = webhooks.list_deliveries(request.org, request["webhook"], limit=paging.limit, start=paging.start)
    body = DeliveriesOut(items=[DeliveryOut.of(one) for one in found.items], next=lists.cursor(request.call, found.next))
    return ApiResponse(200, body)


@endpoint(
    "POST",
    DELIVERIES + "/{delivery}/again",
    id="webhooks.send_again",
    who=OWNER,
    gives={202: DeliveryOut},
    refuses=(WebhookOff,),
)
def send_again(request: Request[None]) -> ApiResponse:
    """Send a delivery again under the same id."""
    sent = webhooks.send_again(request.org, request["webhook"], request["delivery"], now=request.call.now)
    return ApiResponse(202, DeliveryOut.of(sent))
