"""People who have registered for a portal and have yet to confirm their address: forgotten when they do not."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from chalicelib.rules.accounts import Joining, LinkRunOut, LinkUsed
from chalicelib.rules.customers import Participant
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

KNOWN_AFTERWARDS = timedelta(days=30)
"""For so long a link that has run out, or was used, is told from one that never was."""
NEW = "attribute_not_exists(pk)"
STILL_OPEN = "attribute_exists(pk) AND attribute_not_exists(used)"


def add(joining: Joining) -> None:
    """Write what somebody registered with. What the same request wrote before stands."""
    try:
        requests.put(settings().memory_table, _item(joining), NEW)
    except requests.ConditionFailed:
        return


def get(org: str, own: str, *, now: datetime) -> Joining:
    """Return what somebody registered with. Raises LinkUsed when the address is confirmed or that is long ago, and LinkRunOut."""
    found = requests.get(settings().memory_table, keys.joining(org, own))
    if found is None or "used" in found:
        raise LinkUsed
    joining = _joining_from(org, own, found)
    if joining.runs_out_at <= now:
        raise LinkRunOut
    return joining


def finish(joining: Joining) -> None:
    """Note that the address is confirmed, and forget everything else. Raises LinkUsed when somebody else was first."""
    try:
        requests.update(
            settings().memory_table,
            keys.joining(joining.org, joining.id),
            "SET used = :yes REMOVE email, #name, participants, password",
            STILL_OPEN,
            names={"#name": "name"},
            values={":yes": stored(True)},
        )
    except requests.ConditionFailed:
        raise LinkUsed from None


def _item(joining: Joining) -> Item:
    runs_out = int(joining.runs_out_at.timestamp())
    return {
        **keys.joining(joining.org, joining.id).stored(),
        **item(
            {
                "email": joining.email,
                "name": joining.name,
                "participants": [asdict(participant) for participant in joining.participants],
                "locale": joining.locale,
                "password": joining.password,
                "runs_out_at": runs_out,
                "forget_at": runs_out + int(KNOWN_AFTERWARDS.total_seconds()),
            }
        ),
    }


def _joining_from(org: str, own: str, entry: Item) -> Joining:
    values = plain(entry)
    return Joining(
        org=org,
        id=own,
        email=values["email"],
        name=values["name"],
        participants=tuple(Participant(**participant) for participant in values["participants"]),
        locale=values["locale"],
        password=bytes(values["password"]),
        runs_out_at=datetime.fromtimestamp(values["runs_out_at"], UTC),
    )
