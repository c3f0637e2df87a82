"""An invitation begins, or lives again: its row, and the row that keeps a second live one for the same address away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import discounts, keys, requests
from chalicelib.tables.invitations.rows import invitation_from, invitation_item
from chalicelib.tables.items import Item, stored

NEW = "attribute_not_exists(pk)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_ENDED = "attribute_not_exists(ended)"
NOT_ACCEPTED = "attribute_not_exists(registration)"
BEGUN_AS_READ = "#begun = :begun"
NEW_OR_MINE = f"{NEW} OR ({SAME_ATTEMPT} AND {NOT_ENDED} AND {NOT_ACCEPTED})"
RETURNED, NOT_RETURNED = "attribute_exists(discount_returned)", "attribute_not_exists(discount_returned)"
ADDRESS_FREE = "attribute_not_exists(pk) OR invitation = :own OR invitation = :over"


Writes = Sequence[dict[str, Any]]


class AddressTaken(Exception):
    """Another invitation to this session names the same address; whether it is live must be looked up."""

    def __init__(self, own: str) -> None:
        self.own = own


class RowStands(Exception):
    """The row is not as the write supposes; `invitation` is what it is, None when it is gone."""

    def __init__(self, invitation: Invitation | None) -> None:
        self.invitation = invitation


def write(invitation: Invitation, *, over: str = "", also: Writes = ()) -> Invitation | None:
    """Write a new invitation, and `also` with it, before its spots are claimed, in place of `over`, which is known to have ended.

    Return None, or the row as it stands when this very attempt was written before; what goes with it is not done twice.
    Raises AddressTaken, AlsoRefused.
    """
    mine = {":nonce": stored(invitation.nonce)} if over and not also else {}
    try:
        _write(invitation, NEW_OR_MINE if mine else NEW, mine, over=over, also=also)
    except RowStands as found:
        if found.invitation and found.invitation.nonce == invitation.nonce:
            return found.invitation
        raise ChangedMeanwhile from None
    return None


def write_revived(invitation: Invitation, *, was: Invitation, over: str = "", also: Writes = ()) -> None:
    """Write an invitation that lives again over what it was, and `also` with it. Raises AddressTaken, ChangedMeanwhile, AlsoRefused."""
    counted = RETURNED if was.discount_returned else NOT_RETURNED
    try:
        _write(invitation, f"{SAME_ATTEMPT} AND {NOT_ACCEPTED} AND {counted}", {":nonce": stored(was.nonce)}, over=over, also=also)
    except RowStands:
        raise ChangedMeanwhile from None


def put_back(invitation: Invitation, *, was: Invitation) -> None:
    """Write an invitation as it was before it was revived in vain; a use of its discount code that was counted anew is given back.

    Raises AddressTaken, ChangedMeanwhile.
    """
    write_revived(invitation, was=was, also=discounts.return_writes(was) if invitation.discount_returned else ())


def _write(invitation: Invitation, condition: str, values: Item, *, over: str, also: Writes) -> None:
    try:
        requests.transact([*row_writes(invitation, condition, values, over=over), *also])
    except requests.TransactionFailed as failed:
        row_now, taken, *others = failed.reasons
        if row_now is None and taken is None:
            raise requests.AlsoRefused(others) from None
        standing = invitation_from(row_now) if row_now else None
        if taken is not None and not (standing and standing.over):
            raise AddressTaken(taken["invitation"]["S"]) from None
        raise RowStands(standing) from None


def row_writes(invitation: Invitation, condition: str = NEW, values: Item | None = None, *, over: str = "") -> list[dict[str, Any]]:
    """Return the writes of an invitation's row and of the one that names its address, in place of `over`, for a transaction."""
    rosters = settings().rosters_table
    guard = keys.invited_address(invitation.org, invitation.session, invitation.email).stored()
    row = {"TableName": rosters, "Item": invitation_item(invitation), "ConditionExpression": condition}
    if values:
        row["ExpressionAttributeValues"] = values
    once = {
        "TableName": rosters,
        "Item": {**guard, "invitation": stored(invitation.id)},
        "ConditionExpression": ADDRESS_FREE,
        "ExpressionAttributeValues": {":own": stored(invitation.id), ":over": stored(over or invitation.id)},
    }
    return [{"Put": row}, {"Put": once}]


def renew(invitation: Invitation, *, now: datetime) -> Invitation | None:
    """Note on an attempt's row that it is tried once more, so that nobody takes it back as it was before, and return it.

    None when it is there no more, or over.
    """
    try:
        renewed = requests.update(
            settings().rosters_table,
            keys.invitation(invitation.org, invitation.session, invitation.id),
            "SET #begun = :now",
            f"{SAME_ATTEMPT} AND {NOT_ENDED} AND {NOT_ACCEPTED}",
            names={"#begun": _begun(invitation)},
            values={":now": stored(times.written(now)), ":nonce": stored(invitation.nonce)},
        )
    except requests.ConditionFailed:
        return None
    return invitation_from(renewed)


def take_back(invitation: Invitation) -> bool:
    """Delete a row whose spots could not be had, and let the address go, unless it is another attempt's by now: then False.

    Its use of a discount code goes with it.
    """
    row = {
        "TableName": settings().rosters_table,
        "Key": keys.invitation(invitation.org, invitation.session, invitation.id).stored(),
        "ConditionExpression": f"{SAME_ATTEMPT} AND {BEGUN_AS_READ}",
        "ExpressionAttributeNames": {"#begun": _begun(invitation)},
        "ExpressionAttributeValues": {":nonce": stored(invitation.nonce), ":begun": stored(times.written(invitation.begun_at))},
    }
    guard = {
        "TableName": settings().rosters_table,
        "Key": keys.invited_address(invitation.org, invitation.session, invitation.email).stored(),
        "ConditionExpression": "invitation = :own",
        "ExpressionAttributeValues": {":own": stored(invitation.id)},
    }
    try:
        requests.transact([{"Delete": row}, {"Delete": guard}, *discounts.return_writes(invitation)])
    except requests.TransactionFailed:
        return False
    return True


def _begun(invitation: Invitation) -> str:
    return "revived_at" if invitation.revived_at else "created_at"
