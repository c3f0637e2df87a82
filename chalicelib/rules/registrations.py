"""A registration: taken spots, who booked them and for whom."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.rules.discounts import PriceLine, Reduction, SiblingDiscount, lowered, total_of
from chalicelib.rules.ledger import Hold
from chalicelib.rules.money import Money
from chalicelib.rules.questions import Answer
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.sessions import Meeting

Source = Literal["invitation", "public", "code", "staff"]
Billing = Literal["unpaid", "invoiced", "partly_paid", "paid", "refunded"]


class AlreadyRegistered(Refusal):
    """One participant of one address is on a session once; siblings are other participants."""

    code = "already_registered"
    sentence = marked("%(participant)s is registered for this session already. Leave this name out, or register somebody else.")

    def __init__(self, participant: str) -> None:
        self.participant = participant


class TierNeeded(Refusal):
    """Several prices, none chosen: the form asks for one."""

    code = "tier_needed"
    sentence = marked("Choose one of the prices.")


class UnknownTier(Refusal):
    code = "unknown_tier"
    sentence = marked("This price does not exist any more. Choose one of the prices.")


class TooManyParticipants(Refusal):
    code = "too_many_participants"
    sentence = marked("You have %(party_size)d spots. Name at most as many participants.")

    def __init__(self, party_size: int) -> None:
        self.party_size = party_size


class AnswersDoNotFit(Refusal):
    """The form's answers: question id → what is wrong."""

    code = "answers_do_not_fit"
    sentence = marked("Some answers are missing or do not fit. Look at the questions marked below.")

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems


class AlreadyPaid(Refusal):
    """What is paid keeps its size: the amount would not fit any more."""

    code = "already_paid"
    sentence = marked("This registration is paid, so its number of spots stays. Change its billing first, or add another registration.")


class OtherCurrency(Refusal):
    code = "other_currency"
    sentence = marked("This registration is in %(currency)s. Note the payment in the same currency.")

    def __init__(self, currency: str) -> None:
        self.currency = currency


class UnknownMeeting(Refusal):
    code = "unknown_meeting"
    sentence = marked("This session has no such meeting. Choose one of its dates, or leave it out.")


class SameSession(Refusal):
    code = "same_session"
    sentence = marked("The registration is on this session already. Choose another one.")


class AlreadyRemoved(Refusal):
    code = "already_removed"
    sentence = marked("This registration was removed from the roster already.")


@dataclass(frozen=True, slots=True)
class BillingChange:
    """A step in the history of a registration's billing."""

    status: Billing
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in, for one meeting of a course or for all of it."""

    amount: int
    method: str
    at: datetime
    by: str
    meeting: str = ""
    currency: str = ""
    """Only where it is not the registration's own."""
    reference: str = ""
    """What it is called where it was made: no payment of one name is noted twice."""

    def money(self, currency: str) -> Money:
        """Return what came in, for a registration in this currency."""
        return Money(self.amount, self.currency or currency)


@dataclass(frozen=True, slots=True)
class PartyChange:
    """From this moment on the party had this size."""

    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Registration:
    """Taken spots. It stands on the roster while the ledger has its confirmed hold."""

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
    """Meetings that start after this moment are covered: somebody who joins a course late is missing on past ones."""
    phone: str = ""
    invitation: str = ""
    invited_email: str = ""
    billing: Billing = "unpaid"
    answers: tuple[tuple[str, Answer], ...] = ()
    chunk: int = 0
    send_confirmation: bool = True
    confirmed_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str = ""
    moved_to: str = ""
    """The registration on another session that it was transferred to."""
    moved_from: str = ""
    billing_history: tuple[BillingChange, ...] = ()
    payments: tuple[Payment, ...] = ()
    parties: tuple[PartyChange, ...] = ()
    """Earlier sizes of the party: past meetings keep theirs."""
    code: str = ""
    """The invitation code that it was booked with, its contract, and the contract's participant whose code it is."""
    contract: str = ""
    entitled: str = ""
    invoice: str = ""
    """The number of its invoice. It goes along when the registration moves."""
    invoices_before: tuple[str, ...] = ()
    """The numbers of cancelled invoices, each with its credit note's."""
    discount: Reduction | None = None
    sibling: SiblingDiscount | None = None
    """What lowers the price of its party, as it was when it was booked."""
    discount_returned: bool = False
    """Whether its use of the discount code can be had by somebody else again."""

    @property
    def total(self) -> Money:
        whole = self.price.times(self.party_size)
        return Money(whole.amount + total_of(self.lowered), whole.currency)

    @property
    def lowered(self) -> list[PriceLine]:
        """What comes off the price of the spots, line by line."""
        return lowered(self.price.times(self.party_size).amount, self.party_size, self.discount, self.sibling)

    @property
    def paid(self) -> Money:
        """What came in, in the currency of the price."""
        return Money(sum(payment.amount for payment in self.payments if not payment.currency), self.price.currency)

    def party_at(self, meeting: Meeting) -> int:
        """Return how large the party was when the meeting began."""
        later = next((change for change in self.parties if change.at > meeting.starts_at), None)
        return later.size if later else self.party_size

    def covers(self, meeting: Meeting) -> bool:
        """Whether the meeting began while this registration was on the roster."""
        return meeting.starts_at > self.covers_from and not (self.removed_at and meeting.starts_at > self.removed_at)

    def holds(self, hold: Hold | None) -> bool:
        """Whether this ledger hold is the one that makes the registration real."""
        return bool(hold and hold.s == "C" and (hold.r or self.hold) == self.id and hold.v == self.nonce)


def billing_after(registration: Registration, payment: Payment) -> Billing:
    """Return the billing status that a payment leads to. One in another currency cannot be counted: staff look at it."""
    if payment.currency:
        return registration.billing
    return "paid" if registration.paid.amount + payment.amount >= registration.total.amount else "partly_paid"


def same_participant(name: str) -> str:
    """Return the form in which two names on one session are the same participant's; what is invisible in them does not tell them apart."""
    visible = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", visible).casefold().split())
