"""Input of staff about invitations of many people to one session."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.bulk_invitations import MOST, Mode
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.inputs.registrations import PartySize
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.text import SingleLine
from chalicelib.rules.times import Moment

GivenId = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class BulkInvitationInput(Input):
    """Whom to invite, by exactly one of `emails`, `group`, `session` and `csv`, and on which terms."""

    emails: Annotated[list[str], Field(min_length=1, max_length=MOST)] | None = None
    group: GivenId | None = None
    session: GivenId | None = None
    """The session whose roster is invited."""
    csv: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The text of a CSV file with a column of e-mail addresses."""
    party_size: PartySize = 1
    """The spots of each invitation."""
    discount_code: SingleLine | None = None
    tier: Id | None = None
    expires_at: Moment | None = None
    forwarding: Forwarding | None = None
    mode: Mode = "all"
    confirm_over_capacity: bool = False
    dry_run: bool = False
    """Only return who would be invited and who is skipped; invite nobody."""

    @model_validator(mode="after")
    def names_one_source(self) -> Self:
        if sum(source is not None for source in (self.emails, self.group, self.session, self.csv)) != 1:
            raise PydanticCustomError("one_source", "Name exactly one of emails, group, session and csv.")
        return self
