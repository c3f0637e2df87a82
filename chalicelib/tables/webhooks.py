"""Webhooks: a row each. Every write but the first requires the version that was read."""

from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import datetime

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.webhooks import OffReason, OldSecret, Webhook
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import Codec, ValueCodec
from chalicelib.tables.conditions import THERE, Update, as_read, equals, unchanged
from chalicelib.tables.encryption import decrypt, encrypt
from chalicelib.tables.items import Item, item, plain
from chalicelib.tables.saves import save as save_row

SECRET_AS_TEXT = ValueCodec(lambda old: [b64encode(old.secret).decode(), times.written(old.until)], lambda kept: _old_secret(*kept))
"""Inside a list there is text only."""
WEBHOOKS = Codec(Webhook, elsewhere={"org", "id"}, always={"active", "version"}, inner={OldSecret: SECRET_AS_TEXT})


def encrypted(secret: str, org: str) -> bytes:
    return encrypt(secret, of=_purpose(org))


def decrypted(secret: bytes, org: str) -> str:
    return decrypt(secret, of=_purpose(org))


def create(webhook: Webhook) -> bool:
    """Write a new webhook. False when a retry finds the one that the first attempt wrote; it stays."""
    try:
        dynamodb.put_new(config().records_table, _item(webhook))
    except dynamodb.ConditionFailed:
        return False
    return True


def get(org: str, id: str) -> Webhook:
    """Return the webhook. Raises NotFound."""
    found = dynamodb.get(config().records_table, keys.webhook(org, id))
    if not found:
        raise NotFound
    return webhook_from(found)


def every(org: str) -> list[Webhook]:
    """Return the webhooks of the organisation, the first made first."""
    found = dynamodb.query(
        TableName=config().records_table,
        KeyConditionExpression="pk = :webhooks",
        ExpressionAttributeValues={":webhooks": {"S": keys.webhooks(org)}},
        ConsistentRead=True,
    )
    return sorted(map(webhook_from, found), key=lambda webhook: (webhook.created_at, webhook.id))


def save(webhook: Webhook) -> Webhook:
    """Write the webhook over the version that was read. Raises ChangedMeanwhile."""
    saved = replace(webhook, version=webhook.version + 1)
    try:
        save_row(config().records_table, _item(saved), WEBHOOKS.attributes, as_read(webhook.version))
    except dynamodb.ConditionFailed:
        raise ChangedMeanwhile from None
    return saved


def delete(org: str, id: str) -> bool:
    """Delete the webhook. False when there is none."""
    key = keys.webhook(org, id)
    dynamodb.sign(config().records_table, key)
    try:
        dynamodb.delete(config().records_table, key, THERE)
    except dynamodb.ConditionFailed:
        return False
    return True


def note_failure(webhook: Webhook, *, now: datetime) -> Webhook | None:
    """Note when attempts began to fail, unless that is known. None for a webhook that is gone or switched off: nothing to note."""
    change = Update().default(failing_since=times.written(now))
    try:
        return webhook_from(dynamodb.update(config().records_table, keys.webhook(webhook.org, webhook.id), change, equals("active", True)))
    except dynamodb.ConditionFailed:
        return None


def note_success(webhook: Webhook) -> None:
    """Forget since when attempts failed. Another attempt may have done so, and failed again since: then its note stays."""
    was = unchanged("failing_since", webhook.failing_since and times.written(webhook.failing_since))
    try:
        dynamodb.update(config().records_table, keys.webhook(webhook.org, webhook.id), Update().remove("failing_since"), THERE & was)
    except dynamodb.ConditionFailed:
        return


def switch_off(webhook: Webhook, reason: OffReason, *, now: datetime) -> None:
    """Switch the webhook off for a reason of its own. One that was changed, switched off or reached meanwhile is left alone."""
    change = Update().set(active=False, off_reason=reason, off_at=times.written(now)).remove("failing_since").add(version=1)
    try:
        since = webhook.failing_since and times.written(webhook.failing_since)
        as_it_was = equals("active", True) & as_read(webhook.version) & unchanged("failing_since", since)
        dynamodb.update(config().records_table, keys.webhook(webhook.org, webhook.id), change, as_it_was)
    except dynamodb.ConditionFailed:
        return


def switched_off(old: Item | None, new: Item | None) -> Webhook | None:
    """Return the webhook that a change of a row has switched off without an owner; None for other rows and changes."""
    if old is None or new is None or not new["sk"]["S"].startswith(keys.WEBHOOK):
        return None
    became = webhook_from(new)
    return became if became.off_reason and not webhook_from(old).off_reason else None


def webhook_from(row: Item) -> Webhook:
    values = plain(row)
    return WEBHOOKS.read(values, org=values["pk"].partition("#")[0], id=values["sk"].removeprefix(keys.WEBHOOK))


def _item(webhook: Webhook) -> Item:
    return {**keys.webhook(webhook.org, webhook.id).stored(), **item(WEBHOOKS.write(webhook))}


def _old_secret(secret: str, until: str) -> OldSecret:
    return OldSecret(b64decode(secret), times.read(until))


def _purpose(org: str) -> str:
    return f"webhook#{org}"
