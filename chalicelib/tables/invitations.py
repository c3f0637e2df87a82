"""Invitations: a row each, and a row that keeps a second live one for the same address away.

The row says what people did (ended, resent, waits); whether the spots are held or taken is the ledger's to say.
"""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.addresses import compared
from chalicelib.rules.invitations import Claimant, Ending, Invitation
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.items import Item, item, plain, stored

THERE = "attribute_exists(pk)"
NEW = "attribute_not_exists(pk)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_ENDED = "attribute_not_exists(ended)"
NOT_ACCEPTED = "attribute_not_exists(registration)"
NEW_OR_MINE = f"{NEW} OR ({SAME_ATTEMPT} AND {NOT_ENDED} AND {NOT_ACCEPTED})"
AS_READ = "nonce = :nonce AND sends = :sends AND link_version = :link_version"
NOBODY_ELSE_WAITS = "(attribute_not_exists(claimant) OR claimant.email = :email)"
ADDRESS_FREE = "attribute_not_exists(pk) OR invitation = :own OR invitation = :over"


class AddressTaken(Exception):
    """Another invitation to this session names the same address; whether it is live must be looked up."""

    def __init__(self, own: str) -> None:
        self.own = own


class RowStands(Exception):
    """The row is not as the write supposes; `invitation` is what it is, None when it is gone."""

    def __init__(self, invitation: Invitation | None) -> None:
        self.invitation = invitation


class NotMovable(Exception):
    """The row does not allow the change. `invitation` is what it is instead."""

    def __init__(self, invitation: Invitation) -> None:
        self.invitation = invitation


def find(org: str, session: str, own: str) -> Invitation | None:
    """Return the invitation if there is one."""
    found = requests.get(settings().rosters_table, keys.invitation(org, session, own))
    return invitation_from(found) if found else None


def get(org: str, session: str, own: str) -> Invitation:
    """Return the invitation, or NotFound."""
    found = find(org, session, own)
    if found is None:
        raise NotFound
    return found


def write(invitation: Invitation, *, over: str = "") -> Invitation | None:
    """Write a new invitation before its spots are claimed, in place of `over`, which is known to have ended.

    Return None, or the row as it stands when this very attempt was written before. Raises AddressTaken.
    """
    mine = {":nonce": stored(invitation.nonce)}
    try:
        _write(invitation, NEW_OR_MINE if over else NEW, mine if over else {}, over=over)
    except RowStands as found:
        if found.invitation and found.invitation.nonce == invitation.nonce:
            return found.invitation
        raise ChangedMeanwhile from None
    return None


def write_revived(invitation: Invitation, *, was: Invitation, over: str = "") -> None:
    """Write an invitation that lives again over what it was. Raises AddressTaken, ChangedMeanwhile."""
    try:
        _write(invitation, f"{SAME_ATTEMPT} AND {NOT_ACCEPTED}", {":nonce": stored(was.nonce)}, over=over)
    except RowStands:
        raise ChangedMeanwhile from None


def _write(invitation: Invitation, condition: str, values: Item, *, over: str) -> None:
    rosters = settings().rosters_table
    guard = keys.invited_address(invitation.org, invitation.session, invitation.email).stored()
    row = {"TableName": rosters, "Item": _item(invitation), "ConditionExpression": condition}
    if values:
        row["ExpressionAttributeValues"] = values
    once = {
        "TableName": rosters,
        "Item": {**guard, "invitation": stored(invitation.id)},
        "ConditionExpression": ADDRESS_FREE,
        "ExpressionAttributeValues": {":own": stored(invitation.id), ":over": stored(over or invitation.id)},
    }
    try:
        requests.transact([{"Put": row}, {"Put": once}])
    except requests.TransactionFailed as failed:
        row_now, taken = failed.reasons
        standing = invitation_from(row_now) if row_now else None
        if taken is not None and not (standing and standing.over):
            raise AddressTaken(taken["invitation"]["S"]) from None
        raise RowStands(standing) from None


