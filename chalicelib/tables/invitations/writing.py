"""An invitation begins, or lives again: its row, and the row that keeps a second live one for the same address away."""

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.settings import settings
from chalicelib.tables import keys, requests
from chalicelib.tables.invitations.rows import invitation_from, invitation_item
from chalicelib.tables.items import Item, stored

NEW = "attribute_not_exists(pk)"
SAME_ATTEMPT = "nonce = :nonce"
NOT_ENDED = "attribute_not_exists(ended)"
NOT_ACCEPTED = "attribute_not_exists(registration)"
NEW_OR_MINE = f"{NEW} OR ({SAME_ATTEMPT} AND {NOT_ENDED} AND {NOT_ACCEPTED})"
ADDRESS_FREE = "attribute_not_exists(pk) OR invitation = :own OR invitation = :over"


class AddressTaken(Exception):
    """Another invitation to this session names the same address; whether it is live must be looked up."""

    def __init__(self, own: str) -> None:
        self.own = own


class RowStands(Exception):
    """The row is not as the write supposes; `invitation` is what it is, None when it is gone."""

    def __init__(self, invitation: Invitation | None) -> None:
        self.invitation = invitation


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
    row = {"TableName": rosters, "Item": invitation_item(invitation), "ConditionExpression": condition}
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
