"""Input of staff about messages to people on a roster."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from chalicelib.rules.inputs.input import Input
from chalicelib.rules.inputs.sessions import Id
from chalicelib.rules.text import Name, Text

EVERYBODY = "all"
MOST_CHOSEN = 2500
_Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST_CHOSEN)]


def _listed(value: object) -> object:
    return [EVERYBODY] if value == EVERYBODY else value


class RosterMessageInput(Input):
    registrations: Annotated[_Ids, BeforeValidator(_listed, json_schema_input_type=_Ids | Literal["all"])]
    subject: Name
    text: Text

    @property
    def everybody(self) -> bool:
        return self.registrations == [EVERYBODY]
