"""Input to join a waitlist, and of staff to move an entry."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.addresses import Address
from chalicelib.rules.alternatives import MOST_SESSIONS
from chalicelib.rules.inputs.input import Input, example
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.text import Name, PublicName

MOST_SPOTS = 50
"""As many as an invitation may hold."""


class JoinInput(Input):
    model_config = example(email="ben@example.org", name="Ben Fox", spots=2)

    email: Address
    name: Name
    spots: Annotated[int, Field(ge=1, le=MOST_SPOTS)] = 1
    alternatives: Annotated[list[Id], Field(max_length=MOST_SESSIONS - 1)] = []
    """Other sessions to wait for at once: the first offer ends the other places."""


class PublicJoinInput(JoinInput):
    name: PublicName


class MoveInput(Input):
    position: Annotated[int, Field(ge=1, le=100_000)]
