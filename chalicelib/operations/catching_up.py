"""What should have followed from a roster and did not, found in the tables: for what went wrong longer ago than the stream remembers.

All of it is named by what it follows from, or has a condition: done once more it adds nothing, and it may be done beside the stream.
One thing cannot be found: that a session was moved, since nothing keeps where it was before.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple

from chalicelib.operations import codes
from chalicelib.operations.messages import following
from chalicelib.operations.portal_invitations import note_sent
from chalicelib.rules import changes
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.invoices import outdated
from chalicelib.rules.ledger import Hold
from chalicelib.rules.messages import message_id
from chalicelib.rules.portal_invitations import KINDS
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Entry
from chalicelib.tables import customers, invoices, messages, rosters, sessions

LOOKS_BACK = timedelta(days=30)
"""Sessions that were over before that are left as they are."""
AT_ONCE = 100
LIVE = {"pending", "waiting_for_approval"}


class Missed(NamedTuple):
    """Something that did not follow: `what` is what it should have followed from, `thing` its id, `do` makes up for it."""

    session: str
    what: str
    thing: str
    do: Callable[[], object]


def missed(org: str, *, now: datetime) -> Iterator[Missed]:
    """Return what was missed in the organisation. What the stream is about to do counts as well."""
    for session in sessions.every(org):
        if session.ends_at > now - LOOKS_BACK:
            yield from _on(org, session.id, now)
    for message in messages.unnoted(org, sorted(KINDS)):
        yield Missed("", "portal_invitation_sent", message.id, partial(note_sent, message))


def _on(org: str, session_id: str, now: datetime) -> Iterator[Missed]:
    try:
        roster = rosters.roster(org, session_id)
    except NotFound:
        return
    holds, due = roster.holds(), dict[str, Missed]()
    unaware = {invitation.id for invitation in roster.invitations if not invitation.registration}
    for registration in roster.registrations:
        yield from _of_registration(registration, holds.get(registration.hold), unaware, now)
        due |= _written_to(registration, holds.get(registration.hold), now)
    for invitation in roster.invitations:
        yield from _of_invitation(invitation, now)
        due |= _written_about(invitation, holds.get(invitation.id), now)
    for entry in roster.waitlist:
        due |= _waiting(entry, now)
    due |= _told(roster.session, now)
    if roster.session.cancelled_at and codes.uses_left(roster.registrations):
        yield Missed(session_id, "session_cancelled", "codes", partial(codes.return_uses_on, roster.session))
    yield from _not_there(org, due)


def _of_registration(entry: Registration, hold: Hold | None, unaware: set[str], now: datetime) -> Iterator[Missed]:
    stands = entry.holds(hold) and not entry.removed_at
    follow = partial(Missed, entry.session, thing=entry.id)
    if stands and hold and not (_noted(entry) and entry.invitation not in unaware):
        yield _confirmed(entry, hold, now)
    if stands and changes.billed(None, entry):
        yield follow("registration_billed", do=partial(following.registration_billed, entry, now=now))
    if stands and entry.invoice and outdated(*invoices.with_registration(entry.org, entry.invoice)):
        yield follow("registration_resized", do=partial(following.registration_resized, entry, now=now))
    if entry.removed_at and not entry.moved_to and entry.discount and not entry.discount_returned:
        yield follow("registration_removed", do=partial(following.registration_removed, entry))


def _noted(entry: Registration) -> bool:
    """Whether its row and a customer know that its spots are confirmed. One with a confirmation by e-mail is not asked: that comes last."""
    if entry.confirmed_at is None or entry.send_confirmation or not entry.email:
        return entry.confirmed_at is not None
    return customers.of_address(entry.org, entry.email) is not None


def _confirmed(entry: Registration, hold: Hold, now: datetime) -> Missed:
    do = partial(following.hold_confirmed, entry.org, entry.session, entry.hold, hold, now=now)
    return Missed(entry.session, "hold_confirmed", entry.id, do)


def _written_to(entry: Registration, hold: Hold | None, now: datetime) -> Mapping[str, Missed]:
    """Return the messages that there must be for a registration, by id, with what each follows from."""
    if not entry.email:
        return {}
    due = {}
    follow = partial(Missed, entry.session, thing=entry.id)
    if hold and entry.holds(hold) and entry.confirmed_at and entry.send_confirmation and not entry.removed_at:
        due[message_id("confirmation", entry.org, following.confirmation_key(entry))] = _confirmed(entry, hold, now)
    if entry.invoice:
        issue = partial(following.registration_invoiced, entry, now=now)
        due[message_id("invoice", entry.org, entry.invoice)] = follow("registration_invoiced", do=issue)
    for number in entry.invoices_before:
        if note := invoices.get(entry.org, number).credited_by:
            credit = partial(following.invoice_credited, entry, number, now=now)
            due[message_id("invoice", entry.org, note)] = follow("invoice_credited", do=credit)
    return due


def _of_invitation(invitation: Invitation, now: datetime) -> Iterator[Missed]:
    if invitation.ended and invitation.discount and not invitation.discount_returned:
        yield Missed(invitation.session, "invitation_ended", invitation.id, partial(following.invitation_ended, invitation))


def _written_about(invitation: Invitation, hold: Hold | None, now: datetime) -> Mapping[str, Missed]:
    """Return the message that there must be for a live invitation: its latest sending."""
    if hold is None or status(invitation, hold, now) not in LIVE:
        return {}
    resent = bool(invitation.sent_at) and invitation.sent_at[-1] > invitation.begun_at
    sending = str(invitation.sends) if resent else "held"
    come = partial(following.hold_came, invitation.org, invitation.session, invitation.id, hold, now=now)
    do = partial(following.invitation_resent, invitation, now=now) if resent else come
    own = message_id(following.kind_of(invitation), invitation.org, following.invitation_key(invitation, sending))
    return {own: Missed(invitation.session, "invitation_resent" if resent else "hold_came", invitation.id, do)}


def _waiting(entry: Entry, now: datetime) -> Mapping[str, Missed]:
    """Return the message that there must be for somebody on the waitlist. Offers are made by the clock."""
    if not (entry.live and entry.email):
        return {}
    own = message_id("waitlist_joined", entry.org, following.waiting_key(entry))
    return {own: Missed(entry.session, "waitlist_joined", entry.id, partial(following.waitlist_joined, entry, now=now))}


def _told(session: Session, now: datetime) -> Mapping[str, Missed]:
    """Return the messages to all who must hear that the session was cancelled."""
    if not (session.cancelled_at and session.tell_cancelled):
        return {}
    tell = Missed(session.id, "session_cancelled", session.id, partial(following.session_cancelled, session, now=now))
    people = following.everybody(session, now=now)
    return {message_id("session_cancelled", session.org, following.told_key(session, own)): tell for _, own, to, _ in people if to}


def _not_there(org: str, due: Mapping[str, Missed]) -> Iterator[Missed]:
    """Return what each message that is missing follows from, once."""
    waiting, yielded = iter(due), set[Missed]()
    while some := list(islice(waiting, AT_ONCE)):
        there = messages.find(org, some)
        for own in some:
            if own not in there and due[own] not in yielded:
                yielded.add(due[own])
                yield due[own]
