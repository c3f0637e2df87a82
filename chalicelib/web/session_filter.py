"""The filter of a list of sessions that a query asks for."""

from collections.abc import Mapping

from chalicelib.rules.refusals import Fault, ValidationFailed
from chalicelib.rules.session_filter import WEEKDAYS, SessionFilter, Weekday
from chalicelib.rules.translation import N_
from chalicelib.web.period import given_days

NO_WEEKDAY = ("not_one_of", N_("Use one of mo, tu, we, th, fr, sa, su."))


def staff_filter(query: Mapping[str, str]) -> SessionFilter:
    """Return what staff filter by: a tag, words, and a series."""
    tag, q, series = (query.get(name, "").strip() for name in ("tag", "q", "series"))
    return SessionFilter(tag=tag, q=q, series=series)


def public_filter(query: Mapping[str, str]) -> SessionFilter:
    """Return what the public filters by: also the days of meetings, and the day of the week. Raises ValidationFailed."""
    days, faults = given_days(query)
    weekday = _weekday(query, faults)
    if faults:
        raise ValidationFailed(faults)
    usual = staff_filter(query)
    return SessionFilter(usual.tag, usual.q, days.get("from"), days.get("to"), weekday)


def _weekday(query: Mapping[str, str], faults: list[Fault]) -> Weekday | None:
    given = query.get("weekday", "").strip()
    found = next((day for day in WEEKDAYS if day == given), None)
    if given and not found:
        faults.append(("/weekday", *NO_WEEKDAY))
    return found
