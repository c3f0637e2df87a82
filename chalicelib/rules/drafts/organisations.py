"""Settings and staff as an owner writes them."""

import re
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address, address
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.money import Currency
from chalicelib.rules.organisations import Locale, Role
from chalicelib.rules.text import Line, Name, Paragraphs, paragraphs
from chalicelib.rules.times import Zone

MOST_LINES = 8
NULLABLE = {"quiet_hours", "sibling_discount", "stripe_secret_key", "stripe_webhook_secret"}


def _to_the_minute(value: time) -> time:
    if value.tzinfo or value.second or value.microsecond:
        raise PydanticCustomError("not_a_local_time", "Write the local time to the minute, such as 21:00.")
    return value


def _address_or_none(value: str) -> str:
    return address(value) if value.strip() else ""


def _few_lines(value: str) -> str:
    if value.count("\n") >= MOST_LINES:
        raise PydanticCustomError("too_many_lines", "Write at most eight lines.")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise PydanticCustomError("not_a_colour", "Write the colour as # and six hexadecimal digits, such as #2f5d50.")
    return value


def _secret_key(value: SecretStr) -> SecretStr:
    if not re.fullmatch("((sk|rk)_[A-Za-z0-9_]{1,250})?", value.get_secret_value()):
        raise PydanticCustomError("not_a_secret_key", "Paste the secret key of your Stripe account: it starts with sk_ or rk_.")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch("(whsec_[A-Za-z0-9_+/=]{1,250})?", value.get_secret_value()):
        raise PydanticCustomError("not_a_webhook_secret", "Paste the signing secret of the webhook: it starts with whsec_.")
    return value


def _check_not_null(changes: Draft, names: set[str]) -> None:
    empty = sorted(name for name in names if getattr(changes, name) is None)
    if empty:
        raise PydanticCustomError("null", "Leave out what does not change instead of sending null: {names}.", {"names": ", ".join(empty)})


PostalAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(paragraphs), AfterValidator(_few_lines)]
LocalTime = Annotated[time, AfterValidator(_to_the_minute)]


class QuietHoursDraft(Draft):
    starts: LocalTime
    ends: LocalTime

    @model_validator(mode="after")
    def not_the_whole_day(self) -> Self:
        if self.starts == self.ends:
            raise PydanticCustomError("whole_day", "Quiet hours end at another time than they start.")
        return self


class WaitlistChanges(Draft):
    """What of the waitlists' settings changes; what is left out stays."""

    mode: Literal["strict", "skip_to_fit"] | None = None
    auto_offer: bool | None = None
    offer_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    cutoff_hours: Annotated[int, Field(ge=0, le=720)] | None = None

    @model_validator(mode="after")
    def null_nowhere(self) -> Self:
        _check_not_null(self, self.model_fields_set)
        return self


class SiblingDiscountDraft(Draft):
    from_nth: Annotated[int, Field(ge=2, le=10)]
    percent: Annotated[int, Field(ge=1, le=100)]


class OrganisationChanges(Draft):
    """What of the settings changes; what is left out stays. Null turns quiet hours and the sibling discount off, and drops a key."""

    name: Name | None = None
    from_name: Line | None = None
    reply_to: Annotated[str, StringConstraints(max_length=254), AfterValidator(_address_or_none)] | None = None
    locale: Locale | None = None
    time_zone: Zone | None = None
    currency: Currency | None = None
    invitation_days: Annotated[int, Field(ge=1, le=365)] | None = None
    reminder_days: Annotated[list[Annotated[int, Field(ge=1, le=365)]], Field(max_length=10)] | None = None
    quiet_hours: QuietHoursDraft | None = None
    forwarding: Forwarding | None = None
    waitlist: WaitlistChanges | None = None
    sibling_discount: SiblingDiscountDraft | None = None
    public_billing: Literal["later", "invoice"] | None = None
    address: PostalAddress | None = None
    vat_number: Annotated[Line, StringConstraints(max_length=40)] | None = None
    vat_rate: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), AfterValidator(lambda rate: round(rate, 3))] | None = None
    payment_instructions: Paragraphs | None = None
    accent: Annotated[str, AfterValidator(_colour)] | None = None
    stripe_secret_key: Annotated[SecretStr, AfterValidator(_secret_key)] | None = None
    stripe_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None

    @model_validator(mode="after")
    def null_only_where_it_means_off(self) -> Self:
        _check_not_null(self, self.model_fields_set - NULLABLE)
        return self


class StaffDraft(Draft):
    email: Address
    name: Name
    role: Role


class StaffChanges(Draft):
    role: Role
