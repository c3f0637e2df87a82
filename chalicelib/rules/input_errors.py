"""The errors in people's input, in our own sentences: pydantic's English ones are never shown."""

from collections.abc import Mapping
from typing import LiteralString, get_args

from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from chalicelib.rules.translation import N_, Filled

UNREADABLE = ("invalid", N_("This cannot be read. Check how it is written."))
A_DATE = ("not_a_date", N_("Write the date as 2015-12-31."))
EXPLANATIONS: Mapping[str, tuple[str, str]] = {
    "missing": ("missing", N_("Please fill in this field.")),
    "extra_forbidden": ("unknown_field", N_("There is no such field. Leave it out, or check its name.")),
    "string_too_long": ("too_long", N_("This is too long.")),
    "too_short": ("missing", N_("Please fill in this field.")),
    "too_long": ("too_many", N_("These are too many.")),
    "int_parsing": ("not_a_number", N_("Write a whole number.")),
    "int_type": ("not_a_number", N_("Write a whole number.")),
    "int_from_float": ("not_a_number", N_("Write a whole number.")),
    "int_parsing_size": ("not_a_number", N_("This number is too large.")),
    "greater_than_equal": ("greater_than_equal", N_("This number is too small.")),
    "less_than_equal": ("less_than_equal", N_("This number is too large.")),
    "float_parsing": ("not_a_number", N_("Write a number such as 12.5.")),
    "bool_type": ("not_yes_or_no", N_("Answer with yes or no.")),
    "bool_parsing": ("not_yes_or_no", N_("Answer with yes or no.")),
    "string_type": ("not_text", N_("Write text here.")),
    "literal_error": ("not_one_of", N_("Choose one of the values offered.")),
    "time_parsing": ("not_a_time", N_("Write the local time to the minute, such as 21:00.")),
    "timezone_aware": ("time_zone_missing", N_("Write the time with its offset, such as 2026-11-24T16:00:00Z.")),
    "datetime_from_date_parsing": ("not_a_time", N_("Write the time as 2026-11-24T16:00:00Z.")),
    "datetime_parsing": ("not_a_time", N_("Write the time as 2026-11-24T16:00:00Z.")),
    "datetime_type": ("not_a_time", N_("Write the time as 2026-11-24T16:00:00Z.")),
    "string_too_short": ("missing", N_("Please fill in this field.")),
    "string_unicode": ("not_text", N_("Write text here.")),
    "string_pattern_mismatch": ("string_pattern_mismatch", N_("Use only the letters, digits and signs that belong here.")),
    "greater_than": ("greater_than", N_("This number is too small.")),
    "less_than": ("less_than", N_("This number is too large.")),
    "finite_number": ("not_a_number", N_("Write a number such as 12.5.")),
    "float_type": ("not_a_number", N_("Write a number such as 12.5.")),
    "date_type": A_DATE,
    "date_parsing": A_DATE,
    "date_from_datetime_parsing": A_DATE,
    "date_from_datetime_inexact": A_DATE,
    "datetime_object_invalid": ("not_a_time", N_("Write the time as 2026-11-24T16:00:00Z.")),
    "time_type": ("not_a_time", N_("Write the local time to the minute, such as 21:00.")),
    "list_type": ("not_a_list", N_("Send a list here.")),
    "tuple_type": ("not_a_list", N_("Send a list here.")),
    "dict_type": ("not_an_object", N_("Send an object here, with names and values.")),
    "model_type": ("not_an_object", N_("Send an object here, with names and values.")),
    "model_attributes_type": ("not_an_object", N_("Send an object here, with names and values.")),
    "enum": ("not_one_of", N_("Choose one of the values offered.")),
    "none_required": ("not_null", N_("Leave this out.")),
}
"""Code and sentence for the errors of pydantic that people can cause; any other error of pydantic is UNREADABLE."""
SENTENCE: LiteralString = "{sentence}"
OF_PYDANTIC = frozenset(get_args(ErrorType))


def error_about(code: LiteralString, text: str, **values: object) -> PydanticCustomError:
    """Return an error of our own rules with values in its sentence, such as `%(names)s`."""
    return PydanticCustomError(code, SENTENCE, {"sentence": Filled(text, values)})


def explained(error: ErrorDetails) -> tuple[str, str]:
    """Return the stable code and the sentence of an error; an error of our own rules carries both."""
    if error["type"] not in OF_PYDANTIC:
        return error["type"], error.get("ctx", {}).get("sentence", error["msg"])
    return EXPLANATIONS.get(error["type"], UNREADABLE)
