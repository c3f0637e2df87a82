"""Reminder times in forms: days separated by commas, and the earliest and latest time of day."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.rules.numbers import whole_number
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.translation import N_

DAYS, STARTS, ENDS = "reminder_days", "quiet_hours/starts", "quiet_hours/ends"
MOST_DAYS, LATEST_DAY = 10, 365
NOT_DAYS = N_("Enter up to ten whole numbers from 1 to 365, separated by commas, such as 3, 7, 14.")


def filled(organisation: Organisation) -> dict[str, str]:
    """Return the fields filled with the organisation's settings."""
    quiet = organisation.quiet_hours
    return {
        DAYS: ", ".join(map(str, organisation.reminder_days)),
        STARTS: quiet.starts.isoformat("minutes") if quiet else "",
        ENDS: quiet.ends.isoformat("minutes") if quiet else "",
    }


def chosen(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings that were typed, and their faults by field."""
    words = re.findall(r"[^\s,;]+", typed.get(DAYS, ""))
    values = {name: typed.get(name, "").strip() for name in (STARTS, ENDS)}
    days = [whole_number(word) for word in words]
    if len(days) > MOST_DAYS or not all(day and day <= LATEST_DAY for day in days):
        return values, {DAYS: NOT_DAYS}
    return {DAYS: days, **values}, {}


def never_quiet(typed: Mapping[str, str]) -> bool:
    """Whether both times were left empty."""
    return not any(typed.get(name, "").strip() for name in (STARTS, ENDS))
