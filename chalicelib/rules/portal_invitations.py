"""Portal invitations: which customers get the e-mail, which are skipped and why, and a customer's state after the sending."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.rules import times
from chalicelib.rules.customers import Customer, PortalStatus
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.organisations import EmailPreferences
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.reminders import first_check
from chalicelib.rules.translation import N_

CustomerSkipReason = Literal["already_accepted", "unsubscribed", "suppressed", "no_address"]
KINDS: frozenset[EmailKind] = frozenset({"portal_invitation", "portal_reminder"})
MOST_SHOWN = 1000


class PortalInvitationAccepted(Conflict):
    """An accepted customer is never invited again."""

    code = "already_accepted"
    sentence = N_("This customer already uses the portal. Ask them to sign in or reset their password.")


@dataclass(frozen=True, slots=True)
class Audience:
    """The customers to invite: of a group, with one of these statuses, or all."""

    group: str = ""
    statuses: tuple[PortalStatus, ...] = ()

    def includes(self, customer: Customer) -> bool:
        return (not self.group or self.group in customer.groups) and (not self.statuses or customer.status in self.statuses)


class SkippedCustomer(NamedTuple):
    customer: Customer
    reason: CustomerSkipReason


@dataclass(slots=True)
class AudienceCheck:
    """The recipients and the skipped customers of an audience, added one by one. All skipped ones are counted, the first ones kept."""

    recipients: list[str] = field(default_factory=list)
    invited_today: int = 0
    skipped: list[SkippedCustomer] = field(default_factory=list)
    reasons: dict[CustomerSkipReason, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return len(self.recipients) + sum(self.reasons.values())

    def add(self, customer: Customer, preferences: EmailPreferences, *, zone: str, now: datetime) -> None:
        reason = skip_reason(customer, preferences)
        if reason is None:
            self.recipients.append(customer.id)
            self.invited_today += invited_today(customer, zone=zone, now=now)
            return
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if len(self.skipped) < MOST_SHOWN:
            self.skipped.append(SkippedCustomer(customer, reason))


def skip_reason(customer: Customer, preferences: EmailPreferences) -> CustomerSkipReason | None:
    """Return why a customer is skipped; None for a recipient."""
    if customer.status == "accepted":
        return "already_accepted"
    if not customer.email:
        return "no_address"
    if preferences.suppressed:
        return "suppressed"
    return "unsubscribed" if preferences.unsubscribed else None


def invited_today(customer: Customer, *, zone: str, now: datetime) -> bool:
    """Whether an invitation or a reminder was sent today, in the organisation's time zone."""
    at = customer.invited_at
    return at is not None and times.local(at, zone).date() == times.local(now, zone).date()


def after_sending(customer: Customer, kind: EmailKind, sent_at: datetime, days: Sequence[int]) -> Customer:
    """Return the customer after SES accepted such an e-mail.

    A newer invitation restarts the reminders. An accepted customer stays accepted.
    """
    noted = replace(
        customer,
        status="invited" if customer.status == "added" else customer.status,
        invitations=customer.invitations + 1,
        invited_at=max(customer.invited_at or sent_at, sent_at),
    )
    newest = customer.asked_at is None or customer.asked_at < sent_at
    if kind != "portal_invitation" or not newest or noted.status == "accepted":
        return noted
    return replace(noted, asked_at=sent_at, remind_at=first_check(sent_at, days))
