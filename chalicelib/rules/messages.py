"""A message: one e-mail, a row first, then sent, then followed through delivery."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from chalicelib.rules.organisations import EmailPreferences

EmailKind = Literal[
    "session_invitation",
    "invitation_reminder",
    "waitlist_joined",
    "waitlist_offer",
    "confirmation",
    "registration_moved",
    "registration_removed",
    "booking_changed",
    "booking_cancelled",
    "invoice",
    "refund",
    "order_refunded",
    "date_reminder",
    "session_moved",
    "meeting_cancelled",
    "meeting_restored",
    "session_cancelled",
    "roster_message",
    "portal_invitation",
    "portal_reminder",
    "address_confirmation",
    "minimum_missed",
    "webhook_off",
    "staff_invitation",
    "password_reset",
]
"""In the order in which staff see them. Each has a folder in `emails`, with its letter and its declaration."""
MessageState = Literal["queued", "sending", "sent", "failed", "skipped", "suppressed", "delivered", "bounced", "complained"]

BULK: frozenset[EmailKind] = frozenset(
    {
        "session_invitation",
        "invitation_reminder",
        "waitlist_offer",
        "date_reminder",
        "roster_message",
        "portal_invitation",
        "portal_reminder",
    }
)
"""What an organisation sends to many on its own account. It is paused while the organisation is suspended, and on a day on which too
many of its e-mails come back."""
NEVER_WAIT: frozenset[EmailKind] = frozenset({"password_reset", "address_confirmation", "staff_invitation"})
"""The kinds that let somebody sign in. They count towards the quota of a day, and are sent beyond it."""
BLANK = "•••"
CLAIMS = re.compile(r"(/(?:i|b|waitlist|confirm|activate|reset)/)[^\s\"'<>/?#)\]]+")
"""The tokens of links by which their holder accepts, declines, leaves or signs up."""


class MailRefused(Exception):
    """SES will never accept this e-mail. `reason` is one word."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class MailDelayed(Exception):
    """SES could not accept the e-mail now, or no time was left for it. It stays queued. `reason` is one word."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class MailThrottled(MailDelayed):
    """SES accepts no more e-mails of this account in this second."""


class MailPaused(MailDelayed):
    """SES accepts none of these e-mails for a while: sending is paused, or the quota of the day is used up."""


class Content(NamedTuple):
    """The exact content of a message."""

    subject: str
    text: str
    html: str

    def blanked(self, secrets: tuple[str, ...]) -> "Content":
        """Return the content for staff, with the tokens that give access to an account or e-mail preferences blanked out."""
        text, html = self.text, self.html
        for secret in secrets:
            text, html = text.replace(secret, BLANK), html.replace(secret, BLANK)
        return Content(self.subject, text, html)

    def without_claims(self) -> "Content":
        """Return the content for staff who may read but not act, with the token of every link that acts blanked out."""
        return Content(self.subject, CLAIMS.sub(rf"\g<1>{BLANK}", self.text), CLAIMS.sub(rf"\g<1>{BLANK}", self.html))


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail to one address. `data` has the ids of the things it is about, and facts that cannot be looked up later."""

    org: str
    id: str
    kind: EmailKind
    to: str
    locale: str
    created_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    state: MessageState = "queued"
    reason: str = ""
    attempts: int = 0
    """The number of attempts to send it; it distinguishes one attempt from another."""
    sent_at: datetime | None = None
    due_at: datetime | None = None
    """Until then it gathers changes, and is not sent."""
    told: Mapping[str, Any] | None = None
    """The dates and the location that a sent notice of a change told."""
    subject: str = ""
    """As it was sent."""
    ses_id: str = ""
    content: Content | None = None

    @property
    def session(self) -> str:
        return str(self.data.get("session", ""))

    @property
    def registrations(self) -> list[str]:
        """The ids of the registrations that the message is about."""
        return list(self.data.get("registrations") or [id for id in [self.data.get("registration")] if id])


class Withheld(NamedTuple):
    """The reason why a message is not sent, and the state that records it."""

    state: Literal["skipped", "suppressed", "failed"]
    reason: str
    instead: str = ""
    """The corrected address that the message goes to instead."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail ready for SES. SES repeats the `tags` in its delivery events."""

    sender_name: str
    to: str
    reply_to: str
    content: Content
    headers: Mapping[str, str]
    files: tuple[Attachment, ...]
    tags: Mapping[str, str]
    configuration_set: str = ""
    """That of the organisation; empty for that of the stage."""


def message_id(kind: EmailKind, org: str, key: str) -> str:
    """Return the id of a message, derived from its cause, so that queueing it again adds no second one."""
    return sha256("\0".join((kind, org, key)).encode()).hexdigest()[:32]


def unwanted(
    preferences: EmailPreferences, kind: EmailKind, *, unsubscribable: bool, requested: bool = False, optional: bool = False
) -> Withheld | None:
    """Return why a message to this address is withheld; None when it may be sent.

    A `requested` e-mail passes complaints about other kinds, but no bounce. An `optional` one can be turned off alone.
    """
    complained = bool(preferences.complaints) and not (requested and kind not in preferences.complaints)
    if preferences.bounce or complained:
        return Withheld("suppressed", "suppressed")
    if preferences.unsubscribed and unsubscribable:
        return Withheld("suppressed", "unsubscribed")
    if preferences.no_date_reminders and optional:
        return Withheld("suppressed", "unsubscribed")
    return None
