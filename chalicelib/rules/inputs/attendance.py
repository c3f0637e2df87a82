"""Input of staff about attendance."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.attendance import LONGEST_NOTE, AttendanceStatus
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.text import SingleLine
from chalicelib.rules.times import PreciseMoment

MOST_MARKS = 1000


class MarkInput(Input):
    """A mark for one participant of a registration. `at`: when it was made on the device; now if it is left out."""

    registration: SingleLine
    participant: Annotated[int, Field(ge=0, le=10_000)] = 0
    status: AttendanceStatus
    at: PreciseMoment | None = None
    note: Annotated[SingleLine, Field(max_length=LONGEST_NOTE)] = ""


class MarksInput(Input):
    marks: Annotated[list[MarkInput], Field(min_length=1, max_length=MOST_MARKS)]


class CheckInInput(Input):
    """The token of a QR code, or the link in it. `meeting`: its id; the one that is on without it."""

    token: Annotated[str, Field(min_length=1, max_length=2000)]
    meeting: Id | None = None
