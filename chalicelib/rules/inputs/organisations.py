"""Input of an owner about settings and staff."""

import re
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.languages import Locale
from chalicelib.rules.addresses import Address, address
from chalicelib.rules.date_reminders import MOST_HOURS
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.inputs.sessions import HoursBefore
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.money import Currency
from chalicelib.rules.organisations import PublicBilling
from chalicelib.rules.origins import Origin
from chalicelib.rules.permissions import Role
from chalicelib.rules.text import Name, Paragraphs, SingleLine, paragraphs, plain
from chalicelib.rules.times import Moment, Zone

MOST_LINES = 8
TO_THE_MINUTE = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
MOST_ORIGINS = 20


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
    pasted = plain(value.get_secret_value())
    if not re.fullmatch("((sk|rk)_[A-Za-z0-9_]{1,250})?", pasted):
        raise PydanticCustomError("not_a_secret_key", "Paste the secret key of your Stripe account: it starts with sk_ or rk_.")
    return SecretStr(pasted)


def _webhook_secret(value: SecretStr) -> SecretStr:
    pasted = plain(value.get_secret_value())
    if not re.fullmatch("(whsec_[A-Za-z0-9_+/=]{1,250})?", pasted):
        raise PydanticCustomError("not_a_webhook_secret", "Paste the signing secret of the webhook: it starts with whsec_.")
    return SecretStr(pasted)


PostalAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(paragraphs), AfterValidator(_few_lines)]
LocalTime = Annotated[
    time, AfterValidator(_to_the_minute), WithJsonSchema({"type": "string", "pattern": TO_THE_MINUTE, "examples": ["21:00"]})
]


class QuietHoursInput(Input):
    starts: LocalTime
    ends: LocalTime

    @model_validator(mode="after")
    def not_the_whole_day(self) -> Self:
        if self.starts == self.ends:
            raise PydanticCustomError("whole_day", "Quiet hours end at another time than they start.")
        return self


class WaitlistChanges(Changes):
    """Changes of the waitlist settings; an omitted field stays."""

    mode: Literal["strict", "skip_to_fit"] | None = None
    auto_offer: bool | None = None
    offer_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    cutoff_hours: Annotated[int, Field(ge=0, le=720)] | None = None


class SiblingDiscountInput(Input):
    from_nth: Annotated[int, Field(ge=2, le=10)]
    percent: Annotated[int, Field(ge=1, le=100)]


class OrganisationChanges(Changes):
    """Changes of the settings. Null turns quiet hours, the sibling discount or cancelling by families off, and deletes a key."""

    nullable = frozenset(
        {"cancel_until_hours", "quiet_hours", "sibling_discount", "stripe_secret_key", "stripe_webhook_secret", "support_until"}
    )

    name: Name | None = None
    from_name: SingleLine | None = None
    reply_to: Annotated[str, StringConstraints(max_length=254), AfterValidator(_address_or_none)] | None = None
    locale: Locale | None = None
    time_zone: Zone | None = None
    currency: Currency | None = None
    invitation_days: Annotated[int, Field(ge=1, le=365)] | None = None
    reminder_days: Annotated[list[Annotated[int, Field(ge=1, le=365)]], Field(max_length=10)] | None = None
    date_reminder_hours: Annotated[int, Field(ge=0, le=MOST_HOURS)] | None = None
    quiet_hours: QuietHoursInput | None = None
    forwarding: Forwarding | None = None
    waitlist: WaitlistChanges | None = None
    sibling_discount: SiblingDiscountInput | None = None
    cancel_until_hours: HoursBefore | None = None
    self_service_moves: bool | None = None
    public_billing: PublicBilling | None = None
    address: PostalAddress | None = None
    vat_number: Annotated[SingleLine, StringConstraints(max_length=40)] | None = None
    vat_rate: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), AfterValidator(lambda rate: round(rate, 3))] | None = None
    payment_instructions: Paragraphs | None = None
    accent: Annotated[str, AfterValidator(_colour)] | None = None
    embed_origins: Annotated[list[Origin], Field(max_length=MOST_ORIGINS)] | None = None
    support_until: Moment | None = None
    stripe_secret_key: Annotated[SecretStr, AfterValidator(_secret_key)] | None = None
    stripe_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None


class StaffInput(Input):
    email: Address
    name: Name
    role: Role


class LanguageInput(Input):
    language: Locale


class StaffChanges(Changes):
    role: Role
