"""A contract with a client organisation: its terms, its prices, and the participants who may book under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.sessions import Session

Identifier = Literal["client_id", "email"]
ContractState = Literal["inactive", "upcoming", "open", "ended"]
MOST_CONTRACTS = 500


class PrefixTaken(Refusal):
    """A prefix belongs to one contract; one of them may have none."""

    code = "prefix_taken"
    sentence = marked("Another contract has this prefix. Choose another one, so that their codes can be told apart.")

    def __init__(self, contract: str) -> None:
        self.contract = contract


class TooManyContracts(Refusal):
    code = "too_many_contracts"
    sentence = marked("There are %(most)d contracts, and there can be no more. Delete one that was never used.")

    def __init__(self) -> None:
        self.most = MOST_CONTRACTS


class EndsBeforeItStarts(Refusal):
    code = "ends_before_it_starts"
    sentence = marked("A contract ends on the day on which it starts, or later. Change both dates together.")


class ContractInUse(Refusal):
    code = "contract_in_use"
    sentence = marked("Invitation codes were issued under this contract, so its history stays. Deactivate it instead of deleting it.")


class ContractHasParticipants(Refusal):
    """What tells participants apart is settled once there are some."""

    code = "contract_has_participants"
    sentence = marked("Participants were added under this identifier, so it stays. Make another contract for the other one.")


class PriceCodeTaken(Refusal):
    code = "price_code_taken"
    sentence = marked("Another price of this contract has this price code. Choose another one.")

    def __init__(self, price: str) -> None:
        self.price = price


class ParticipantExists(Refusal):
    """One participant for each identifier of a contract."""

    code = "participant_exists"
    sentence = marked("This contract has a participant with this identifier already. Open that one instead of adding another.")

    def __init__(self, participant: str) -> None:
        self.participant = participant


class ParticipantHasCodes(Refusal):
    """Codes that are out lead to their participant, who therefore stays."""

    code = "participant_has_codes"
    sentence = marked("This participant has invitation codes: %(list)s. Delete the unused ones; whoever has used one stays.")

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.codes = list(codes)
        self.list = ", ".join(codes)


class Terms(NamedTuple):
    """What decides whether a contract's codes can be used: read with every code that is tried."""

    prefix: str
    active: bool
    starts_on: date | None
    ends_on: date | None

    def state_on(self, day: date) -> ContractState:
        """Return the one state that the contract is in on a day of the organisation's own calendar; the first and last day count."""
        if not self.active:
            return "inactive"
        if self.starts_on and day < self.starts_on:
            return "upcoming"
        return "ended" if self.ends_on and self.ends_on < day else "open"

    def open_on(self, day: date) -> bool:
        """Whether codes can be used on this day."""
        return self.state_on(day) == "open"


@dataclass(frozen=True, slots=True)
class Contract:
    """`issued`: codes were made under it. `peopled`: participants were added to it. Neither is ever taken back."""

    org: str
    id: str
    name: str
    client: str
    prefix: str
    starts_on: date | None
    ends_on: date | None
    active: bool
    identifier: Identifier
    created_at: datetime
    version: int = 1
    issued: bool = False
    peopled: bool = False

    @property
    def terms(self) -> Terms:
        return Terms(self.prefix, self.active, self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class Price:
    """What a session costs under a contract: one session, or any that carries a tag. `code` is the short price code."""

    org: str
    contract: str
    id: str
    code: str
    label: str
    price: Money
    session: str = ""
    tag: str = ""
    version: int = 1

    def fits(self, session: Session) -> bool:
        """Whether the session can be booked at this price."""
        return session.id == self.session if self.session else tagged(session, self.tag)


@dataclass(frozen=True, slots=True)
class ContractParticipant:
    """Somebody entitled to book under a contract. Of the details, in order, those named in `shareable` are shown to who has a code."""

    org: str
    contract: str
    id: str
    client_id: str = ""
    name: str = ""
    email: str = ""
    details: tuple[tuple[str, str], ...] = ()
    shareable: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    version: int = 1

    def identified_by(self, identifier: Identifier) -> str:
        """Return what tells this participant from the others of the contract."""
        return self.client_id if identifier == "client_id" else self.email

    def prefill(self) -> dict[str, str]:
        """Return what fills in a booking: name and address, which every booking asks for, and of the details only the shareable ones."""
        shared = {key: value for key, value in self.details if key in self.shareable}
        return {**shared, "name": self.name, "email": self.email}


def tagged(session: Session, tag: str) -> bool:
    """Whether the session carries the tag; tags are compared without case."""
    return bool(tag) and tag.casefold() in {one.casefold() for one in session.tags}


def check_room(contract: Contract, others: Mapping[str, Terms]) -> None:
    """Refuse a contract beyond the most there can be, and a prefix that another one has."""
    if contract.id not in others and len(others) >= MOST_CONTRACTS:
        raise TooManyContracts
    holder = next((own for own, terms in others.items() if terms.prefix == contract.prefix and own != contract.id), None)
    if holder:
        raise PrefixTaken(holder)


def check_dates(contract: Contract) -> None:
    if contract.starts_on and contract.ends_on and contract.ends_on < contract.starts_on:
        raise EndsBeforeItStarts
