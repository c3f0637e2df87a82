"""The changes between the old and the new image of a thing on a roster. All functions are pure: a repeated record gives the same."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.letters import SessionBefore
from chalicelib.rules.orders import Order
from chalicelib.rules.registration_history import FamilyChange
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import WaitlistEntry

Holds = Mapping[str, Hold]


class HoldChange(NamedTuple):
    """A change of the hold with this id. `hold` is its new value, or its last one when it is gone."""

    what: Literal["gone", "held", "confirmed"]
    id: str
    hold: Hold


def hold_changes(old: Holds, new: Holds) -> Iterator[HoldChange]:
    """Yield the change of each hold. A new attempt under the same id counts as a new hold."""
    for hold_id in old.keys() - new.keys():
        yield HoldChange("gone", hold_id, old[hold_id])
    for hold_id, hold in new.items():
        before = old.get(hold_id)
        if before and (before.nonce, before.state) == (hold.nonce, hold.state):
            continue
        if hold.is_taken:
            yield HoldChange("confirmed", hold_id, hold)
        elif before is None or not before.is_for(hold):
            yield HoldChange("held", hold_id, hold)


def has_more_room(old: Chunk | None, new: Chunk) -> bool:
    """Whether the chunk may have spots for somebody whom the session refused before."""
    if old is None:
        return new.number > 0
    fewer_in_line = old.waiting_parties > new.waiting_parties
    return new.spots > old.spots or old.debt != new.debt or fewer_in_line


def freed(old: Chunk | None, new: Chunk) -> bool:
    """Whether the chunk may have new spots for the waitlist. Only chunk 0 knows whether the waitlist has entries."""
    none_here = new.spots <= 0 and not new.debt
    if none_here or (new.number == 0 and not new.waiting_by_size):
        return False
    return new.number > 0 if old is None else new.spots > old.spots or old.debt != new.debt


def answered(old: Invitation | None, new: Invitation) -> bool:
    """Whether the invitation was accepted or ended by this change."""
    return new.is_closed and (old is None or not old.is_closed or old.registration != new.registration)


def resent(old: Invitation | None, new: Invitation) -> bool:
    """Whether staff resent the invitation. A new attempt does not count: it is sent when its spots are held."""
    return old is not None and old.nonce == new.nonce and new.sends > old.sends


def ended(old: Invitation | None, new: Invitation) -> bool:
    return new.ended is not None and (old is None or old.ended is None)


def removed(old: Registration | None, new: Registration) -> bool:
    return new.removed_at is not None and (old is None or old.removed_at is None)


def own_changes(old: Registration | None, new: Registration) -> list[FamilyChange]:
    """Return the actions of the family in this change."""
    known = old.own_changes[-1].number if old and old.own_changes else 0
    return [change for change in new.own_changes if change.number > known]


def readdressed(old: Registration | WaitlistEntry | None, new: Registration | WaitlistEntry) -> bool:
    """Whether the address of a registration or waitlist entry was corrected."""
    return old is not None and new.link_version > old.link_version


def confirmed_again(old: Registration | None, new: Registration) -> bool:
    """Whether the confirmation is to be sent again."""
    return old is not None and old.nonce == new.nonce and new.confirmations > old.confirmations and not new.removed_at


def billed(old: Registration | None, new: Registration) -> bool:
    """Whether a confirmed registration is now due for an invoice. Staff may choose invoicing before the spots are confirmed."""
    to_do = new.billing == "invoiced" and new.confirmed_at is not None and not (new.invoice or new.moved_to)
    return to_do and (old is None or (old.billing, old.confirmed_at) != (new.billing, new.confirmed_at))


def invoiced(old: Registration | None, new: Registration) -> bool:
    return new.invoice != "" and (old is None or old.invoice != new.invoice)


def order_booked(old: Order | None, new: Order) -> bool:
    return new.booked_at is not None and (old is None or old.booked_at is None)


def credited(old: Registration | None, new: Registration) -> bool:
    """Whether a credit note cancelled the registration's invoice."""
    return old is not None and old.invoice not in {"", new.invoice}


