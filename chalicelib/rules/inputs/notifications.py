"""Input of staff about read notifications."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.rules.inputs.input import Input


class MarkReadInput(Input):
    """Mark some notifications as read, or all."""

    ids: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=40)]], Field(min_length=1, max_length=100)] | None = None
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def names_one(self) -> Self:
        if (self.ids is None) == (self.all is None):
            raise PydanticCustomError("ids_or_all", "Name either ids or all.")
        return self
