"""Input of staff about portal invitations: the audience and the text."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.customers import PortalStatus
from chalicelib.rules.inputs.email_templates import Body
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.portal_invitations import Audience
from chalicelib.rules.text import Name


class AudienceInput(Input):
    """All customers, those of a group, or those with one of the statuses."""

    all: Literal[True] | None = None
    group: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    status: Annotated[list[PortalStatus], Field(min_length=1, max_length=3)] | None = None

    @model_validator(mode="after")
    def names_one(self) -> Self:
        if sum(part is not None for part in (self.all, self.group, self.status)) != 1:
            raise PydanticCustomError("one_audience", "Name exactly one of all, group and status.")
        return self

    @property
    def audience(self) -> Audience:
        return Audience(self.group or "", tuple(self.status or ()))


class CustomTextInput(Input):
    """The text of this sending only; an omitted part comes from the template."""

    subject: Name | None = None
    text: Body | None = None
    """Markdown, or HTML when it begins with a tag; with names in double braces."""


class BulkInviteInput(CustomTextInput):
    audience: AudienceInput
    dry_run: bool = False
    """Only return the recipients and the skipped customers; send nothing."""
