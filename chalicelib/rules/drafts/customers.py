"""A customer as staff write one."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.customers import Participant
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.text import Line, Name, filled, line

MOST_FIELDS = 40
COLUMNS = ("Name", "Email", "Phone", "Participants", "Groups", "Status")
"""What customers' CSV calls its own columns; fields are the others."""
OWN = {column.casefold() for column in COLUMNS}


class ChildDraft(Draft):
    name: Name
    date_of_birth: date | None = None

    def participant(self) -> Participant:
        return Participant(self.name, self.date_of_birth.isoformat() if self.date_of_birth else "")


Children = Annotated[list[ChildDraft], Field(max_length=50)]
Groups = Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=50)]
FieldName = Annotated[str, StringConstraints(max_length=100), AfterValidator(line), AfterValidator(filled)]
FieldValue = Annotated[str, StringConstraints(max_length=500), AfterValidator(line)]
Fields = Annotated[dict[FieldName, FieldValue], Field(max_length=MOST_FIELDS)]


def told_apart(fields: dict[str, str] | None) -> dict[str, str] | None:
    """Return the fields, or refuse two of one name, and names that a table has for itself; neither counts capitals."""
    names = [name.casefold() for name in fields or {}]
    if len(set(names)) < len(names):
        raise PydanticCustomError("same_name_twice", "Two fields have the same name; capital and small letters do not count.")
    if taken := [name for name in fields or {} if name.casefold() in OWN]:
        said = "Every customer has this already: {names}. Choose another name."
        raise PydanticCustomError("reserved_name", said, {"names": ", ".join(taken)})
    return fields


class CustomerDraft(Draft):
    name: Name
    email: Address
    phone: Line = ""
    participants: Children = []
    groups: Groups = []
    """Ids of groups."""
    fields: Fields = {}
    invite: bool = False
    """Whether an invitation to the portal goes out at once."""

    _told_apart = field_validator("fields")(told_apart)


class CustomerChanges(Draft):
    """What of a customer changes; what is left out stays."""

    name: Name | None = None
    email: Address | None = None
    phone: Line | None = None
    participants: Children | None = None
    groups: Groups | None = None
    """The ids of all groups that it belongs to from now on."""
    fields: Fields | None = None
    """All fields that it has from now on."""

    _told_apart = field_validator("fields")(told_apart)

    @model_validator(mode="after")
    def says_something(self) -> Self:
        empty = [name for name in self.model_fields_set if getattr(self, name) is None]
        if empty:
            raise PydanticCustomError(
                "null", "Leave out what does not change instead of sending null: {names}.", {"names": ", ".join(empty)}
            )
        return self


class MergeDraft(Draft):
    into: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """The customer that stays."""
