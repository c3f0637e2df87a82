"""What somebody writes to join a waitlist, and where staff move an entry."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.addresses import Address
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.text import Name

MOST_SPOTS = 50
"""As many as an invitation may hold."""


class Joining(Draft):
    email: Address
    name: Name
    spots: Annotated[int, Field(ge=1, le=MOST_SPOTS)] = 1


class Moving(Draft):
    position: Annotated[int, Field(ge=1, le=100_000)]
