"""A registration: taken spots, the person who booked them, and the participants."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.rules.addresses import compared
from chalicelib.rules.consents import Consent
from chalicelib.rules.discounts import Reduction, SiblingDiscount
from chalicelib.rules.ledger import Hold
from chalicelib.rules.money import Money
from chalicelib.rules.participants import UNKNOWN, ParticipantDetails
from chalicelib.rules.pricing import PriceLine, discount_lines, total_of
from chalicelib.rules.questions import AnswerValue
from chalicelib.rules.refs import public_id
from chalicelib.rules.registration_history import (
    Billing,
    BillingChange,
    BillingStatus,
    FamilyChange,
    HistoryEvent,
    PartyChange,
    Payment,
    Refund,
    Resend,
)
from chalicelib.rules.registration_refusals import ConfirmedTooOften
from chalicelib.rules.sessions import Meeting, Session, remaining

Source = Literal["invitation", "public", "code", "staff"]


@dataclass(frozen=True, slots=True)
class Registration:
    """Taken spots. The registration is on the roster while the ledger has its confirmed hold."""

    org: str
    session: str
    id: str
    hold: str
    nonce: str
    email: str
    name: str
    participants: tuple[str, ...]
    party_size: int
    tier: str
    price: Money
    """The price of one spot when it was booked."""
    source: Source
    locale: str
    created_at: datetime
    covers_from: datetime
    """Meetings that start after this moment are covered. A person who joins a course late is not on the roster of past meetings."""
    phone: str = ""
    invitation: str = ""
    invited_email: str = ""
    signed_in: bool = False
    """Whether the owner of the address booked it, signed in to the portal."""
    billing: Billing = "unpaid"
    answers: tuple[tuple[str, AnswerValue], ...] = ()
    consents: tuple[Consent, ...] = ()
    """The consents given with the answers, each in the wording that was agreed to."""
    participant_details: tuple[ParticipantDetails, ...] = ()
    """The details of each participant, in their order; empty when none has any."""
    chunk: int = 0
    send_confirmation: bool = True
    confirmed_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str = ""
    tell_removed: bool = False
    """Whether the booker gets an e-mail about the removal."""
    tell_moved: bool = False
    """Whether the booker gets an e-mail about the transfer that created it."""
    moved_to: str = ""
    """The registration on another session that it was transferred to."""
    moved_from: str = ""
    billing_history: tuple[BillingChange, ...] = ()
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    parties: tuple[PartyChange, ...] = ()
    """Earlier party sizes, for past meetings."""
    code: str = ""
    """The invitation code that it was booked with, its contract, and the contract's participant whose code it is."""
    contract: str = ""
    entitled: str = ""
    invoice: str = ""
    """The number of its invoice. A transfer takes it along."""
    invoices_before: tuple[str, ...] = ()
    """The numbers of cancelled invoices, each with its credit note's."""
    discount: Reduction | None = None
    sibling: SiblingDiscount | None = None
    """The discounts when it was booked."""
    sibling_spots: int | None = None
    """How many of its spots have the sibling discount, counted over the basket; None: those of the party from the nth on."""
    discount_returned: bool = False
    """Whether its use of the discount code was returned. The use of an order is counted with the order, so none is left to return."""
    order: str = ""
    """The id of the order that it was booked with, together with others."""
    link_version: int = 1
    """The version of the link to its page. It rises when the address is corrected, so that the wrong recipient's link ends."""
    confirmations: int = 0
    """How often the confirmation was sent again."""
    resends: tuple[Resend, ...] = ()
    """The confirmations that were sent again within the last hour."""
    own_changes: tuple[FamilyChange, ...] = ()
    """The latest changes that the family made, in order."""

    @property
    def public_id(self) -> str:
        """The id in URLs and answers."""
        return public_id(self.session, self.id)

    @property
    def was_cancelled(self) -> bool:
        """Whether the family cancelled it, rather than staff removed it."""
        return bool(self.removed_at and self.own_changes and self.own_changes[-1].kind == "cancelled")

    @property
    def is_vouched_for(self) -> bool:
        """Whether staff or the owner of the address wrote it. Anybody can type an address into a public form."""
        invited = self.source == "invitation" and compared(self.invited_email) == compared(self.email)
        return self.signed_in or invited or self.source == "staff"

    @property
    def total(self) -> Money:
        whole = self.price.times(self.party_size)
        return Money(whole.amount + total_of(self.lowered), whole.currency)

    @property
    def billing_status(self) -> BillingStatus:
        """The billing as people read it: `free` while nothing is due and nothing was noted."""
        return "free" if self.billing == "unpaid" and self.total.amount == 0 else self.billing

    @property
    def lowered(self) -> list[PriceLine]:
        """The reductions of the price, line by line."""
        whole = self.price.times(self.party_size).amount
        return discount_lines(whole, self.party_size, self.discount, self.sibling, self.sibling_spots)

    @property
    def paid(self) -> Money:
        """The sum of the payments in the currency of the price, without what goes back."""
        came = sum(payment.amount for payment in self.payments if not payment.currency)
        return Money(came - sum(refund.amount for refund in self.refunds if refund.state != "failed"), self.price.currency)

    @property
    def was_paid_when_booked(self) -> bool:
        """Whether its price was paid online with its order, before anything was billed."""
        return self.order != "" and self.billing == "paid" and any(payment.with_order for payment in self.payments)

    def party_at(self, meeting: Meeting) -> int:
        """Return the party size when the meeting began."""
        later = next((change for change in self.parties if change.at > meeting.starts_at), None)
        return later.size if later else self.party_size

    def details_at(self, index: int) -> ParticipantDetails:
        """Return the details of the participant at an index of the party, from 0."""
        return self.participant_details[index] if index < len(self.participant_details) else UNKNOWN

    def details_of(self, name: str) -> ParticipantDetails | None:
        """Return the details of the participant of this name; None if nobody has it."""
        named = {same_participant(participant): index for index, participant in enumerate(self.participants)}
        index = named.get(same_participant(name))
        return None if index is None else self.details_at(index)

    def answers_at(self, index: int) -> dict[str, AnswerValue]:
        """Return the answers that are about the participant at a place: the party's and their own."""
        return dict((*self.answers, *self.details_at(index).answers))

    def covers(self, meeting: Meeting) -> bool:
        """Whether the meeting began while this registration was on the roster."""
        return meeting.starts_at > self.covers_from and not (self.removed_at and meeting.starts_at > self.removed_at)

    def remaining(self, session: Session, now: datetime) -> list[Meeting]:
        """Return the covered meetings that start after `now`."""
        return [meeting for meeting in remaining(session.meetings, now) if self.covers(meeting)]

    def holds(self, hold: Hold | None) -> bool:
        """Whether this hold of the ledger is the registration's confirmed one."""
        return bool(hold and hold.is_taken and (hold.registration or self.hold) == self.id and hold.is_for(self))


