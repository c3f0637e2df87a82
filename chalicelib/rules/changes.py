"""What happened between two images of a thing on a roster. Each answer is the same however often it is asked."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session

Holds = Mapping[str, Hold]


class HoldChange(NamedTuple):
    """Something that happened to the hold of this id; `hold` is what it is, or was when it is gone."""

    what: Literal["gone", "held", "confirmed"]
    id: str
    hold: Hold


def hold_changes(old: Holds, new: Holds) -> Iterator[HoldChange]:
    """Return what happened to each hold. Another attempt under the same id is one that came."""
    for hold_id in old.keys() - new.keys():
        yield HoldChange("gone", hold_id, old[hold_id])
    for hold_id, hold in new.items():
        before = old.get(hold_id)
        if before and (before.v, before.s) == (hold.v, hold.s):
            continue
        if hold.s == "C":
            yield HoldChange("confirmed", hold_id, hold)
        elif before is None or before.v != hold.v:
            yield HoldChange("held", hold_id, hold)


def freed(old: Chunk | None, new: Chunk) -> bool:
    """Whether a chunk may have spots now for somebody who waits. The first chunk of a session tells whether anybody does."""
    none_here = new.spots <= 0 and not new.debt
    if none_here or (new.number == 0 and not new.waiting):
        return False
    return new.number > 0 if old is None else new.spots > old.spots or old.debt != new.debt


def answered(old: Invitation | None, new: Invitation) -> bool:
    """Whether it became a registration or ended, for the first time."""
    return new.over and (old is None or not old.over or old.registration != new.registration)


def resent(old: Invitation | None, new: Invitation) -> bool:
    """Whether staff sent it once more. A new attempt is not: that one is sent when its spots are held."""
    return old is not None and old.nonce == new.nonce and new.sends > old.sends


def ended(old: Invitation | None, new: Invitation) -> bool:
    return new.ended is not None and (old is None or old.ended is None)


def removed(old: Registration | None, new: Registration) -> bool:
    return new.removed_at is not None and (old is None or old.removed_at is None)


def billed(old: Registration | None, new: Registration) -> bool:
    """Whether a registration that stands or stood is to be invoiced and is not. Staff may set that before its spots are confirmed."""
    to_do = new.billing == "invoiced" and new.confirmed_at is not None and not (new.invoice or new.moved_to)
    return to_do and (old is None or (old.billing, old.confirmed_at) != (new.billing, new.confirmed_at))


def invoiced(old: Registration | None, new: Registration) -> bool:
    return new.invoice != "" and (old is None or old.invoice != new.invoice)


def credited(old: Registration | None, new: Registration) -> bool:
    """Whether the invoice that it had was cancelled by a credit note."""
    return old is not None and old.invoice not in {"", new.invoice}


def resized(old: Registration | None, new: Registration) -> bool:
    """Whether the party of an invoiced registration has another size."""
    return old is not None and new.invoice != "" and old.party_size != new.party_size


def cancelled(old: Session, new: Session) -> bool:
    return new.cancelled_at is not None and old.cancelled_at is None


def moved(old: Session, new: Session) -> bool:
    """Whether somebody who noted time and place has to note them anew."""
    return (old.meetings, old.time_zone, old.location) != (new.meetings, new.time_zone, new.location)
