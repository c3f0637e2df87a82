"""The repetition of a new session: its fields in the form, and the preview of all dates before anything is made."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from chalicelib.operations import sessions
from chalicelib.pages import forms
from chalicelib.pages.moments import Moments
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.inputs.new_sessions import NewSessionInput, RepeatedSessionInput
from chalicelib.rules.recurrence import Span, repeated
from chalicelib.rules.session_filter import WEEKDAYS
from chalicelib.rules.sessions import Meeting

LEFT_OUT = "except"
"""The rows of dates to leave out."""
DAY = "day/"
"""A tick for each date of the preview."""
LISTED = "listed"
"""The days of the preview, separated by commas."""
FIELDS = ("repeat/as", "repeat/every", "repeat/until", "repeat/times", *(f"repeat/weekdays/{day}" for day in WEEKDAYS))


class DateChoice(NamedTuple):
    """A date of the preview, and whether it is made."""

    day: date
    text: str
    made: bool


def shown(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the repetition, to show them again."""
    rows = [{"day": day} for day in _left_out(typed)]
    return {**{name: typed[name] for name in FIELDS if typed.get(name)}, **forms.renumbered(LEFT_OUT, rows)}


def values(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the repetition for the input; none for a session that does not repeat, where none of its fields is filled in."""
    if not any(typed.get(name) for name in FIELDS):
        return {}
    weekdays = [day for day in WEEKDAYS if typed.get(f"repeat/weekdays/{day}") == "true"]
    numbers = {f"repeat/{name}": forms.whole_number(typed.get(f"repeat/{name}", "")) for name in ("every", "times")}
    return {
        "repeat/as": typed.get("repeat/as", ""),
        **numbers,
        "repeat/until": typed.get("repeat/until", ""),
        "repeat/weekdays": weekdays or "",
        "repeat/except": _left_out(typed),
    }


def plan(visit: Visit, draft: NewSessionInput, fields: Mapping[str, str]) -> PageResponse:
    """Show all dates of the draft, or make them once staff have confirmed what they saw."""
    planned = RepeatedSessionInput.model_construct(_fields_set=draft.model_fields_set, **dict(draft))
    choices = _choices(visit, planned)
    ticked = {name.removeprefix(DAY) for name, value in visit.typed.items() if name.startswith(DAY) and value == "true"}
    if visit.typed.get("confirmed") == "true" and ticked == {choice.day.isoformat() for choice in choices if choice.made}:
        return _create(visit, planned)
    kept = {name: value for name, value in fields.items() if not name.startswith(f"{LEFT_OUT}/")}
    data = {
        "fields": kept,
        "choices": choices,
        "number": sum(choice.made for choice in choices),
        "listed_days": ",".join(choice.day.isoformat() for choice in choices),
        "series": planned.repeat.result == "series",
        "form": forms.Form(kept, key=visit.typed.get("key", "")),
    }
    return Html("sessions/repeat.html", data)


def _create(visit: Visit, draft: RepeatedSessionInput) -> PageResponse:
    if draft.repeat.result == "series":
        series = sessions.create_series(visit.org, draft, key=visit.key, now=visit.call.now).id
        return Redirect(f"/o/{visit.org}/sessions", {"series": series, "done": "series-created"})
    made = sessions.create_course(visit.org, draft, key=visit.key, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/sessions/{made.session.id}", {"done": "created"})


def _choices(visit: Visit, draft: RepeatedSessionInput) -> list[DateChoice]:
    """Return the dates that are made and those left out among them. Raises what the preview does."""
    sessions.preview(draft)
    moments, zone = Moments(visit.locale(visit.organisation)), draft.time_zone
    groups = repeated([Span(one.starts_at, one.ends_at) for one in draft.meetings], draft.repeat.recurrence, zone)
    made = [
        DateChoice(
            times.local(spans[0].starts_at, zone).date(),
            " · ".join(moments.meeting(Meeting("", span.starts_at, span.ends_at), zone) for span in spans),
            made=True,
        )
        for spans in groups
    ]
    left = [DateChoice(day, moments.day(day), made=False) for day in draft.repeat.recurrence.left_out if day <= made[-1].day]
    return sorted([*made, *left])


def _left_out(typed: Mapping[str, str]) -> list[str]:
    """Return the days to leave out: those that lost their tick in the preview, or those of the form."""
    if LISTED in typed:
        return [day for day in typed[LISTED].split(",") if day and typed.get(DAY + day) != "true"]
    return [row["day"] for row in forms.rows(typed, LEFT_OUT, ("day",))]