def history_of(registration: Registration) -> list[HistoryEvent]:
    """Return what happened to a registration, the latest first."""
    events = [HistoryEvent("added", registration.created_at)]
    events += [HistoryEvent("party", change.at, what=change) for change in registration.parties]
    events += [HistoryEvent("billed", change.at, change.by, change) for change in registration.billing_history]
    events += [HistoryEvent("payment", payment.at, payment.by, payment) for payment in registration.payments]
    events += [HistoryEvent("refund", refund.at, refund.by, refund) for refund in registration.refunds]
    events += [HistoryEvent("resent", resend.at) for resend in registration.resends]
    if registration.removed_at:
        events.append(HistoryEvent("removed", registration.removed_at, registration.removed_by))
    events.reverse()
    return sorted(events, key=lambda event: event.at, reverse=True)


def same_participant(name: str) -> str:
    """Return the canonical form of a participant's name for comparison: without case, invisible characters and extra spaces."""
    visible = name if name.isprintable() else "".join(character for character in name if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", visible).casefold().split())


def with_address(registration: Registration, email: str, *, confirm: bool) -> Registration:
    """Return the registration under a corrected address: links that went to the old one end; `confirm` sends the confirmation again."""
    if compared(email) == compared(registration.email):
        return replace(registration, email=email)
    confirmations = registration.confirmations + int(confirm)
    return replace(registration, email=email, link_version=registration.link_version + 1, confirmations=confirmations)


def resends_left(registration: Registration, now: datetime, most: int = 5) -> tuple[Resend, ...]:
    """Return the resends of the last hour. Raises ConfirmedTooOften when there are `most` of them already."""
    recent = tuple(resend for resend in registration.resends if now - resend.at < timedelta(hours=1))
    if len(recent) >= most:
        raise ConfirmedTooOften(retry_after=int((recent[0].at + timedelta(hours=1) - now).total_seconds()) + 1)
    return recent


def confirmation_key(registration: Registration, sending: int = 0) -> str:
    """Return the key of one sending of a confirmation: 0 when the spots were confirmed, then the number of the resend."""
    return f"{registration.public_id}#{registration.nonce}" + (f"#{sending}" if sending else "")
