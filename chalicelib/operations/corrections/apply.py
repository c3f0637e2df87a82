"""Gives every row of a corrected address the new one. It decides by the current rows, so it may run again at any time."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice

from chalicelib.operations.messages import reaches
from chalicelib.operations.reactions.invitations import kind_of
from chalicelib.operations.registrations.edit import readdress
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import CustomerExists
from chalicelib.rules.invitations import LIVE, Invitation, status
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.merge import with_address
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import customers, invitations, ledger, registrations, waitlist

RosterParty = Registration | Invitation | WaitlistEntry
STAYS = "stays_under_the_old_address"


def apply_next(job: Job, _items: Sequence[str], now: datetime) -> list[Failure]:
    """Give all rows with the job's old address the new one."""
    return apply_correction(job.org, str(job.data["old"]), str(job.data["new"]), now=now)


def apply_correction(org: str, old: str, new: str, *, now: datetime, most: int | None = None) -> list[Failure]:
    """Move at most so many bookings from one address to another, and return those that stay: the new address has them already.

    The customer of the old address gets the new one, unless another customer has it.
    """
    _correct_customer(org, old, new)
    return [Failure(one.public_id, STAYS) for one in islice(parties_of_address(org, old, now=now), most) if not _moved(one, new, now)]


def parties_of_address(org: str, email: str, *, now: datetime) -> Iterator[RosterParty]:
    """Yield the rows with an address: registrations on a roster, live invitations and live waitlist entries."""
    for registration in registrations.all_of_address(org, email):
        if not registration.removed_at and compared(registration.email) == compared(email):
            yield registration
    for invitation in invitations.all_of_address(org, email):
        if not invitation.is_closed and status(invitation, ledger.hold_of(invitation), now) in LIVE:
            yield invitation
    yield from (entry for entry in waitlist.all_of_address(org, email) if entry.is_live)


def _moved(booking: RosterParty, new: str, now: datetime) -> bool:
    match booking:
        case Registration():
            return readdress(booking, new, now=now)
        case Invitation():
            mail = "queued" if reaches(booking.org, new, kind_of(booking)) else "suppressed"
            return invitations.readdress(booking, new, mail=mail) is not None  # type: ignore[arg-type]
        case WaitlistEntry():
            return _moved_entry(booking, new)


def _moved_entry(entry: WaitlistEntry, new: str) -> bool:
    current = waitlist.get(entry.org, entry.session, entry.id)
    if not current.is_live or compared(current.email) == compared(new):
        return True
    try:
        waitlist.readdress(current, new)
    except waitlist.AddressWaits:
        return False
    return True


def _correct_customer(org: str, old: str, new: str) -> None:
    known = customers.of_address(org, old)
    if known is None or compared(known.email) != compared(old):
        return
    corrected = replace(known, email=new)
    with suppress(CustomerExists, ChangedMeanwhile):
        customers.save(replace(corrected, addresses=with_address(corrected, known.email)), was=known)
