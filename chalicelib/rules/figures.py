"""The facts of a session that reports add up: one for each kind, day and currency or contract.

They follow from the rows of the session alone, so that they can be counted again at any time, and twice is the same as once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.attendance import Counts, takes_place
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.invoices import Invoice
from chalicelib.rules.ledger import Hold
from chalicelib.rules.receipts import owed, receipts
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import WaitlistEntry

FactKind = Literal["meetings", "booked", "invoiced", "received", "invited", "redeemed", "attended", "waited", "issued"]
VALUES: Mapping[FactKind, tuple[str, ...]] = {
    "meetings": ("meetings", "spots", "taken"),
    "booked": ("registrations", "booked"),
    "invoiced": ("invoices", "invoiced"),
    "received": ("paid",),
    "invited": ("sent", "delivered", "accepted", "declined", "expired", "cancelled", "answers", "minutes"),
    "redeemed": ("redeemed", "value"),
    "attended": ("expected", "present", "late", "absent", "excused"),
    "waited": ("waited", "offered", "got_in"),
    "issued": ("made", "handed_out"),
}
"""The names of each kind's numbers. Amounts are minor units. They are stored in this order: new ones go last."""


class FactKey(NamedTuple):
    """What a fact is about. `currency` and `contract` are empty where they do not matter."""

    kind: FactKind
    day: date
    currency: str = ""
    contract: str = ""


Facts = dict[FactKey, tuple[int, ...]]


@dataclass(frozen=True)
class SessionRows:
    """Everything that the facts of one session follow from."""

    session: Session
    registrations: Iterable[Registration]
    invitations: Iterable[Invitation]
    waitlist: Iterable[WaitlistEntry]
    holds: Mapping[str, Hold]
    invoices: Iterable[Invoice] = ()
    """The invoices and credit notes of the registrations, cancelled ones too."""
    attendance: Mapping[str, Counts] = field(default_factory=dict)
    """By meeting."""


class Debt(NamedTuple):
    """The debts of a session in one currency, with the number of registrations."""

    amount: int
    registrations: int


def facts_of(rows: SessionRows, zone: str) -> Facts:
    """Return the facts of a session, by days in the organisation's time zone."""
    found: Facts = {}
    for key, values in _each(rows, zone):
        found[key] = added(found.get(key), values)
    return {key: values for key, values in found.items() if any(values)}


def added(one: tuple[int, ...] | None, other: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sums of two facts, number by number."""
    return tuple(map(sum, zip(one, other, strict=True))) if one else other


def debts_of(rows: SessionRows) -> dict[str, Debt]:
    """Return the amounts owed for the session, by currency."""
    found: dict[str, Debt] = {}
    for amount, currency in map(owed, rows.registrations):
        if amount:
            so_far = found.get(currency, Debt(0, 0))
            found[currency] = Debt(so_far.amount + amount, so_far.registrations + 1)
    return found


def invoice_numbers(registrations: Iterable[Registration]) -> list[str]:
    """Return the numbers of all invoices and credit notes that registrations have. A transferred one has passed its own on."""
    booked = [one for one in registrations if not one.moved_to]
    return sorted({number for one in booked for number in (one.invoice, *one.invoices_before) if number})


def _each(rows: SessionRows, zone: str) -> Iterator[tuple[FactKey, tuple[int, ...]]]:
    def day(moment: datetime) -> date:
        return times.local(moment, zone).date()

    for meeting in (one for one in rows.session.meetings if takes_place(rows.session, one)):
        yield FactKey("meetings", day(meeting.starts_at)), (1, rows.session.spots_total, _taken(rows.registrations, meeting))
        if meeting.id in rows.attendance:
            yield FactKey("attended", day(meeting.starts_at)), tuple(rows.attendance[meeting.id])
    for registration in rows.registrations:
        yield from _of_registration(registration, day)
    contracts = {number: one.contract for one in rows.registrations for number in (one.invoice, *one.invoices_before)}
    for invoice in rows.invoices:
        of_invoice = FactKey("invoiced", day(invoice.issued_at), invoice.total.currency, contracts.get(invoice.number, ""))
        yield of_invoice, (0 if invoice.credits else 1, invoice.total.amount)
    for invitation in rows.invitations:
        if not invitation.entry and _was_sent(invitation, rows.holds.get(invitation.id)):
            yield FactKey("invited", day(invitation.begun_at)), _of_invitation(invitation, rows.registrations)
    for entry in rows.waitlist:
        yield FactKey("waited", day(entry.joined_at)), (1, int(entry.offers > 0), int(entry.status == "accepted"))


def _taken(registrations: Iterable[Registration], meeting: Meeting) -> int:
    return sum(one.party_at(meeting) for one in registrations if one.confirmed_at and one.covers(meeting))


def _of_registration(registration: Registration, day: Callable[[datetime], date]) -> Iterator[tuple[FactKey, tuple[int, ...]]]:
    """Yield the revenue of a registration. A transferred one counts for its new session."""
    if not registration.confirmed_at or registration.moved_to:
        return
    contract = registration.contract
    if not registration.removed_at:
        booked = registration.total
        on = day(registration.created_at)
        yield FactKey("booked", on, booked.currency, contract), (1, booked.amount)
        if registration.code:
            yield FactKey("redeemed", on, booked.currency, contract), (registration.party_size, booked.amount)
    for moment, money in receipts(registration):
        yield FactKey("received", day(moment), money.currency, contract), (money.amount,)


def _was_sent(invitation: Invitation, hold: Hold | None) -> bool:
    """Whether the invitation had its spots; the row of a refused one stays for a while."""
    return invitation.is_closed or (hold is not None and hold.is_for(invitation))


def _of_invitation(invitation: Invitation, registrations: Iterable[Registration]) -> tuple[int, ...]:
    became = next((one for one in registrations if one.id == invitation.registration), None) if invitation.registration else None
    answered_at = became.created_at if became else invitation.ended_at if invitation.ended == "declined" else None
    minutes = max(0, int((answered_at - invitation.begun_at).total_seconds() // 60)) if answered_at else 0
    endings = tuple(int(invitation.ended == ending) for ending in ("declined", "expired", "cancelled"))
    return 1, int(invitation.delivered_at is not None), int(bool(invitation.registration)), *endings, int(bool(answered_at)), minutes
