"""Password resets: one live record for each user, so that a newer link replaces the older one, and each works once."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.config import config
from chalicelib.rules.auth import LinkExpired, LinkUsed, PasswordReset
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import EPOCH, Codec
from chalicelib.tables.conditions import NEW, Update, above, absent, differs, equals
from chalicelib.tables.items import Item, item, plain

KNOWN_AFTERWARDS = timedelta(days=1)
"""For this long, an expired link can be told from a used one."""

RESETS = Codec(PasswordReset, elsewhere={"user"}, always={"portal"}, forms={"runs_out_at": EPOCH})


def open_reset(reset: PasswordReset) -> None:
    """Make this link the only valid one. Idempotent."""
    try:
        dynamodb.put(config().memory_table, _item(reset), NEW | differs("nonce", reset.nonce))
    except dynamodb.ConditionFailed:
        return


def check_reset(user: str, nonce: str, *, now: datetime) -> PasswordReset:
    """Return the reset of a valid link. Raises LinkUsed, LinkExpired."""
    found = dynamodb.get(config().memory_table, keys.reset(user))
    values = plain(found) if found else {}
    if values.get("nonce") != nonce or "used" in values:
        raise LinkUsed
    if values["runs_out_at"] <= int(now.timestamp()):
        raise LinkExpired
    return _reset_from(user, values)


def use_reset(user: str, nonce: str, *, now: datetime) -> PasswordReset:
    """Use up the link and return its reset; only one caller can. Raises LinkUsed, LinkExpired."""
    moment = int(now.timestamp())
    still_open = equals("nonce", nonce) & above("runs_out_at", moment) & absent("used")
    try:
        taken = dynamodb.update(config().memory_table, keys.reset(user), Update().set(used=moment), still_open)
    except dynamodb.ConditionFailed:
        check_reset(user, nonce, now=now)
        raise LinkUsed from None
    return _reset_from(user, plain(taken))


def reopen_reset(user: str, nonce: str) -> None:
    """Make the link valid again after the reset failed. A newer link stays."""
    try:
        dynamodb.update(config().memory_table, keys.reset(user), Update().remove("used"), equals("nonce", nonce))
    except dynamodb.ConditionFailed:
        return


def _item(reset: PasswordReset) -> Item:
    forget_at = int((reset.runs_out_at + KNOWN_AFTERWARDS).timestamp())
    return {**keys.reset(reset.user).stored(), **item({**RESETS.write(reset), "forget_at": forget_at})}


def _reset_from(user: str, values: dict[str, Any]) -> PasswordReset:
    return RESETS.read(values, user=user)
