"""The last day of a code in a form. The code expires when that day ends in the organisation's time zone."""

from datetime import datetime

from chalicelib.pages import dates
from chalicelib.pages.visit import Visit
from chalicelib.rules.translation import N_

FIELD = "expires_on"
FIELDS = {"expires_at": FIELD}
OVER = N_("That day is over. Choose today or a later day.")


def values(visit: Visit, *, was: datetime | None = None) -> tuple[dict[str, datetime | None], dict[str, str]]:
    """Return `expires_at` from the form, and its fault if the day is malformed or over. An unchanged day keeps the stored moment `was`."""
    typed = visit.typed.get(FIELD, "").strip()
    if was and typed == field(visit, was):
        return {"expires_at": was}, {}
    if not typed:
        return {"expires_at": None}, {}
    try:
        ends = dates.end_of(typed, visit.home.time_zone)
    except dates.NoSuchTimeError as wrong:
        return {}, {"expires_at": str(wrong)}
    return ({"expires_at": ends}, {}) if ends > visit.call.now else ({}, {"expires_at": OVER})


def field(visit: Visit, moment: datetime | None) -> str:
    """Return the value of the field for a moment of expiry: the code's last day, or an empty text without expiry."""
    return f"{dates.last_day(moment, visit.home.time_zone):%Y-%m-%d}" if moment else ""
