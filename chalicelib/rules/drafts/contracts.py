"""Contracts, their prices and their participants as staff write them."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.contracts import Identifier
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.money import Price
from chalicelib.rules.text import Line, Name, filled, line
from chalicelib.rules.times import Day

LONGEST_PREFIX = 10
MOST_DETAILS = 40
COLUMNS = ("Client Id", "Name", "Email", "Price Code", "Invitation Code")
"""What participants' CSV calls its own columns; details are the others."""
OWN = {column.casefold() for column in COLUMNS}
EMPTIABLE = {"starts_on", "ends_on", "session", "tag", "email"}
"""What may be there or not, so that null takes it away."""


def prefix(value: str) -> str:
    """Return the prefix in capitals, or refuse what no code may begin with."""
    capital = value.strip().upper()
    if len(capital) > LONGEST_PREFIX or not all(c.isascii() and c.isalnum() for c in capital):
        raise PydanticCustomError("not_a_prefix", "Use up to 10 letters from A to Z and digits.")
    return capital


Prefix = Annotated[str, StringConstraints(max_length=200), AfterValidator(prefix)]
PriceCode = Annotated[str, StringConstraints(max_length=40), AfterValidator(line), AfterValidator(filled)]
ClientId = Annotated[str, StringConstraints(max_length=100), AfterValidator(line)]
Key = Annotated[str, StringConstraints(max_length=100), AfterValidator(line), AfterValidator(filled)]
Value = Annotated[str, StringConstraints(max_length=500), AfterValidator(line)]
Details = Annotated[dict[Key, Value], Field(max_length=MOST_DETAILS)]
Keys = Annotated[list[Key], Field(max_length=MOST_DETAILS)]


class _Changes(Draft):
    """What changes; what is left out stays."""

    @model_validator(mode="after")
    def says_something(self) -> Self:
        empty = [name for name in self.model_fields_set - EMPTIABLE if getattr(self, name) is None]
        if empty:
            raise PydanticCustomError(
                "null", "Leave out what does not change instead of sending null: {names}.", {"names": ", ".join(empty)}
            )
        return self


class ContractDraft(Draft):
    name: Name
    client: Name
    prefix: Prefix = ""
    starts_on: Day | None = None
    ends_on: Day | None = None
    active: bool = True
    identifier: Identifier = "client_id"


class ContractChanges(_Changes):
    name: Name | None = None
    client: Name | None = None
    prefix: Prefix | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    active: bool | None = None
    identifier: Identifier | None = None


class PriceDraft(Draft):
    """One session, by its id, or every session that carries the tag."""

    code: PriceCode
    label: Name
    price: Price
    session: Line | None = None
    tag: Annotated[Name | None, Field(validate_default=True)] = None

    @field_validator("tag")
    @classmethod
    def session_or_tag(cls, tag: str | None, info: ValidationInfo) -> str | None:
        if "session" in info.data:
            check_product(info.data["session"], tag)
        return tag


class PriceChanges(_Changes):
    """A session takes the place of a tag, and a tag that of a session."""

    code: PriceCode | None = None
    label: Name | None = None
    price: Price | None = None
    session: Line | None = None
    tag: Name | None = None


class ContractParticipantDraft(Draft):
    client_id: ClientId = ""
    name: Line = ""
    email: Address | None = None
    details: Details = {}
    shareable: Keys = []

    @field_validator("details")
    @classmethod
    def details_are_told_apart(cls, details: dict[str, str]) -> dict[str, str]:
        check_names(details)
        return details

    @field_validator("shareable")
    @classmethod
    def only_details_are_shared(cls, shareable: list[str], info: ValidationInfo) -> list[str]:
        if "details" in info.data:
            check_shareable(shareable, info.data["details"])
        return shareable


class ContractParticipantChanges(_Changes):
    """Details that are named replace all that there were."""

    client_id: ClientId | None = None
    name: Line | None = None
    email: Address | None = None
    details: Details | None = None
    shareable: Keys | None = None

    @field_validator("details")
    @classmethod
    def details_are_told_apart(cls, details: dict[str, str] | None) -> dict[str, str] | None:
        check_names(details or {})
        return details


def check_product(session: str | None, tag: str | None) -> None:
    """Refuse a price for nothing, and one for two things."""
    if bool(session) == bool(tag):
        raise PydanticCustomError("session_or_tag", "Choose one session, or write a tag: one of the two.")


def check_names(details: Mapping[str, str]) -> None:
    """Refuse details that a table could not tell apart: columns are read without case, and some names are its own."""
    names = [name.casefold() for name in details]
    if len(set(names)) < len(names):
        raise PydanticCustomError("same_name_twice", "Two details have the same name; capital and small letters do not count.")
    if taken := [name for name in details if name.casefold() in OWN]:
        raise PydanticCustomError("name_taken", "Name these details otherwise: {names}.", {"names": ", ".join(taken)})


def check_shareable(shareable: list[str], details: Mapping[str, str]) -> None:
    if unknown := [name for name in shareable if name not in details]:
        raise PydanticCustomError("unknown_detail", "There are no such details: {names}.", {"names": ", ".join(unknown)})
