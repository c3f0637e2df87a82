"""An organisation's keys for online payment, encrypted, in a separate row that only requests to Stripe read."""

from typing import Any

from chalicelib.config import config
from chalicelib.rules.online_payment import StripeKeys
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.conditions import ALWAYS
from chalicelib.tables.encryption import decrypt, encrypt
from chalicelib.tables.items import item, plain

NAMES = ("secret_key", "webhook_secret")


def get(org: str) -> StripeKeys:
    """Return the organisation's keys, empty ones when there are none."""
    found = dynamodb.get(config().records_table, keys.stripe_keys(org))
    values = plain(found) if found else {}
    return StripeKeys(*(_decrypted(values.get(name, ""), org) for name in NAMES))


def keys_write(org: str, kept: StripeKeys) -> dict[str, Any]:
    """Return the write that stores the keys, or deletes the row when none is left.

    It has no condition of its own: the organisation's row is written with it, and that row's version protects both.
    """
    records, key = config().records_table, keys.stripe_keys(org)
    secrets = dict(zip(NAMES, (kept.secret_key, kept.webhook_secret), strict=True))
    values = item({name: encrypt(secret, of=f"stripe#{org}") if secret else None for name, secret in secrets.items()})
    if values:
        return dynamodb.put_write(records, {**key.stored(), **values}, ALWAYS)
    dynamodb.sign(records, key)
    return dynamodb.delete_write(records, key, ALWAYS)


def _decrypted(stored: str | bytes, org: str) -> str:
    """Return a stored key. Keys that an older version stored are plain text, until they are saved again."""
    return decrypt(stored, of=f"stripe#{org}") if isinstance(stored, bytes) else stored
