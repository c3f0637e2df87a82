"""Marks of sign-ins that were signed out: their access tokens are valid for up to an hour, but are refused from then on."""

from datetime import datetime, timedelta

from chalicelib.config import config
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.items import stored

RETENTION = timedelta(minutes=70)
"""An access token is valid for 60 minutes (infra/identity.yaml), and one may have been issued just now."""


def end(sign_in: str, *, now: datetime) -> None:
    """Mark the sign-in as ended. Ended already: nothing changes."""
    item = {**keys.ended_sign_in(sign_in).stored(), "forget_at": stored(int((now + RETENTION).timestamp()))}
    try:
        dynamodb.put_new(config().memory_table, item)
    except dynamodb.ConditionFailed:
        return


def is_ended(sign_in: str) -> bool:
    """Whether the sign-in was signed out."""
    return bool(sign_in) and dynamodb.get(config().memory_table, keys.ended_sign_in(sign_in)) is not None
