"""The base classes of all input models."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError


class Input(BaseModel):
    """A body or a form. Unknown fields are refused; instances are immutable. Models are built at first use, to shorten the cold start."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Changes(Input):
    """Changes of a thing; an omitted field stays. Null is refused, except for fields in `nullable`, which it clears.

    The published schema has no defaults: a generated client would send them and clear the fields that it meant to omit.
    """

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def refuses_null(self) -> Self:
        empty = sorted(name for name in self.model_fields_set - self.nullable if getattr(self, name) is None)
        if empty:
            names = ", ".join(empty)
            raise PydanticCustomError("null", "Leave out what does not change instead of sending null: {names}.", {"names": names})
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        fields = schema.get("properties", {})
        schema["properties"] = {name: _without_default(field, nullable=name in cls.nullable) for name, field in fields.items()}
        return schema


def _without_default(field: dict[str, Any], *, nullable: bool) -> dict[str, Any]:
    """Return the schema of a field that may be omitted, without null where null is refused."""
    kept = {name: value for name, value in field.items() if name != "default"}
    if nullable or "anyOf" not in kept:
        return kept
    others = [choice for choice in kept.pop("anyOf") if choice != {"type": "null"}]
    return {**kept, **others[0]} if len(others) == 1 else {**kept, "anyOf": others}
