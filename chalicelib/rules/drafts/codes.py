"""Invitation codes as staff ask for them, and as whoever has one types it."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.codes import MOST_CODES, MOST_REDEMPTIONS, NARROWEST, WIDEST
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.text import Line, Paragraphs
from chalicelib.rules.times import Moment

Width = Annotated[int, Field(ge=NARROWEST, le=WIDEST)]


class BatchDraft(Draft):
    quantity: Annotated[int, Field(ge=1, le=MOST_CODES)]
    width: Width
    price: Id
    note: Paragraphs = ""
    expires_at: Moment | None = None
    max_redemptions: Annotated[int, Field(ge=1, le=MOST_REDEMPTIONS)] = 1


class ParticipantCodeDraft(Draft):
    width: Width
    price: Id
    note: Paragraphs = ""
    expires_at: Moment | None = None


class CodeChanges(Draft):
    """What staff change on a code; what is left out stays."""

    note: Paragraphs = ""
    price: Id | None = None
    expires_at: Moment | None = None
    handed_out: bool = False


class LookupDraft(Draft):
    code: Line
