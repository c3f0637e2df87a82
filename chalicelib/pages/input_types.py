"""The types of inputs, for values that may be invalid."""

import re
from datetime import date, datetime, time

NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
READERS = {"date": date.fromisoformat, "time": time.fromisoformat, "datetime-local": datetime.fromisoformat}


def input_type(wanted: str, value: object) -> str:
    """Return the wanted type, or "text" for a value that this type does not allow: browsers would show an empty field instead."""
    return wanted if not value or _is_allowed(wanted, str(value)) else "text"


def _is_allowed(wanted: str, value: str) -> bool:
    if wanted == "number":
        return NUMBER.fullmatch(value) is not None
    if wanted not in READERS or (wanted == "datetime-local" and "T" not in value):
        return wanted not in READERS
    try:
        READERS[wanted](value)
    except ValueError:
        return False
    return True
