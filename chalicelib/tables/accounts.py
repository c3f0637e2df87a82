"""Links to a new password: one live record for each user, so that a newer link ends the older, and each works once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.rules.accounts import LinkRunOut, LinkUsed, Reset
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

KNOWN_AFTERWARDS = timedelta(days=1)
"""For so long a link that has run out is told from one that was used."""
ANOTHER = "attribute_not_exists(pk) OR nonce <> :nonce"
STILL_OPEN = "nonce = :nonce AND runs_out_at > :now AND attribute_not_exists(used)"
SAME = "nonce = :nonce"


def open_reset(reset: Reset) -> None:
    """Let this link set the password, and no older one. The same link opened again changes nothing."""
    try:
        requests.put(settings().memory_table, _item(reset), ANOTHER, values={":nonce": stored(reset.nonce)})
    except requests.ConditionFailed:
        return


def check_reset(user: str, nonce: str, *, now: datetime) -> Reset:
    """Return what the link was made for. Raises LinkUsed or LinkRunOut when it no longer sets a password."""
    found = requests.get(settings().memory_table, keys.reset(user))
    values = plain(found) if found else {}
    if values.get("nonce") != nonce or "used" in values:
        raise LinkUsed
    if values["runs_out_at"] <= int(now.timestamp()):
        raise LinkRunOut
    return _reset_from(user, values)


def use_reset(user: str, nonce: str, *, now: datetime) -> Reset:
    """Take the link, which only one can, and return what it was made for. Raises LinkUsed and LinkRunOut."""
    moment = stored(int(now.timestamp()))
    try:
        taken = requests.update(
            settings().memory_table, keys.reset(user), "SET used = :now", STILL_OPEN, values={":nonce": stored(nonce), ":now": moment}
        )
    except requests.ConditionFailed:
        check_reset(user, nonce, now=now)
        raise LinkUsed from None
    return _reset_from(user, plain(taken))


def give_back_reset(user: str, nonce: str) -> None:
    """Let the link be used again, because what it was taken for did not come about. A newer one stays."""
    try:
        requests.update(settings().memory_table, keys.reset(user), "REMOVE used", SAME, values={":nonce": stored(nonce)})
    except requests.ConditionFailed:
        return


def _item(reset: Reset) -> Item:
    runs_out = int(reset.runs_out_at.timestamp())
    kept = {
        "email": reset.email,
        "nonce": reset.nonce,
        "portal": reset.portal,
        "runs_out_at": runs_out,
        "forget_at": runs_out + int(KNOWN_AFTERWARDS.total_seconds()),
    }
    return {**keys.reset(reset.user).stored(), **item(kept)}


def _reset_from(user: str, values: dict[str, Any]) -> Reset:
    runs_out = datetime.fromtimestamp(values["runs_out_at"], UTC)
    return Reset(user=user, email=values["email"], nonce=values["nonce"], portal=values["portal"], runs_out_at=runs_out)
