"""Writes that create or revive an invitation: its row, and the guard row that prevents a second live one for the same address."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.tables import discounts, dynamodb, keys
from chalicelib.tables.conditions import NEW, Condition, Update, absent, equals, same_attempt, unchanged
from chalicelib.tables.dynamodb import Writes
from chalicelib.tables.invitations.rows import INDEXED, INVITATIONS, invitation_from, invitation_item
from chalicelib.tables.items import stored
from chalicelib.tables.saves import save_write

NOT_ENDED = absent("ended")
NOT_ACCEPTED = absent("registration")


class AddressTaken(Exception):
    """Another invitation to this session has the same address. The caller must look up whether it is live."""

    def __init__(self, id: str) -> None:
        self.id = id


class RowDiffers(Exception):
    """The row differs from the expected state. `invitation` is its current state, None if it is gone."""

    def __init__(self, invitation: Invitation | None) -> None:
        self.invitation = invitation


class InvitationGuards(NamedTuple):
    """What keeps a customer from having two live invitations to a session."""

    others: Sequence[str] = ()
    """The other addresses of the customer, which may have a live one."""
    replacing: Collection[str] = ()
    """The ids of the customer's ended invitations, whose guards count no more."""


ONE_ADDRESS = InvitationGuards()


def write(invitation: Invitation, *, guarded: InvitationGuards = ONE_ADDRESS, also: Writes = ()) -> Invitation | None:
    """Write a new invitation and `also` in one transaction, before its spots are claimed.

    Return None, or the present row when this attempt was written before; `also` is not repeated then.
    Raises AddressTaken, AlsoRefused.
    """
    new_or_mine = NEW | _live_attempt(invitation) if guarded.replacing and not also else NEW
    try:
        _write(invitation, new_or_mine, guarded, also)
    except RowDiffers as found:
        if found.invitation and found.invitation.nonce == invitation.nonce:
            return found.invitation
        raise ChangedMeanwhile from None
    return None


def write_revived(invitation: Invitation, *, was: Invitation, guarded: InvitationGuards = ONE_ADDRESS, also: Writes = ()) -> None:
    """Write a revived invitation over `was`, and `also`, in one transaction. Raises AddressTaken, ChangedMeanwhile, AlsoRefused."""
    as_seen = same_attempt(was.nonce) & NOT_ACCEPTED & unchanged("discount_returned", was.discount_returned)
    try:
        _write(invitation, as_seen, guarded, also)
    except RowDiffers:
        raise ChangedMeanwhile from None


def put_back(invitation: Invitation, *, was: Invitation) -> None:
    """Restore an invitation after a failed revival, and return the use of its discount code that was counted for it.

    Raises AddressTaken, ChangedMeanwhile.
    """
    write_revived(invitation, was=was, also=discounts.return_writes(was) if invitation.discount_returned else ())


def _write(invitation: Invitation, condition: Condition, guarded: InvitationGuards, also: Writes) -> None:
    try:
        dynamodb.transact([*row_writes(invitation, condition, guarded=guarded), *also])
    except dynamodb.TransactionFailed as failed:
        guards, (row_now, *reasons) = 1 + len(guarded.others), failed.reasons
        taken = next((reason for reason in reasons[:guards] if reason is not None), None)
        if row_now is None and taken is None:
            raise dynamodb.AlsoRefused(reasons[guards:]) from None
        current = invitation_from(row_now) if row_now else None
        if taken is not None and not (current and current.is_closed):
            raise AddressTaken(taken["invitation"]["S"]) from None
        raise RowDiffers(current) from None


def row_writes(invitation: Invitation, condition: Condition = NEW, *, guarded: InvitationGuards = ONE_ADDRESS) -> list[dict[str, Any]]:
    """Return the transaction writes of an invitation's row and its guard row, with the checks of guards under other addresses."""
    rosters, free = config().rosters_table, address_free(invitation.id, guarded.replacing)
    guard = {**address_key(invitation).stored(), "invitation": stored(invitation.id)}
    return [
        _row(invitation, condition),
        dynamodb.put_write(rosters, guard, free),
        *(dynamodb.check(rosters, key, free) for key in elsewhere(invitation, guarded.others)),
    ]


def _row(invitation: Invitation, condition: Condition) -> dict[str, Any]:
    if condition is NEW:
        return dynamodb.put_write(config().rosters_table, invitation_item(invitation), NEW)
    return save_write(config().rosters_table, invitation_item(invitation), INVITATIONS.attributes | INDEXED, condition)


def elsewhere(invitation: Invitation, others: Sequence[str]) -> list[keys.Key]:
    """Return the keys of the guard rows of the customer's other addresses."""
    return [keys.invited_address(invitation.org, invitation.session, email) for email in others]


def address_free(id: str, replacing: Collection[str]) -> Condition:
    """No other invitation names the address but those that are replaced."""
    return reduce(or_, (equals("invitation", other) for other in replacing), NEW | equals("invitation", id))


def renew(invitation: Invitation, *, now: datetime) -> Invitation | None:
    """Record a new try on the attempt's row, so that a concurrent clean-up cannot take it back, and return it.

    None when the row is gone or the invitation has ended.
    """
    change = Update().set(**{_begun(invitation): times.written(now)})
    try:
        renewed = dynamodb.update(config().rosters_table, _key(invitation), change, _live_attempt(invitation))
    except dynamodb.ConditionFailed:
        return None
    return invitation_from(renewed)


def delete_attempt(invitation: Invitation) -> bool:
    """Delete the row and the guard of an attempt that got no spots. False when the row is another attempt's by now.

    Its use of a discount code goes with it.
    """
    rosters = config().rosters_table
    row = dynamodb.delete_write(rosters, _key(invitation), same_attempt(invitation.nonce) & begun_as_read(invitation))
    guard = dynamodb.delete_write(rosters, address_key(invitation), equals("invitation", invitation.id))
    try:
        dynamodb.transact([row, guard, *discounts.return_writes(invitation)])
    except dynamodb.TransactionFailed:
        return False
    return True


def begun_as_read(invitation: Invitation) -> Condition:
    """No other try of the attempt has renewed the row."""
    return equals(_begun(invitation), times.written(invitation.begun_at))


def _begun(invitation: Invitation) -> str:
    return "revived_at" if invitation.revived_at else "created_at"


def _live_attempt(invitation: Invitation) -> Condition:
    return same_attempt(invitation.nonce) & NOT_ENDED & NOT_ACCEPTED


def _key(invitation: Invitation) -> keys.Key:
    return keys.invitation(invitation.org, invitation.session, invitation.id)


def address_key(invitation: Invitation) -> keys.Key:
    return keys.invited_address(invitation.org, invitation.session, invitation.email)
