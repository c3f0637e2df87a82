"""Input of staff about contracts, their prices and their participants."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.contracts import Identifier
from chalicelib.rules.input_errors import error_about
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.money import Price
from chalicelib.rules.text import Name, SingleLine, filled, single_line
from chalicelib.rules.times import Day
from chalicelib.rules.translation import N_

LONGEST_PREFIX = 10
MOST_DETAILS = 40
COLUMNS = (N_("Client Id"), N_("Name"), N_("Email"), N_("Price Code"), N_("Invitation Code"))
"""The reserved columns of the participants' CSV; other columns are details."""
RESERVED = {column.casefold() for column in COLUMNS}


def prefix(value: str) -> str:
    """Return the prefix in capitals. Refuses characters that no code may start with."""
    typed = value.strip()
    if len(typed) > LONGEST_PREFIX or not all(c.isascii() and c.isalnum() for c in typed):
        raise PydanticCustomError("not_a_prefix", "Use up to 10 letters from A to Z and digits.")
    return typed.upper()


Prefix = Annotated[str, StringConstraints(max_length=200), AfterValidator(prefix)]
PriceCode = Annotated[str, StringConstraints(max_length=40), AfterValidator(single_line), AfterValidator(filled)]
ClientId = Annotated[str, StringConstraints(max_length=100), AfterValidator(single_line)]
DetailName = Annotated[str, StringConstraints(max_length=100), AfterValidator(single_line), AfterValidator(filled)]
DetailValue = Annotated[str, StringConstraints(max_length=500), AfterValidator(single_line)]
Details = Annotated[dict[DetailName, DetailValue], Field(max_length=MOST_DETAILS)]
Keys = Annotated[list[DetailName], Field(max_length=MOST_DETAILS)]


class ContractInput(Input):
    name: Name
    client: Name
    prefix: Prefix = ""
    starts_on: Day | None = None
    ends_on: Day | None = None
    active: bool = True
    identifier: Identifier = "client_id"


class ContractChanges(Changes):
    nullable = frozenset({"starts_on", "ends_on"})

    name: Name | None = None
    client: Name | None = None
    prefix: Prefix | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    active: bool | None = None
    identifier: Identifier | None = None


class PriceInput(Input):
    """A price for one session, by its id, or for every session with the tag."""

    code: PriceCode
    label: Name
    price: Price
    session: SingleLine | None = None
    tag: Annotated[Name | None, Field(validate_default=True)] = None

    @field_validator("tag")
    @classmethod
    def session_or_tag(cls, tag: str | None, info: ValidationInfo) -> str | None:
        if "session" in info.data:
            check_product(info.data["session"], tag)
        return tag


class PriceChanges(Changes):
    """Changes of a price. A session replaces the tag, and a tag the session."""

    nullable = frozenset({"session", "tag"})

    code: PriceCode | None = None
    label: Name | None = None
    price: Price | None = None
    session: SingleLine | None = None
    tag: Name | None = None


class ContractParticipantInput(Input):
    client_id: ClientId = ""
    name: SingleLine = ""
    email: Address | None = None
    details: Details = {}
    shareable: Keys = []

    @field_validator("details")
    @classmethod
    def details_are_distinct(cls, details: dict[str, str]) -> dict[str, str]:
        check_names(details)
        return details

    @field_validator("shareable")
    @classmethod
    def only_details_are_shared(cls, shareable: list[str], info: ValidationInfo) -> list[str]:
        if "details" in info.data:
            check_shareable(shareable, info.data["details"])
        return shareable


class ContractParticipantChanges(Changes):
    """Changes of a contract's participant. `details` replaces all earlier details."""

    nullable = frozenset({"email"})

    client_id: ClientId | None = None
    name: SingleLine | None = None
    email: Address | None = None
    details: Details | None = None
    shareable: Keys | None = None

    @field_validator("details")
    @classmethod
    def details_are_distinct(cls, details: dict[str, str] | None) -> dict[str, str] | None:
        check_names(details or {})
        return details


def check_product(session: str | None, tag: str | None) -> None:
    """Refuse a price without a product, and one with both a session and a tag."""
    if bool(session) == bool(tag):
        raise PydanticCustomError("session_or_tag", "Choose one session, or write a tag: one of the two.")


def check_names(details: Mapping[str, str]) -> None:
    """Refuse details that would collide as columns of a sheet: names are compared without case, and some are reserved."""
    names = [name.casefold() for name in details]
    if len(set(names)) < len(names):
        raise PydanticCustomError("same_name_twice", "Two details have the same name; capital and small letters do not count.")
    if taken := [name for name in details if name.casefold() in RESERVED]:
        raise error_about("name_taken", N_("Name these details otherwise: %(names)s."), names=", ".join(taken))


def check_shareable(shareable: list[str], details: Mapping[str, str]) -> None:
    if unknown := [name for name in shareable if name not in details]:
        raise error_about("unknown_detail", N_("There are no such details: %(names)s."), names=", ".join(unknown))
