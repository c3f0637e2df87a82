"""An organisation begins: with its settings, and an owner who is invited by e-mail."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from chalicelib.operations import organisations, staff
from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.organisations import StaffDraft
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.organisations import AlreadyStaff, Locale, Member, fit_for_id
from chalicelib.rules.refusals import DoesNotFit, NotFound
from chalicelib.rules.text import Name
from chalicelib.rules.times import Zone
from chalicelib.web.validation import read_values
from infra.deploying.stage import DeployingError


class NotFoundedError(DeployingError):
    """The organisation cannot begin like this. The text says what to do."""


def _fit(org: str) -> str:
    if not fit_for_id(org):
        raise PydanticCustomError("not_an_id", "Use up to 40 small letters, digits and hyphens, such as helvia.")
    return org


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise PydanticCustomError("not_a_currency", "Write the currency's three capital letters, such as EUR.")
    return code


class Founding(Draft):
    """What an organisation begins with."""

    id: Annotated[str, AfterValidator(_fit)]
    name: Name
    owner_email: Address
    owner_name: Name
    time_zone: Zone
    currency: Annotated[str, AfterValidator(_currency)]
    locale: Locale


def read(given: dict[str, Any]) -> Founding:
    """Return what was typed, or raise NotFoundedError with everything that does not fit, option by option."""
    try:
        return read_values(Founding, given)
    except DoesNotFit as refused:
        lines = [f"--{place.strip('/').replace('_', '-')}: {sentence}" for place, _, sentence in refused.faults]
    raise NotFoundedError("\n".join(lines))


def found(founding: Founding, *, now: datetime) -> Member:
    """Make the organisation and invite its owner; one that was made without anybody being invited is gone on with.

    Raises NotFoundedError when somebody has the organisation.
    """
    _check_free(founding.id)
    organisations.create(
        founding.id, founding.name, now=now, locale=founding.locale, time_zone=founding.time_zone, currency=founding.currency
    )
    owner = StaffDraft(email=founding.owner_email, name=founding.owner_name, role="owner")
    try:
        return staff.invite(founding.id, owner, now=now)
    except AlreadyStaff:
        raise NotFoundedError(f"Somebody else has just made {founding.id}, with the same owner.") from None


def _check_free(org: str) -> None:
    try:
        there = organisations.read(org)
    except NotFound:
        return
    if staff.every(org):
        raise NotFoundedError(
            f"{org} is there already: {there.name}, since {there.created_at:%Y-%m-%d}. Nothing was changed.\n"
            "Choose another --id, or have one of its owners invite whoever is missing, under Staff."
        )
