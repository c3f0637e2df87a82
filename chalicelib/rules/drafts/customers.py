"""A customer as staff write one."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.addresses import Address
from chalicelib.rules.customers import Participant
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.text import Line, Name


class ChildDraft(Draft):
    name: Name
    date_of_birth: date | None = None

    def participant(self) -> Participant:
        return Participant(self.name, self.date_of_birth.isoformat() if self.date_of_birth else "")


Children = Annotated[list[ChildDraft], Field(max_length=50)]


class CustomerDraft(Draft):
    name: Name
    email: Address
    phone: Line = ""
    participants: Children = []


class CustomerChanges(Draft):
    """What of a customer changes; what is left out stays."""

    name: Name | None = None
    email: Address | None = None
    phone: Line | None = None
    participants: Children | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        empty = [name for name in self.model_fields_set if getattr(self, name) is None]
        if empty:
            raise PydanticCustomError(
                "null", "Leave out what does not change instead of sending null: {names}.", {"names": ", ".join(empty)}
            )
        return self
