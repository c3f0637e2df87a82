"""Creating an organisation: its settings, and an owner who is invited by e-mail."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from chalicelib.languages import Locale
from chalicelib.operations import organisations, staff
from chalicelib.rules.addresses import Address
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisations import AlreadyStaff, StaffMember, fit_for_id
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.text import Name
from chalicelib.rules.times import Zone
from chalicelib.web.validation import read_values
from infra.deployment.stage import DeployingError


class OrganisationNotCreatedError(DeployingError):
    """The organisation cannot be created like this. The text names the remedy."""


def _fit(org: str) -> str:
    if not fit_for_id(org):
        raise PydanticCustomError("not_an_id", "Use up to 40 small letters, digits and hyphens, such as helvia.")
    return org


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise PydanticCustomError("not_a_currency", "Write the currency's three capital letters, such as EUR.")
    return code


class NewOrganisation(Input):
    """The first settings of an organisation."""

    id: Annotated[str, AfterValidator(_fit)]
    name: Name
    owner_email: Address
    owner_name: Name
    time_zone: Zone
    currency: Annotated[str, AfterValidator(_currency)]
    locale: Locale


def read_options(given: dict[str, Any]) -> NewOrganisation:
    """Return the options, or raise NotFoundedError with every fault, option by option."""
    try:
        return read_values(NewOrganisation, given)
    except ValidationFailed as refused:
        lines = [f"--{place.strip('/').replace('_', '-')}: {sentence}" for place, _, sentence in refused.faults]
    raise OrganisationNotCreatedError("\n".join(lines))


def create_organisation(wanted: NewOrganisation, *, now: datetime) -> StaffMember:
    """Create the organisation and invite its owner. While nobody has joined its staff, the same command sends the owner a new link.

    So a first invitation that was lost, or went to a wrong address, locks nobody out. Raises OrganisationNotCreatedError if somebody has
    joined.
    """
    _check_free(wanted.id)
    organisations.create(wanted.id, wanted.name, now=now, locale=wanted.locale, time_zone=wanted.time_zone, currency=wanted.currency)
    owner = StaffInput(email=wanted.owner_email, name=wanted.owner_name, role="owner")
    try:
        return staff.invite(wanted.id, owner, now=now, again=True)
    except AlreadyStaff:
        raise OrganisationNotCreatedError(f"Somebody else has just made {wanted.id}, with the same owner.") from None


def _check_free(org: str) -> None:
    try:
        there = organisations.read(org)
    except NotFound:
        return
    if any(member.status == "active" for member in staff.every(org)):
        raise OrganisationNotCreatedError(
            f"{org} is there already: {there.name}, since {there.created_at:%Y-%m-%d}. Nothing was changed.\n"
            "Choose another --id, or ask one of its owners to invite people under Staff."
        )
