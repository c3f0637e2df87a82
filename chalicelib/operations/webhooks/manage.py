"""Webhooks of an organisation, for its owners."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.operations.identity import derived
from chalicelib.rules.inputs.webhooks import WebhookChanges, WebhookInput
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.rules.webhook_addresses import target
from chalicelib.rules.webhooks import MOST_WEBHOOKS, SECRET_BYTES, TooManyWebhooks, Webhook, new_secret
from chalicelib.tables import webhooks as table

TRIES = 5
NO_TARGET = ("/url", "not_a_public_https_url", N_("Enter a public address that starts with https://, without a name or password in it."))


class WebhookWithSecret(NamedTuple):
    """A webhook with its new secret, which is shown once."""

    webhook: Webhook
    secret: str


def every(org: str) -> list[Webhook]:
    """Return the webhooks, the first made first."""
    return table.every(org)


def read(org: str, id: str) -> Webhook:
    """Return the webhook. Raises NotFound."""
    return table.get(org, id)


def create(org: str, draft: WebhookInput, *, key: str, now: datetime) -> WebhookWithSecret:
    """Add a webhook. A retry with the same key gives the same webhook a new secret. Raises ValidationFailed, TooManyWebhooks."""
    _check_url(draft.url)
    secret, id = new_secret(secrets.token_bytes(SECRET_BYTES)), derived("webhook", org, key)
    webhook = Webhook(org, id, draft.url, tuple(draft.events), table.encrypted(secret, org), now, active=draft.active)
    known = table.every(org)
    if len(known) >= MOST_WEBHOOKS and id not in {one.id for one in known}:
        raise TooManyWebhooks
    if not table.create(webhook):
        # The first attempt crashed before its answer: nobody knows its secret.
        webhook = _change(org, id, lambda was: replace(was, secret=webhook.secret))
    return WebhookWithSecret(webhook, secret)


def edit(org: str, id: str, changes: WebhookChanges) -> Webhook:
    """Change the given fields. Another address, or switching it on, forgets earlier failures. Raises NotFound, ValidationFailed, Busy."""
    if changes.url is not None:
        _check_url(changes.url)
    return _change(org, id, lambda was: _edited(was, changes))


def _edited(was: Webhook, changes: WebhookChanges) -> Webhook:
    webhook = replace(was, url=changes.url or was.url, events=tuple(changes.events or was.events))
    if webhook.url != was.url:
        webhook = replace(webhook, failing_since=None)
    if changes.active is None or changes.active == was.active:
        return webhook
    return replace(webhook, active=changes.active, off_reason="", off_at=None, failing_since=None)


def rotate(org: str, id: str, *, now: datetime) -> WebhookWithSecret:
    """Give the webhook a new secret. For a day, those before count too. Raises NotFound, Busy."""
    secret = new_secret(secrets.token_bytes(SECRET_BYTES))
    stored = table.encrypted(secret, org)
    return WebhookWithSecret(_change(org, id, lambda was: was.with_secret(stored, now=now)), secret)


def delete(org: str, id: str) -> None:
    """Delete the webhook. Its queued events are not sent. Raises NotFound."""
    if not table.delete(org, id):
        raise NotFound


def _change(org: str, id: str, changed: Callable[[Webhook], Webhook]) -> Webhook:
    """Write a change over the version that was read, and again over the next one if somebody else was faster."""
    for _ in range(TRIES):
        was = table.get(org, id)
        edited = changed(was)
        if edited == was:
            return was
        try:
            return table.save(edited)
        except ChangedMeanwhile:
            continue
    raise Busy


def _check_url(url: str) -> None:
    if target(url, local=config().on_local_stack) is None:
        raise ValidationFailed([NO_TARGET])
