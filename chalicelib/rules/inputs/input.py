"""The base classes of all input models."""

import json
from typing import Any, ClassVar, LiteralString

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationInfo, field_validator
from pydantic_core import CoreSchema, PydanticCustomError

from chalicelib.rules.translation import N_

NULL: LiteralString = N_("Leave this out if it does not change, instead of sending null.")


def example(**fields: Any) -> ConfigDict:
    """Return the configuration of an input that publishes an example of itself."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Input(BaseModel):
    """A body or a form. Unknown fields are refused; instances are immutable. Models are built at first use, to shorten the cold start.

    The published schema has no defaults: generated clients would demand or send such fields. Its description names a default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema["properties"] = {name: cls._published(name, field) for name, field in schema.get("properties", {}).items()}
        return schema

    @classmethod
    def _published(cls, name: str, field: dict[str, Any]) -> dict[str, Any]:
        """Return the published schema of a field."""
        kept = {key: value for key, value in field.items() if key != "default"}
        if not field.get("default"):
            return kept
        left_out = f"`{json.dumps(field['default'])}` if left out."
        return {**kept, "description": f"{kept['description']} {left_out}" if "description" in kept else left_out}


class Changes(Input):
    """Changes of a thing; an omitted field stays. Null is refused, except for fields in `nullable`, which it clears."""

    nullable: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*")
    @classmethod
    def refuses_null(cls, value: Any, field: ValidationInfo) -> Any:
        """Return what was sent for a field; null is a fault of the field, and told beside all others."""
        if value is None and field.field_name not in cls.nullable:
            raise PydanticCustomError("null", NULL)
        return value

    @classmethod
    def _published(cls, name: str, field: dict[str, Any]) -> dict[str, Any]:
        return _without_null(super()._published(name, field), nullable=name in cls.nullable)


def _without_null(field: dict[str, Any], *, nullable: bool) -> dict[str, Any]:
    """Return the schema of a field that may be omitted, without null where null is refused."""
    if nullable or "anyOf" not in field:
        return field
    others = [choice for choice in field["anyOf"] if choice != {"type": "null"}]
    kept = {name: value for name, value in field.items() if name != "anyOf"}
    return {**kept, **others[0]} if len(others) == 1 else {**kept, "anyOf": others}
