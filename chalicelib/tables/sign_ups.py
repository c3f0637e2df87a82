"""Sign-ups for a portal whose address is not confirmed yet; they expire."""

from datetime import datetime, timedelta

from chalicelib.config import config
from chalicelib.rules.auth import LinkExpired, LinkUsed, SignUp
from chalicelib.tables import dynamodb, keys
from chalicelib.tables.codec import EPOCH, Codec
from chalicelib.tables.conditions import THERE, Update, absent
from chalicelib.tables.items import Item, item, plain

KNOWN_AFTERWARDS = timedelta(hours=12)
"""How long an expired link is told from one that never existed. Then name, participants and password are deleted, within a day or two."""
USED_KNOWN = timedelta(days=30)
"""How long the same holds for a used link, of which nothing personal is left."""
SIGN_UPS = Codec(SignUp, elsewhere={"org", "id"}, forms={"runs_out_at": EPOCH})
STILL_OPEN = THERE & absent("used")


def add(sign_up: SignUp) -> None:
    """Write a sign-up. For a repeated request, the first one stays."""
    try:
        dynamodb.put_new(config().memory_table, _item(sign_up))
    except dynamodb.ConditionFailed:
        return


def get(org: str, id: str, *, now: datetime) -> SignUp:
    """Return the sign-up. Raises LinkUsed when its address is confirmed or the row has expired, LinkExpired when the link has."""
    found = dynamodb.get(config().memory_table, keys.sign_up(org, id))
    if found is None or "used" in found:
        raise LinkUsed
    sign_up = _sign_up_from(org, id, found)
    if sign_up.runs_out_at <= now:
        raise LinkExpired
    return sign_up


def finish(sign_up: SignUp) -> None:
    """Mark the address as confirmed and delete all other data. Raises LinkUsed when another request was first."""
    known = int((sign_up.runs_out_at + USED_KNOWN).timestamp())
    change = Update().set(used=True, forget_at=known).remove("email", "name", "participants", "password")
    try:
        dynamodb.update(config().memory_table, keys.sign_up(sign_up.org, sign_up.id), change, STILL_OPEN)
    except dynamodb.ConditionFailed:
        raise LinkUsed from None


def _item(sign_up: SignUp) -> Item:
    forget_at = int((sign_up.runs_out_at + KNOWN_AFTERWARDS).timestamp())
    return {**keys.sign_up(sign_up.org, sign_up.id).stored(), **item({**SIGN_UPS.write(sign_up), "forget_at": forget_at})}


def _sign_up_from(org: str, id: str, row: Item) -> SignUp:
    return SIGN_UPS.read(plain(row), org=org, id=id)
