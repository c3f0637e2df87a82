"""The faults of an input."""

from typing import Any

from pydantic import BaseModel, ValidationError


def faults_of(model: type[BaseModel], sent: dict[str, Any]) -> dict[str, str]:
    """Return the code of each fault by the path of its field; empty for valid input."""
    try:
        model.model_validate(sent)
    except ValidationError as found:
        return {".".join(map(str, error["loc"])): error["type"] for error in found.errors()}
    return {}
