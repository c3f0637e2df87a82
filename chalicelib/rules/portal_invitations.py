"""Inviting customers to the portal: who gets the e-mail, who is skipped and why, and what follows once it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.customers import Customer, PortalStatus
from chalicelib.rules.messages import Kind
from chalicelib.rules.organisations import Wishes
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.reminders import first_look

Reason = Literal["already_accepted", "unsubscribed", "suppressed", "no_address"]
KINDS: frozenset[Kind] = frozenset({"portal_invitation", "portal_reminder"})
MOST_SHOWN = 1000


class PortalAccepted(Refusal):
    """Whoever has accepted is never invited again."""

    code = "already_accepted"
    sentence = marked("This customer has accepted the invitation and uses the portal already. There is nothing to invite them to.")


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom staff invite: those of a group, those with one of these statuses, or everybody."""

    group: str = ""
    statuses: tuple[PortalStatus, ...] = ()

    def includes(self, customer: Customer) -> bool:
        return (not self.group or self.group in customer.groups) and (not self.statuses or customer.status in self.statuses)


class Skipped(NamedTuple):
    customer: Customer
    reason: Reason


@dataclass(slots=True)
class Sorting:
    """Who of an audience gets the e-mail and who does not, added one by one. Of those skipped only the first are kept, all are counted."""

    recipients: list[str] = field(default_factory=list)
    invited_today: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    reasons: dict[Reason, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return len(self.recipients) + sum(self.reasons.values())

    def add(self, customer: Customer, wishes: Wishes, *, zone: str, now: datetime) -> None:
        reason = why_not(customer, wishes)
        if reason is None:
            self.recipients.append(customer.id)
            self.invited_today += invited_today(customer, zone=zone, now=now)
            return
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if len(self.skipped) < MOST_SHOWN:
            self.skipped.append(Skipped(customer, reason))


def why_not(customer: Customer, wishes: Wishes) -> Reason | None:
    """Return why a customer is not invited; None when they are."""
    if customer.status == "accepted":
        return "already_accepted"
    if not customer.email:
        return "no_address"
    if wishes.suppressed:
        return "suppressed"
    return "unsubscribed" if wishes.unsubscribed else None


def invited_today(customer: Customer, *, zone: str, now: datetime) -> bool:
    """Whether an invitation or a reminder was sent on this very day, as the organisation counts days."""
    at = customer.invited_at
    return at is not None and times.local(at, zone).date() == times.local(now, zone).date()


def after_sending(customer: Customer, kind: Kind, sent_at: datetime, days: Sequence[int]) -> Customer:
    """Return the customer once such an e-mail was really sent. Invitations begin the reminders anew; whoever has accepted stays so."""
    noted = replace(
        customer,
        status="invited" if customer.status == "added" else customer.status,
        invitations=customer.invitations + 1,
        invited_at=max(customer.invited_at or sent_at, sent_at),
    )
    newest = customer.asked_at is None or customer.asked_at < sent_at
    if kind != "portal_invitation" or not newest or noted.status == "accepted":
        return noted
    return replace(noted, asked_at=sent_at, remind_at=first_look(sent_at, days))
