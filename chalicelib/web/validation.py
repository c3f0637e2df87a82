"""Drafts read from what came in, all their faults at once."""

import json
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chalicelib.rules.refusals import marked
from chalicelib.web.refusals import Invalid, MalformedJson

D = TypeVar("D", bound=BaseModel)
REPLACEMENT = "\ufffd".encode()

CODES = {
    "missing": ("missing", marked("Fill this in.")),
    "extra_forbidden": ("unknown_field", marked("There is no such field. Leave it out, or check its name.")),
    "string_too_long": ("too_long", marked("This is too long.")),
    "too_short": ("missing", marked("Fill this in.")),
    "too_long": ("too_many", marked("These are too many.")),
    "int_parsing": ("not_a_number", marked("Write a whole number.")),
    "int_type": ("not_a_number", marked("Write a whole number.")),
    "int_from_float": ("not_a_number", marked("Write a whole number.")),
    "greater_than_equal": ("greater_than_equal", marked("This number is too small.")),
    "less_than_equal": ("less_than_equal", marked("This number is too large.")),
    "float_parsing": ("not_a_number", marked("Write a number such as 12.5.")),
    "bool_type": ("not_yes_or_no", marked("Answer with yes or no.")),
    "bool_parsing": ("not_yes_or_no", marked("Answer with yes or no.")),
    "string_type": ("not_text", marked("Write text here.")),
    "literal_error": ("not_one_of", marked("Choose one of the values offered.")),
    "time_parsing": ("not_a_time", marked("Write the local time to the minute, such as 21:00.")),
    "timezone_aware": ("time_zone_missing", marked("Write the time with its offset, such as 2026-11-24T16:00:00Z.")),
    "datetime_from_date_parsing": ("not_a_time", marked("Write the time as 2026-11-24T16:00:00Z.")),
    "datetime_parsing": ("not_a_time", marked("Write the time as 2026-11-24T16:00:00Z.")),
    "datetime_type": ("not_a_time", marked("Write the time as 2026-11-24T16:00:00Z.")),
}


def read_json(draft: type[D], body: bytes) -> D:
    """Return the draft written in a JSON body. Raises MalformedJson and Invalid."""
    if body:
        _check_one_meaning(body)
    try:
        return draft.model_validate_json(body or b"{}", strict=True)
    except ValidationError as found:
        errors = found.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        raise MalformedJson
    raise Invalid([_fault(error) for error in errors])


def read_values(draft: type[D], values: dict[str, Any]) -> D:
    """Return the draft written in a form's values, where numbers come as text. Raises Invalid."""
    try:
        return draft.model_validate(values, strict=False)
    except ValidationError as found:
        errors = found.errors(include_url=False, include_input=False)
    raise Invalid([_fault(error) for error in errors])


def _check_one_meaning(body: bytes) -> None:
    """Raise MalformedJson for what readers of JSON understand differently: a name twice in one object, NaN, what was no UTF-8.

    The gateway hands a body on as text and puts the replacement character where there was no UTF-8.
    """
    if REPLACEMENT in body:
        raise MalformedJson
    try:
        json.loads(body, object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise MalformedJson from None


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise MalformedJson


def _no_number(_name: str) -> NoReturn:
    raise MalformedJson


def _fault(error: ErrorDetails) -> tuple[str, str, str]:
    code, sentence = CODES.get(error["type"], (error["type"], error["msg"]))
    place = error["loc"][:-1] if _is_about_a_name(error) else error["loc"]
    within = error.get("ctx", {}).get("within", ())  # Of a list that is wrong as a whole, the part that makes it so.
    return "".join(f"/{_escaped(part)}" for part in (*place, *within)), code, sentence


def _is_about_a_name(error: ErrorDetails) -> bool:
    """Whether pydantic marks, with a last part of its own, that a name is wrong and not its value."""
    return error["loc"][-1:] == ("[key]",) and error["type"] != "extra_forbidden"


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
