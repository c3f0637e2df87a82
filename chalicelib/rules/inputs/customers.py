"""Input of staff about a customer."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.customers import MOST_PARTICIPANTS, Participant
from chalicelib.rules.input_errors import error_about
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.text import Name, SingleLine, filled, single_line
from chalicelib.rules.translation import N_

MOST_FIELDS = 40
COLUMNS = (N_("Name"), N_("Email"), N_("Phone"), N_("Participants"), N_("Groups"), N_("Status"))
"""The reserved columns of the customers' CSV; other columns are custom fields."""
EASTERNMOST = timedelta(hours=14)
"""The offset of the time zone in which a day begins first."""
RESERVED = {column.casefold() for column in COLUMNS}


def not_in_the_future(born: date) -> date:
    """Return the date of birth. Refuses a day that has not begun in any time zone."""
    if born > (datetime.now(UTC) + EASTERNMOST).date():
        raise PydanticCustomError("in_the_future", "This date is in the future. Check the year.")
    return born


BirthDate = Annotated[date, AfterValidator(not_in_the_future)]


class ChildInput(Input):
    name: Name
    date_of_birth: BirthDate | None = None

    def participant(self) -> Participant:
        return Participant(self.name, self.date_of_birth.isoformat() if self.date_of_birth else "")


Children = Annotated[list[ChildInput], Field(max_length=MOST_PARTICIPANTS)]
Groups = Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=50)]
FieldName = Annotated[str, StringConstraints(max_length=100), AfterValidator(single_line), AfterValidator(filled)]
FieldValue = Annotated[str, StringConstraints(max_length=500), AfterValidator(single_line)]
Fields = Annotated[dict[FieldName, FieldValue], Field(max_length=MOST_FIELDS)]


def distinct_names(fields: dict[str, str] | None) -> dict[str, str] | None:
    """Return the fields. Refuses duplicate names, and names that a sheet reserves, both compared without case."""
    names = [name.casefold() for name in fields or {}]
    if len(set(names)) < len(names):
        raise PydanticCustomError("same_name_twice", "Two fields have the same name; capital and small letters do not count.")
    if taken := [name for name in fields or {} if name.casefold() in RESERVED]:
        raise error_about("reserved_name", N_("Every customer has this already: %(names)s. Choose another name."), names=", ".join(taken))
    return fields


class CustomerInput(Input):
    name: Name
    email: Address
    phone: SingleLine = ""
    participants: Children = []
    groups: Groups = []
    """Ids of groups."""
    fields: Fields = {}
    invite: bool = False
    """Whether to send a portal invitation at once."""

    _distinct_fields = field_validator("fields")(distinct_names)


class CustomerChanges(Changes):
    """Changes of a customer; an omitted field stays."""

    name: Name | None = None
    email: Address | None = None
    phone: SingleLine | None = None
    participants: Children | None = None
    groups: Groups | None = None
    """The ids of all groups that it belongs to from now on."""
    fields: Fields | None = None
    """All fields that it has from now on."""
    bookings_follow: bool = True
    """Whether standing registrations, invitations and waitlist entries get a corrected address too."""

    _distinct_fields = field_validator("fields")(distinct_names)


class MergeInput(Input):
    into: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """The customer that stays."""
