"""A group as staff name one."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.text import filled, line

SEPARATOR = ";"
"""Stands between the names of groups in a table."""


def _one(value: str) -> str:
    if SEPARATOR in value:
        raise PydanticCustomError("semicolon", "Leave semicolons out: they part the names of groups in a table.")
    return value


GroupName = Annotated[str, StringConstraints(max_length=100), AfterValidator(line), AfterValidator(filled), AfterValidator(_one)]


class GroupDraft(Draft):
    name: GroupName