def take_back(invitation: Invitation) -> None:
    """Delete a row whose spots could not be had, and let the address go, unless it is another attempt's by now."""
    rosters = settings().rosters_table
    guard = keys.invited_address(invitation.org, invitation.session, invitation.email)
    writes = [
        (keys.invitation(invitation.org, invitation.session, invitation.id), SAME_ATTEMPT, {":nonce": stored(invitation.nonce)}),
        (guard, "invitation = :own", {":own": stored(invitation.id)}),
    ]
    try:
        requests.transact(
            {"Delete": {"TableName": rosters, "Key": key.stored(), "ConditionExpression": condition, "ExpressionAttributeValues": values}}
            for key, condition, values in writes
        )
    except requests.TransactionFailed:
        return


def end(org: str, session: str, own: str, ending: Ending, *, by: str, now: datetime, nonce: str = "") -> Invitation:
    """Note how the invitation ended; the ledger must follow. Raises NotFound, and NotMovable when it was accepted or has ended already."""
    conditions = [THERE, NOT_ACCEPTED, NOT_ENDED, *([SAME_ATTEMPT] if nonce else [])]
    return _change(
        org,
        session,
        own,
        "SET ended = :ending, ended_at = :now, ended_by = :by REMOVE due, due_at, claimant",
        " AND ".join(conditions),
        {
            ":ending": stored(ending),
            ":now": stored(times.written(now)),
            ":by": stored(by),
            **({":nonce": stored(nonce)} if nonce else {}),
        },
    )


def mark_accepted(org: str, session: str, own: str, *, nonce: str, registration: str, by: str) -> bool:
    """Note what the ledger has decided: the invitation became this registration. False when the row is another attempt's."""
    try:
        _change(
            org,
            session,
            own,
            "SET registration = :registration, accepted_by = :by REMOVE due, due_at, claimant, ended, ended_at, ended_by",
            f"{SAME_ATTEMPT} AND {NOT_ACCEPTED}",
            {":registration": stored(registration), ":by": stored(by), ":nonce": stored(nonce)},
        )
    except (NotMovable, NotFound):
        return False
    return True


def note_resend(invitation: Invitation, *, recent: tuple[datetime, ...], rotate: bool, now: datetime) -> Invitation:
    """Count one more sending, with a new link if asked. Raises NotMovable when it changed since it was read."""
    return _change(
        invitation.org,
        invitation.session,
        invitation.id,
        "SET sends = sends + :one, link_version = link_version + :new, sent_at = :sent_at",
        f"{AS_READ} AND {NOT_ENDED} AND {NOT_ACCEPTED}",
        {
            ":one": stored(1),
            ":new": stored(int(rotate)),
            ":sent_at": stored([times.written(moment) for moment in (*recent, now)]),
            ":nonce": stored(invitation.nonce),
            ":sends": stored(invitation.sends),
            ":link_version": stored(invitation.link_version),
        },
    )


def ask_approval(invitation: Invitation, claimant: Claimant) -> Invitation:
    """Keep what somebody with another address filled in until staff decide. Raises NotMovable when somebody else waits already."""
    waits = invitation.claimant
    same_person = waits.email if waits and compared(waits.email) == compared(claimant.email) else claimant.email
    return _change(
        invitation.org,
        invitation.session,
        invitation.id,
        "SET claimant = :claimant",
        f"{SAME_ATTEMPT} AND {NOT_ENDED} AND {NOT_ACCEPTED} AND {NOBODY_ELSE_WAITS}",
        {":claimant": stored(_claimant(claimant)), ":nonce": stored(invitation.nonce), ":email": stored(same_person)},
    )


def drop_claimant(invitation: Invitation, claimant: Claimant) -> Invitation:
    """Forget who waited; the invitation stays as it is. Raises NotMovable when somebody else waits by now."""
    return _change(
        invitation.org,
        invitation.session,
        invitation.id,
        "REMOVE claimant",
        "claimant.email = :email",
        {":email": stored(claimant.email)},
    )


