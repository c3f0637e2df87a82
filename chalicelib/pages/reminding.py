"""When reminders leave, as a form shows and takes it: days with commas between them, and two times of the clock."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.rules.organisations import Organisation

DAYS, STARTS, ENDS = "reminder_days", "quiet_hours/starts", "quiet_hours/ends"
MOST_DAYS, LATEST_DAY = 10, 365
NOT_DAYS = "Write up to ten whole numbers from 1 to 365 with commas between them, such as 3, 7, 14."


def filled(organisation: Organisation) -> dict[str, str]:
    """Return the fields as the settings are."""
    quiet = organisation.quiet_hours
    return {
        DAYS: ", ".join(map(str, organisation.reminder_days)),
        STARTS: quiet.starts.isoformat("minutes") if quiet else "",
        ENDS: quiet.ends.isoformat("minutes") if quiet else "",
    }


def chosen(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields as settings, and what is wrong with them by field."""
    words = re.findall(r"[^\s,;]+", typed.get(DAYS, ""))
    values = {name: typed.get(name, "").strip() for name in (STARTS, ENDS)}
    if len(words) > MOST_DAYS or not all(_is_day(word) for word in words):
        return values, {DAYS: NOT_DAYS}
    return {DAYS: [int(word) for word in words], **values}, {}


def never_quiet(typed: Mapping[str, str]) -> bool:
    """Whether both times were left empty."""
    return not any(typed.get(name, "").strip() for name in (STARTS, ENDS))


def _is_day(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= len(str(LATEST_DAY)) and 1 <= int(word) <= LATEST_DAY
