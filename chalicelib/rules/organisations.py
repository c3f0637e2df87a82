"""An organisation (the provider, the tenant): its settings, its staff, and the e-mail preferences of addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple

from chalicelib.languages import Locale
from chalicelib.rules.addresses import Suppression, compared
from chalicelib.rules.discounts import SiblingDiscount
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.notifications import ReadMarks, sort_key
from chalicelib.rules.organisation_refusals import BookingsPaused, OrganisationSuspended
from chalicelib.rules.permissions import LED, Permission, Role, may
from chalicelib.rules.pictures import Picture
from chalicelib.rules.quotas import UNLIMITED, Quotas

PublicBilling = Literal["later", "invoice", "online"]
"""How the public pays: as the organisation says, by invoice, or online when booking."""


LONGEST_SUPPORT = timedelta(hours=72)
"""For so long at most does an owner give support access at once."""
ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
DELETED_AFTER = timedelta(days=30)
"""So long after it was asked for, an organisation may be deleted for good."""


@dataclass(frozen=True, slots=True)
class WaitlistSettings:
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
    date_reminder_hours: int = 24
    """How many hours before each date those registered get a reminder; 0 for none."""
    quiet_hours: QuietHours | None = field(default_factory=QuietHours)
    forwarding: Forwarding = "open"
    waitlist: WaitlistSettings = field(default_factory=WaitlistSettings)
    sibling_discount: SiblingDiscount | None = None
    cancel_until_hours: int | None = None
    """How many hours before a date families may cancel; None for never."""
    self_service_moves: bool = False
    """Whether families may move a booking to another session of the same series or with a tag in common."""
    public_billing: PublicBilling = "later"
    address: str = ""
    """Its postal address, as invoices show it."""
    vat_number: str = ""
    vat_rate: float = 0
    payment_instructions: str = ""
    accent: str = "#2f5d50"
    embed_origins: tuple[str, ...] = ()
    """The sites that may show the public pages in a frame."""
    logo: Picture | None = None
    online_payment: bool = False
    """Whether it has all keys for online payment; they are kept elsewhere."""
    support_until: datetime | None = None
    """Until then the operator may give people of theirs a look at everything; None while no owner has allowed that."""
    quotas: Quotas = UNLIMITED
    suspended_at: datetime | None = None
    """Since when it is suspended: nobody of its staff gets in, nothing is booked, and no bulk e-mail leaves."""
    deletes_at: datetime | None = None
    """From when on the operator may delete it for good; None unless that was asked for."""
    deleting: bool = False
    """Whether its rows are being deleted: then it cannot be resumed any more."""
    configuration_set: str = ""
    """The configuration set of SES in which its e-mails are counted; empty for that of the stage."""
    version: int = 1

    def admits(self, member: "StaffMember", now: datetime) -> bool:
        """Whether a member's access lasts: that of support ends with the hours that an owner gave, or as soon as an owner takes it back."""
        return member.until is None or (self.support_until is not None and now < min(member.until, self.support_until))


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A staff member. `user` is the account's id once active, and before that a pseudonym derived from the address."""

    org: str
    user: str
    email: str
    name: str
    role: Role
    status: Literal["invited", "active"]
    invited_at: datetime
    link_version: int = 1
    tokens_valid_from: datetime | None = None
    """Access tokens issued before this moment are invalid: the password was reset, or the person signed out everywhere."""
    seen: ReadMarks | None = None
    """The notifications that they marked as read; None before the first mark."""
    language: Locale | None = None
    """The language of their pages, if they chose one. Without a choice it is the one that their browser asks for."""
    feed_version: int = 0
    """Of the URL of their calendar feed: a newer one kills the older."""
    until: datetime | None = None
    """Of somebody whom the operator let in for support: when their access ends. None for the organisation's own staff."""

    @property
    def has_seen(self) -> ReadMarks:
        """The read marks. Until the first one is set, notifications from before the invitation count as read."""
        return self.seen or ReadMarks(sort_key(self.invited_at))

    @property
    def by(self) -> str:
        """How the history names them."""
        return self.email

    def may(self, permission: Permission) -> bool:
        return may(self.role, permission)

    def may_lead(self, permission: Permission) -> bool:
        """Whether they have the permission at least on the sessions that they lead."""
        return self.may(permission) or (permission in LED and self.may(LED[permission]))

    def may_on(self, permission: Permission, leaders: Iterable[str]) -> bool:
        """Whether they have the permission on a session with these leaders."""
        return self.may(permission) or (self.may_lead(permission) and self.is_among(leaders))

    def is_among(self, leaders: Iterable[str]) -> bool:
        """Whether their address is among those of a session's leaders."""
        return compared(self.email) in map(compared, leaders)


class Bounce(NamedTuple):
    """A permanent bounce: when it was noted, and the reply of the receiving server. Older records may lack either."""

    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EmailPreferences:
    """The e-mails that an address has unsubscribed from, complained about, or cannot receive."""

    unsubscribed: bool = False
    bounce: Bounce | None = None
    """The latest permanent bounce, until staff lift the suppression."""
    complaints: tuple[str, ...] = ()
    """The kinds of e-mail that were marked as spam. An older record does not say which: it counts as an empty kind."""
    confirmed: bool = False
    """Whether its owner has confirmed the address by a link in an e-mail."""
    no_date_reminders: bool = False
    """Whether its owner has turned off the reminders before dates."""
    language: Locale | None = None
    """The language of e-mails to it, if its owner chose one; else each has the language of its subject."""

    @property
    def suppressed(self) -> bool:
        """Whether e-mails do not reach the address, but for those that its owner asks for after a complaint about others."""
        return self.suppressed_for is not None

    @property
    def suppressed_for(self) -> Suppression | None:
        """Why the address is suppressed. A complaint outweighs a bounce, because staff cannot lift it."""
        return "complained" if self.complaints else "bounced" if self.bounce else None


def check_runs(organisation: Organisation) -> None:
    """Raise OrganisationSuspended while it is suspended."""
    if organisation.suspended_at:
        raise OrganisationSuspended


def check_takes_bookings(organisation: Organisation) -> None:
    """Raise BookingsPaused while it is suspended."""
    if organisation.suspended_at:
        raise BookingsPaused


def fit_for_id(org: str) -> bool:
    """Whether the text is a valid organisation id, for paths and keys."""
    return ID.fullmatch(org) is not None