def due(org: str, now: datetime) -> list[tuple[str, str]]:
    """Return (session, own id) of pending invitations that have run out, from the index."""
    found = requests.query(
        TableName=settings().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at <= :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
    )
    return [(entry["pk"]["S"].partition("#")[2], entry["sk"]["S"].removeprefix(keys.INVITATION)) for entry in found]


def soonest(org: str, *, now: datetime, limit: int) -> list[Invitation]:
    """Return pending invitations by when they run out, those that have run out left aside; at most a hundred."""
    found, _ = requests.query_page(
        TableName=settings().rosters_table,
        IndexName="due",
        KeyConditionExpression="due = :org AND due_at > :now",
        ExpressionAttributeValues={":org": {"S": org}, ":now": {"S": f"{times.written(now)}#~"}},
        Limit=limit,
    )
    wanted = [keys.Key(entry["pk"]["S"], entry["sk"]["S"]) for entry in found]
    rows = requests.batch_get({settings().rosters_table: wanted})
    return [invitation_from(rows[key]) for key in wanted if key in rows]


def _change(org: str, session: str, own: str, change: str, condition: str, values: Item) -> Invitation:
    try:
        changed = requests.update(settings().rosters_table, keys.invitation(org, session, own), change, condition, values=values)
    except requests.ConditionFailed as failed:
        if not failed.old:
            raise NotFound from None
        raise NotMovable(invitation_from(failed.old)) from None
    return invitation_from(changed)


def invitation_from(entry: Item) -> Invitation:
    values = plain(entry)
    claimant = values.get("claimant")
    read = {name: values[name] for name in Invitation.__dataclass_fields__ if name in values}
    org, _, session = values["pk"].partition("#")
    return Invitation(
        **{
            **read,
            "org": org,
            "session": session,
            "id": values["sk"].removeprefix(keys.INVITATION),
            "expires_at": times.read(values["expires_at"]),
            "created_at": times.read(values["created_at"]),
            "ended_at": times.read(values["ended_at"]) if "ended_at" in values else None,
            "revived_at": times.read(values["revived_at"]) if "revived_at" in values else None,
            "sent_at": tuple(times.read(moment) for moment in values.get("sent_at", ())),
            "price": Money(**values["price"]) if "price" in values else None,
            "claimant": _claimant_from(claimant) if claimant else None,
        }
    )


def _item(invitation: Invitation) -> Item:
    values = {name: getattr(invitation, name) for name in Invitation.__dataclass_fields__ if name not in {"org", "session", "id"}}
    live = not invitation.ended and not invitation.registration
    return {
        **keys.invitation(invitation.org, invitation.session, invitation.id).stored(),
        **item(
            {
                **{name: value for name, value in values.items() if value != ""},
                "price": invitation.price._asdict() if invitation.price else None,
                "expires_at": times.written(invitation.expires_at),
                "created_at": times.written(invitation.created_at),
                "ended_at": times.written(invitation.ended_at) if invitation.ended_at else None,
                "revived_at": times.written(invitation.revived_at) if invitation.revived_at else None,
                "sent_at": [times.written(moment) for moment in invitation.sent_at],
                "claimant": _claimant(invitation.claimant) if invitation.claimant else None,
                "due": invitation.org if live else None,
                "due_at": f"{times.written(invitation.expires_at)}#{invitation.session}#{invitation.id}" if live else None,
            }
        ),
    }


def _claimant(claimant: Claimant) -> dict[str, Any]:
    return {**asdict(claimant), "asked_at": times.written(claimant.asked_at)}


def _claimant_from(values: dict[str, Any]) -> Claimant:
    return replace(Claimant(**values), participants=tuple(values["participants"]), asked_at=times.read(values["asked_at"]))
