"""Inputs read from JSON and from forms, with all their faults reported at once."""

import json
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chalicelib.rules.input_errors import explained
from chalicelib.rules.refusals import Fault, ValidationFailed
from chalicelib.web.refusals import MalformedJson

D = TypeVar("D", bound=BaseModel)
REPLACEMENT = "\ufffd".encode()


def read_json(draft: type[D], body: bytes) -> D:
    """Return the input in a JSON body. Raises MalformedJson and ValidationFailed."""
    if body:
        _check_one_meaning(body)
    try:
        return draft.model_validate_json(body or b"{}", strict=True)
    except ValidationError as found:
        errors = found.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        raise MalformedJson
    raise ValidationFailed([_fault(error) for error in errors])


def read_values(draft: type[D], values: dict[str, Any]) -> D:
    """Return the input in a form's values, where numbers are text. Raises ValidationFailed."""
    try:
        return draft.model_validate(values, strict=False)
    except ValidationError as found:
        errors = found.errors(include_url=False, include_input=False)
    raise ValidationFailed([_fault(error) for error in errors])


def _check_one_meaning(body: bytes) -> None:
    """Raise MalformedJson where JSON parsers disagree: duplicate names in an object, NaN, and bytes that were not UTF-8.

    API Gateway passes a body as text, with the replacement character for bytes that were not UTF-8.
    """
    if REPLACEMENT in body:
        raise MalformedJson
    try:
        UNAMBIGUOUS.decode(body.decode())
    except (ValueError, RecursionError):
        raise MalformedJson from None


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise MalformedJson


def _no_number(_name: str) -> NoReturn:
    raise MalformedJson


UNAMBIGUOUS = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_no_number)


def _fault(error: ErrorDetails) -> Fault:
    code, sentence = explained(error)
    loc = error["loc"][:-1] if _is_about_a_name(error) else error["loc"]
    within = error.get("ctx", {}).get("within", ())  # For an error about a whole list: the element that causes it.
    return "".join(f"/{_escaped(part)}" for part in (*loc, *within)), code, sentence


def _is_about_a_name(error: ErrorDetails) -> bool:
    """Return whether the error is about a key and not its value, which pydantic marks with a last part `[key]`."""
    return error["loc"][-1:] == ("[key]",) and error["type"] != "extra_forbidden"


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
