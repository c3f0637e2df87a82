"""Input about invitation codes: staff issue them, holders type them."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.codes import MOST_CODES, MOST_REDEMPTIONS, NARROWEST, WIDEST
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.text import Paragraphs, SingleLine
from chalicelib.rules.times import Moment

CodeWidth = Annotated[int, Field(ge=NARROWEST, le=WIDEST)]


class BatchInput(Input):
    quantity: Annotated[int, Field(ge=1, le=MOST_CODES)]
    width: CodeWidth
    price: Id
    note: Paragraphs = ""
    expires_at: Moment | None = None
    max_redemptions: Annotated[int, Field(ge=1, le=MOST_REDEMPTIONS)] = 1


class ParticipantCodeInput(Input):
    width: CodeWidth
    price: Id
    note: Paragraphs = ""
    expires_at: Moment | None = None


class CodeChanges(Changes):
    nullable = frozenset({"expires_at"})

    note: Paragraphs = ""
    price: Id | None = None
    expires_at: Moment | None = None
    handed_out: bool = False


class LookupInput(Input):
    code: SingleLine
