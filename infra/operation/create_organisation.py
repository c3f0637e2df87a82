"""Creating an organisation: its settings, and an owner who is invited by e-mail."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from chalicelib.languages import Locale
from chalicelib.operations import organisations, staff
from chalicelib.rules.addresses import Address, compared
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisation_refusals import AlreadyStaff
from chalicelib.rules.organisations import Organisation, StaffMember, fit_for_id
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.text import Name
from chalicelib.rules.times import Zone
from chalicelib.web.validation import read_values
from infra.deployment.stage import DeployingError
from infra.operation.organisation import check_whole

T = TypeVar("T", bound=Input)


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
    """Return the options, or raise OrganisationNotCreatedError with every fault, option by option."""
    return _read(NewOrganisation, given)


def read_earlier(org: str) -> Organisation | None:
    """Return the organisation with this id, which nobody has joined yet; None where there is none.

    Raises OrganisationNotCreatedError if somebody has joined, IncompleteOrganisationError while it is being imported or deleted.
    """
    try:
        there = organisations.read(org)
    except NotFound:
        return None
    check_whole(there)
    if any(member.status == "active" for member in staff.every(org)):
        raise OrganisationNotCreatedError(
            f"{org} is there already: {there.name}, since {there.created_at:%Y-%m-%d}. Nothing was changed.\n"
            "Choose another --id. To give it another owner: organisation owner."
        )
    return there


def create_organisation(wanted: NewOrganisation, *, now: datetime) -> StaffMember:
    """Create the organisation and invite its owner. While nobody has joined its staff, the same command sends the owner a new link.

    So a first invitation that was lost, or went to a wrong address, locks nobody out; with another address, the earlier link ends. Raises
    OrganisationNotCreatedError if somebody has joined.
    """
    read_earlier(wanted.id)
    organisations.create(wanted.id, wanted.name, now=now, locale=wanted.locale, time_zone=wanted.time_zone, currency=wanted.currency)
    return give_owner(wanted.id, wanted.owner_email, wanted.owner_name, now=now)


class NewOwner(Input):
    """Whom an organisation gets as an owner."""

    email: Address
    name: Name


def read_owner(given: dict[str, Any]) -> NewOwner:
    """Return the options, or raise OrganisationNotCreatedError with every fault, option by option."""
    return _read(NewOwner, given)


def give_owner(org: str, email: str, name: str, *, now: datetime) -> StaffMember:
    """Make this address an owner: at once if it belongs to the staff, else by an invitation, which replaces an earlier one.

    While nobody owns the organisation, earlier invitations of owners end: one may have gone to a stranger. It may be repeated. Raises
    NotFound, and OrganisationNotCreatedError when another command is at work.
    """
    organisations.read(org)
    known = staff.every(org)
    member = next((one for one in known if compared(one.email) == compared(email)), None)
    if member and member.status == "active":
        return member if member.role == "owner" else staff.change_role(org, member.user, "owner")
    try:
        invited = staff.invite(org, StaffInput(email=email, name=name, role="owner"), now=now, again=True)
    except AlreadyStaff:
        raise OrganisationNotCreatedError(f"Another command has just invited {email} to {org}. Look with organisation show.") from None
    if not any(one.role == "owner" and one.status == "active" for one in known):
        _withdraw([one for one in known if one.role == "owner" and one.user != invited.user])
    return invited


def _withdraw(invited: list[StaffMember]) -> None:
    for member in invited:
        with suppress(NotFound):
            staff.remove(member.org, member.user)


def _read(kind: type[T], given: dict[str, Any]) -> T:
    try:
        return read_values(kind, given)
    except ValidationFailed as refused:
        lines = [f"--{path.strip('/').replace('_', '-')}: {sentence}" for path, _, sentence in refused.faults]
    raise OrganisationNotCreatedError("\n".join(lines))