def settled(old: Registration | None, new: Registration) -> bool:
    """Whether nothing is due any more on the registration's invoice, after something was."""
    return old is not None and new.invoice != "" and old.billing != new.billing and new.billing in {"paid", "refunded"}


def resized(old: Registration | None, new: Registration) -> bool:
    """Whether the party size of an invoiced registration changed."""
    return old is not None and new.invoice != "" and old.party_size != new.party_size


def changes_attendance(old: Registration | None, new: Registration) -> bool:
    """Whether other participants than before are expected at the meetings."""
    size, before = (None if one is None or one.removed_at or not one.confirmed_at else one.party_size for one in (new, old))
    return size != before


def decided(old: Session, new: Session) -> bool:
    """Whether the minimum of the session was decided by the clock; staff know what they decide."""
    outcome, before = (one.minimum.outcome if one.minimum else "undecided" for one in (new, old))
    staff = outcome == "goes_ahead" and new.minimum is not None and new.minimum.counted < new.minimum.participants
    return outcome != "undecided" and before == "undecided" and not staff


def is_picture_replaced(old: Session, new: Session) -> bool:
    """Whether the session has another picture, or none any more."""
    return old.picture is not None and old.picture.name != (new.picture.name if new.picture else "")


def cancelled(old: Session, new: Session) -> bool:
    return new.cancelled_at is not None and old.cancelled_at is None


def moved(old: Session, new: Session, now: datetime) -> bool:
    """Whether the dates of the meetings that are not over, or the location, changed for the people who booked.

    A change of seconds does not count, nor one of the time zone that leaves the local times equal, nor a date cancelled or restored alone.
    """
    return differs(SessionBefore.of(_with_the_cancelled_of(new, old)), SessionBefore.of(new), now)


def meetings_cancelled(old: Session, new: Session) -> list[Meeting]:
    """Return the dates that this change cancelled alone."""
    took_place = {meeting.id for meeting in old.meetings if not meeting.cancelled_at}
    return [meeting for meeting in new.meetings if meeting.cancelled_at and meeting.id in took_place]


def meetings_restored(old: Session, new: Session) -> list[Meeting]:
    """Return the dates that this change restored, as they were while they were cancelled."""
    take_place = {meeting.id for meeting in new.meetings if not meeting.cancelled_at}
    return [meeting for meeting in old.meetings if meeting.cancelled_at and meeting.id in take_place]


def _with_the_cancelled_of(new: Session, old: Session) -> Session:
    """Return the old session with those of its dates cancelled that are so in the new one."""
    moments = {meeting.id: meeting.cancelled_at for meeting in new.meetings}
    return replace(old, meetings=tuple(replace(one, cancelled_at=moments.get(one.id, one.cancelled_at)) for one in old.meetings))


def differs(before: SessionBefore, after: SessionBefore, now: datetime) -> bool:
    """Whether people who know the dates and location of `before` learn something from `after`."""
    return ahead(before, now) != ahead(after, now) or _location(before) != _location(after)


def ahead(dates: SessionBefore, now: datetime) -> list[tuple[datetime, ...]]:
    """Return start and end of every meeting that is not over, to the minute, in UTC and in local time; of one under way, the end."""
    zone = ZoneInfo(dates.time_zone)
    coming = [meeting for meeting in dates.meetings if meeting.ends_at > now]
    moments = [(one.starts_at, one.ends_at) if one.starts_at > now else (one.ends_at,) for one in coming]
    minutes = [tuple(moment.replace(second=0, microsecond=0) for moment in some) for some in moments]
    return sorted(tuple(moment.astimezone(clock).replace(tzinfo=None) for clock in (UTC, zone) for moment in some) for some in minutes)


def _location(dates: SessionBefore) -> str:
    return " ".join(dates.location.split())
