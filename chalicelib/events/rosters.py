"""The Rosters stream: what the ledger and its rows have decided becomes notes on other rows, and e-mails."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib import telemetry
from chalicelib.events import counting
from chalicelib.events.records import Change, Clock, each, real_time
from chalicelib.operations import codes, discounts, messages, notifications, waitlist
from chalicelib.rules import changes, ringing
from chalicelib.tables import keys, ledger
from chalicelib.tables.invitations import invitation_from
from chalicelib.tables.registrations import registration_from
from chalicelib.tables.sessions import session_from
from chalicelib.tables.waitlist import entry_from


def handle(event: dict[str, Any], *, clock: Clock = real_time) -> dict[str, Any]:
    """Follow every record. All of it may come again, and in any order; what staff are told of comes after all that must not be lost."""
    return each(event, lambda change: follow(change, now=clock()))


def follow(change: Change, *, now: datetime) -> None:
    if change.new is None:
        return
    sort_key = change.new["sk"]["S"]
    if sort_key.startswith(keys.LEDGER):
        _chunk(change, now)
    elif sort_key.startswith(keys.INVITATION):
        _invitation(change, now)
    elif sort_key.startswith(keys.REGISTRATION):
        _registration(change, now)
    elif sort_key.startswith(keys.WAITING):
        _entry(change, now)
    elif sort_key == keys.SESSION:
        _session(change, now)


def _chunk(change: Change, now: datetime) -> None:
    assert change.new
    org, _, session = change.new["pk"]["S"].partition("#")
    old, new = ledger.chunk_from(change.old) if change.old else None, ledger.chunk_from(change.new)
    for what, hold_id, hold in changes.hold_changes(old.holds if old else {}, new.holds):
        FOLLOWS[what](org, session, hold_id, hold, now=now)
    if changes.freed(old, new):
        waitlist.attend(org, session, now=now)
    notifications.ring_sold_out(org, session, old, new, now=now)


def _invitation(change: Change, now: datetime) -> None:
    assert change.new
    old, new = invitation_from(change.old) if change.old else None, invitation_from(change.new)
    _count(counting.of_invitation(old, new))
    if changes.resent(old, new):
        messages.invitation_resent(new, now=now)
    if changes.ended(old, new):
        messages.invitation_ended(new)
    if new.entry and changes.answered(old, new):
        waitlist.attend(new.org, new.session, now=now)
    notifications.ring(new.org, ringing.of_invitation(old, new), now=now)


def _registration(change: Change, now: datetime) -> None:
    assert change.new
    old, new = registration_from(change.old) if change.old else None, registration_from(change.new)
    _count(counting.of_registration(old, new))
    if changes.removed(old, new):
        messages.registration_removed(new)
    if changes.billed(old, new):
        messages.registration_billed(new, now=now)
    if changes.invoiced(old, new):
        messages.registration_invoiced(new, now=now)
    if old and changes.credited(old, new):
        messages.invoice_credited(new, old.invoice, now=now)
    if changes.resized(old, new):
        messages.registration_resized(new, now=now)
    notifications.ring(new.org, ringing.of_registration(old, new), now=now)


def _session(change: Change, now: datetime) -> None:
    if not (change.old and change.new):
        return
    old, new = session_from(change.old), session_from(change.new)
    if changes.cancelled(old, new):
        codes.return_uses_on(new)
        discounts.give_back_on(new)
        messages.session_cancelled(new, now=now)
        waitlist.attend(new.org, new.id, now=now)
    elif changes.moved(old, new):
        messages.session_moved(old, new, now=now)
        waitlist.attend(new.org, new.id, now=now)


def _entry(change: Change, now: datetime) -> None:
    assert change.new
    old, entry = entry_from(change.old) if change.old else None, entry_from(change.new)
    if old is None:
        messages.waitlist_joined(entry, now=now)
    if entry.status not in {"offered", "closed"}:
        waitlist.attend(entry.org, entry.session, now=now)
    notifications.ring(entry.org, ringing.of_entry(old, entry), now=now)


def _count(names: Iterable[str]) -> None:
    for name in names:
        telemetry.counted(name)


FOLLOWS = {"gone": messages.hold_went, "held": messages.hold_came, "confirmed": messages.hold_confirmed}
