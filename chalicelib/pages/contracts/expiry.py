"""The last day of a code on a form: it can be used until that day is over, where the organisation is."""

from datetime import datetime

from chalicelib.pages import moments
from chalicelib.pages.declaring import Visit

FIELD = "expires_on"
PLACES = {"expires_at": FIELD}
OVER = "That day is over. Choose today or a later day."


def values(visit: Visit, *, was: datetime | None = None) -> tuple[dict[str, datetime | None], dict[str, str]]:
    """Return the moment that the form names, and what is wrong with it. A day that nobody changed keeps the moment as it `was`."""
    typed = visit.typed.get(FIELD, "").strip()
    if was and typed == field(visit, was):
        return {"expires_at": was}, {}
    if not typed:
        return {"expires_at": None}, {}
    try:
        ends = moments.end_of(typed, visit.home.time_zone)
    except moments.NoSuchTimeError as wrong:
        return {}, {"expires_at": str(wrong)}
    return ({"expires_at": ends}, {}) if ends > visit.call.now else ({}, {"expires_at": OVER})


def field(visit: Visit, moment: datetime | None) -> str:
    """Return what the field shows for the moment at which a code runs out."""
    return f"{moments.last_day(moment, visit.home.time_zone):%Y-%m-%d}" if moment else ""
