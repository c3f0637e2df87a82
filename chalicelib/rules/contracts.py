"""A contract with a client organisation: its terms, its prices, and the participants who may book under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from chalicelib.rules.money import Money
from chalicelib.rules.refusals import Conflict, Invalid
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_

Identifier = Literal["client_id", "email"]
ContractState = Literal["inactive", "upcoming", "open", "ended"]
MOST_CONTRACTS = 500


class PrefixTaken(Conflict):
    """Another contract has this prefix. At most one contract may have none."""

    code = "prefix_taken"
    sentence = N_("Another contract has this prefix. Choose another one, so that their codes can be told apart.")

    def __init__(self, contract: str) -> None:
        self.contract = contract


class TooManyContracts(Conflict):
    code = "too_many_contracts"
    sentence = N_("There are %(most)d contracts, and there can be no more. Delete one that was never used.")

    def __init__(self) -> None:
        self.most = MOST_CONTRACTS


class EndsBeforeItStarts(Invalid):
    code = "ends_before_it_starts"
    sentence = N_("A contract ends on the day on which it starts, or later. Change both dates together.")


class ContractInUse(Conflict):
    code = "contract_in_use"
    sentence = N_("Invitation codes were issued under this contract, so its history stays. Deactivate it instead of deleting it.")


class ContractHasParticipants(Conflict):
    """The identifier (client id or e-mail) cannot change once the contract has participants."""

    code = "contract_has_participants"
    sentence = N_("Participants were added under this identifier, so it stays. Make another contract for the other one.")


class PriceCodeTaken(Conflict):
    code = "price_code_taken"
    sentence = N_("Another price of this contract has this price code. Choose another one.")

    def __init__(self, price: str) -> None:
        self.price = price


class ParticipantExists(Conflict):
    """The contract has a participant with this identifier already."""

    code = "participant_exists"
    sentence = N_("This contract has a participant with this identifier already. Open that one instead of adding another.")

    def __init__(self, participant: str) -> None:
        self.participant = participant


class ParticipantHasCodes(Conflict):
    """The participant has issued codes, which refer to them, and cannot be deleted."""

    code = "participant_has_codes"
    sentence = N_(
        "This participant has invitation codes: %(list)s. Delete the unused ones; a participant with a used code cannot be deleted."
    )

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.codes = list(codes)
        self.list = ", ".join(codes)


class ContractTerms(NamedTuple):
    """The terms that decide whether a contract's codes can be used. They are read with every code that is tried."""

    prefix: str
    active: bool
    starts_on: date | None
    ends_on: date | None

    def state_on(self, day: date) -> ContractState:
        """Return the contract's state on a day of the organisation's calendar; its first and last day are included."""
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
    """`issued`: codes were issued under it. `peopled`: participants were added to it. Neither is ever reset."""

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
    def terms(self) -> ContractTerms:
        return ContractTerms(self.prefix, self.active, self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class ContractPrice:
    """A price under a contract for its product: one session, or every session with a tag. `code` is the short price code."""

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
    """A person entitled to book under a contract. `details` are ordered; holders of a code see only those named in `shareable`."""

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
        """Return this participant's value of the identifier, unique within the contract."""
        return self.client_id if identifier == "client_id" else self.email

    def prefill(self) -> dict[str, str]:
        """Return the values that fill in a booking: name and address, which every booking asks for, and the shareable details only."""
        shared = {key: value for key, value in self.details if key in self.shareable}
        return {**shared, "name": self.name, "email": self.email}


class Tagged(Protocol):
    """A session, or the facts of one."""

    @property
    def tags(self) -> tuple[str, ...]: ...


def tagged(session: Tagged, tag: str) -> bool:
    """Whether the session carries the tag; tags are compared without case."""
    return bool(tag) and tag.casefold() in {one.casefold() for one in session.tags}


def check_room(contract: Contract, others: Mapping[str, ContractTerms]) -> None:
    """Refuse a contract above the limit for an organisation, and a prefix that another contract has."""
    if contract.id not in others and len(others) >= MOST_CONTRACTS:
        raise TooManyContracts
    holder = next((id for id, terms in others.items() if terms.prefix == contract.prefix and id != contract.id), None)
    if holder:
        raise PrefixTaken(holder)


def check_dates(contract: Contract) -> None:
    if contract.starts_on and contract.ends_on and contract.ends_on < contract.starts_on:
        raise EndsBeforeItStarts
