"""An e-mail to people on a roster, as staff write it."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.drafts.sessions import Id
from chalicelib.rules.text import Name, Text

EVERYBODY = "all"
MOST_CHOSEN = 2500
_Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST_CHOSEN)]


def _listed(value: object) -> object:
    return [EVERYBODY] if value == EVERYBODY else value


class Mailing(Draft):
    registrations: Annotated[_Ids, BeforeValidator(_listed, json_schema_input_type=_Ids | Literal["all"])]
    subject: Name
    text: Text

    @property
    def everybody(self) -> bool:
        return self.registrations == [EVERYBODY]
