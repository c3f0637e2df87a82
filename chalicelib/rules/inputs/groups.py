"""Input of staff about groups."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.rules.inputs.input import Input
from chalicelib.rules.text import filled, single_line

SEPARATOR = ";"
"""The separator of groups' names in a sheet."""


def _one(value: str) -> str:
    if SEPARATOR in value:
        raise PydanticCustomError("semicolon", "Leave semicolons out: they part the names of groups in a table.")
    return value


GroupName = Annotated[str, StringConstraints(max_length=100), AfterValidator(single_line), AfterValidator(filled), AfterValidator(_one)]


class GroupInput(Input):
    name: GroupName
