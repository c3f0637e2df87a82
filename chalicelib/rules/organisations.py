"""An organisation: the provider, the tenant. Its settings, its staff, and what an address wants of it."""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.notifications import Seen, place
from chalicelib.rules.refusals import Refusal, marked

Role = Literal["owner", "manager", "viewer"]
RANK: dict[Role, int] = {"viewer": 0, "manager": 1, "owner": 2}
Locale = Literal["en", "fr"]


class NotAllowed(Refusal):
    code = "not_allowed"
    sentence = marked("Your role does not allow this. Ask an owner of the organisation.")


class AlreadyStaff(Refusal):
    code = "already_staff"
    sentence = marked("This address belongs to the staff already. Change the role instead.")


class LastOwner(Refusal):
    code = "last_owner"
    sentence = marked("An organisation needs an owner. Make somebody else an owner first.")


@dataclass(frozen=True, slots=True)
class Waitlist:
    mode: Literal["strict", "skip_to_fit"] = "strict"
    auto_offer: bool = True
    offer_hours: int = 24
    cutoff_hours: int = 2

    @property
    def lasting(self) -> timedelta:
        """How long an offer is held."""
        return timedelta(hours=self.offer_hours)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No reminder leaves between these local times."""

    starts: time = time(21)
    ends: time = time(8)


@dataclass(frozen=True, slots=True)
class Organisation:
    org: str
    name: str
    created_at: datetime
    from_name: str = ""
    reply_to: str = ""
    locale: Locale = "en"
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    invitation_days: int = 7
    reminder_days: tuple[int, ...] = (3, 7, 14)
    quiet_hours: QuietHours | None = field(default_factory=QuietHours)
    forwarding: Forwarding = "open"
    waitlist: Waitlist = field(default_factory=Waitlist)
    sibling_discount: SiblingDiscount | None = None
    public_billing: Literal["later", "invoice"] = "later"
    address: str = ""
    """Its postal address, as invoices show it."""
    vat_number: str = ""
    vat_rate: float = 0
    payment_instructions: str = ""
    accent: str = "#2f5d50"
    online_payment: bool = False
    """Whether it has all keys for online payment; they are kept elsewhere."""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff. `user` is the sign-in's id once activated, before that a stand-in derived from the address."""

    org: str
    user: str
    email: str
    name: str
    role: Role
    status: Literal["invited", "active"]
    invited_at: datetime
    link_version: int = 1
    sessions_from: datetime | None = None
    """Access tokens issued before this moment no longer count: the password was set anew, or somebody signed out everywhere."""
    seen: Seen | None = None
    """What they have marked as read of the notifications; None until they do for the first time."""

    @property
    def has_seen(self) -> Seen:
        """What they have seen: nothing of what came after they were invited, until they say so."""
        return self.seen or Seen(place(self.invited_at))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an address does not want, or cannot be sent."""

    unsubscribed: bool = False
    suppressed: bool = False
    suppressed_for: str = ""
    """`bounced` or `complained`: why it is not written to any more."""


def fit_for_id(org: str) -> bool:
    """Whether an organisation may be called this in paths and keys."""
    return re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", org) is not None


def may(role: Role, needed: Role) -> bool:
    return RANK[role] >= RANK[needed]
