"""Conversion between a session and the fields of its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.pages import amounts, dates, forms
from chalicelib.rules.csv_export import join_names, split_names
from chalicelib.rules.minimum import Minimum
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.questions import Question
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import zone

PLAIN = ("title", "description", "location", "time_zone", "spots_total")
AGES = ("min_age", "max_age")
OPTIONAL = (*AGES, "cancel_until_hours", "date_reminder_hours")
"""Whole numbers that may be left empty."""
MEETING = ("starts_at", "ends_at")
TIER = ("name", "price/amount")
QUESTION = ("label", "options")
MINIMUM = ("participants", "hours_before", "below")
NO_MINIMUM = {"minimum/hours_before": "48", "minimum/below": "ask", "minimum/decide_at": ""}
"""The fields of a session without a minimum, prefilled."""
LEADS = "leads/"
"""A tick for each member of staff, named by the address."""


@dataclass
class SessionForm:
    """A form that was read: the values of the input, the fields to show again, and the faults of unreadable text."""

    values: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def blank(organisation: Organisation) -> dict[str, str]:
    """Return the prefilled fields of a new session."""
    return {"time_zone": organisation.time_zone, "tiers/0/name": "Standard", **NO_MINIMUM}


def fields_of(session: Session) -> dict[str, str]:
    """Return the form fields of an existing session."""
    zone = session.time_zone
    meetings = [{part: dates.field(getattr(one, part), zone) for part in MEETING} | {"id": one.id} for one in session.meetings]
    tiers = [{"name": one.name, "price/amount": amounts.field(one.price), "id": one.id} for one in session.tiers]
    closes_with_it = session.registration_closes_at == session.last_starts_at
    return {
        **{name: str(getattr(session, name)) for name in PLAIN},
        **{name: "" if getattr(session, name) is None else str(getattr(session, name)) for name in OPTIONAL},
        **forms.renumbered("meetings", meetings),
        **forms.renumbered("tiers", tiers),
        **forms.renumbered("questions", [_question_fields(one) for one in session.questions]),
        "tags": join_names(session.tags, ","),
        **{LEADS + email: "true" for email in session.leaders},
        "registration_opens_at": dates.field(session.registration_opens_at, zone),
        "registration_closes_at": "" if closes_with_it else dates.field(session.registration_closes_at, zone),
        **_minimum_fields(session.minimum, zone),
        "version": str(session.version),
    }


def _question_fields(question: Question) -> dict[str, str]:
    return {
        "label": question.label,
        "kind": question.kind,
        "options": join_names(question.options, ","),
        "required": "true" if question.required else "",
        "at_door": "true" if question.at_door else "",
        "per": question.per,
        "id": question.id,
    }


def _minimum_fields(minimum: Minimum | None, zone: str) -> dict[str, str]:
    if minimum is None:
        return NO_MINIMUM
    known = {f"minimum/{part}": str(getattr(minimum, part) or "") for part in MINIMUM}
    return known | {"minimum/decide_at": dates.field(minimum.decide_at, zone) if minimum.decide_at else ""}


def read(typed: Mapping[str, str], currency: str, known_zone: str, session: Session | None = None) -> SessionForm:
    """Return the values, fields and faults of a form. Times are read in the typed time zone, or in `known_zone` if that is invalid.

    An unchanged time keeps the moment stored in `session`: a field cannot show seconds, nor which of the two repeated hours in autumn.
    """
    form = SessionForm()
    for name in (*PLAIN, *OPTIONAL):
        form.values[name] = form.shown[name] = typed.get(name, "").strip()
    zone = _zone(form.values["time_zone"], known_zone)
    moments = _moments(session) if session and zone == session.time_zone else {}
    _meetings(form, typed, zone, moments)
    _tiers(form, typed, currency)
    _questions(form, typed)
    for name in ("registration_opens_at", "registration_closes_at"):
        form.shown[name] = typed.get(name, "")
        _moment(form, name, typed.get(name, ""), zone, moments.get(name))
    _minimum(form, typed, zone, moments.get("minimum/decide_at"))
    form.shown["tags"] = typed.get("tags", "")
    form.values["tags"] = split_names(typed.get("tags", ""), ",")
    form.shown |= {name: "true" for name in typed if name.startswith(LEADS)}
    form.values["leaders"] = [name.removeprefix(LEADS) for name in typed if name.startswith(LEADS)]
    return form


def _moments(session: Session) -> dict[str, datetime]:
    """Return the stored moments of a session: of its registration window by field, and of its meetings by `id/field`."""
    moments = {name: getattr(session, name) for name in ("registration_opens_at", "registration_closes_at")}
    if session.minimum and session.minimum.decide_at:
        moments["minimum/decide_at"] = session.minimum.decide_at
    return moments | {f"{one.id}/{part}": getattr(one, part) for one in session.meetings for part in MEETING}


def _meetings(form: SessionForm, typed: Mapping[str, str], zone: str, moments: Mapping[str, datetime]) -> None:
    rows = forms.rows(typed, "meetings", MEETING, chosen=("id",))
    form.shown |= forms.renumbered("meetings", rows)
    for number, row in enumerate(rows):
        form.values[f"meetings/{number}/id"] = row["id"]
        for part in MEETING:
            _moment(form, f"meetings/{number}/{part}", row[part], zone, moments.get(f"{row['id']}/{part}"))


def _tiers(form: SessionForm, typed: Mapping[str, str], currency: str) -> None:
    rows = forms.rows(typed, "tiers", TIER, chosen=("id",))
    form.shown |= forms.renumbered("tiers", rows)
    for number, row in enumerate(rows):
        name = f"tiers/{number}/price/amount"
        form.values |= {f"tiers/{number}/id": row["id"], f"tiers/{number}/name": row["name"], f"tiers/{number}/price/currency": currency}
        try:
            form.values[name] = amounts.typed(row["price/amount"], currency)
        except amounts.NoSuchAmountError as wrong:
            form.faults[name] = str(wrong)


def _questions(form: SessionForm, typed: Mapping[str, str]) -> None:
    rows = forms.rows(typed, "questions", QUESTION, chosen=("kind", "required", "at_door", "per", "id"))
    form.shown |= forms.renumbered("questions", rows)
    for number, row in enumerate(rows):
        field = f"questions/{number}"
        form.values |= {f"{field}/{part}": row[part] for part in ("id", "label", "kind", "per")}
        form.values |= {f"{field}/{part}": row[part] == "true" for part in ("required", "at_door")}
        form.values[f"{field}/options"] = split_names(row["options"], ",") or ""


def _minimum(form: SessionForm, typed: Mapping[str, str], zone: str, was: datetime | None) -> None:
    """Read the minimum: none without a number. A moment counts before hours."""
    decide_at = typed.get("minimum/decide_at", "").strip()
    given = {part: typed.get(f"minimum/{part}", "").strip() for part in MINIMUM}
    form.shown |= {f"minimum/{part}": value for part, value in given.items()} | {"minimum/decide_at": decide_at}
    hours = forms.whole_number(given["hours_before"])
    if not given["participants"] and (isinstance(hours, int) or not hours):
        form.values["minimum"] = None
        return
    form.values["minimum/participants"] = forms.whole_number(given["participants"])
    form.values["minimum/below"] = given["below"]
    form.values["minimum/hours_before"] = "" if decide_at else hours
    _moment(form, "minimum/decide_at", decide_at, zone, was)


def _moment(form: SessionForm, name: str, text: str, zone: str, was: datetime | None) -> None:
    if not text.strip():
        return
    try:
        form.values[name] = dates.typed(text, zone, was=was, ends=name == "registration_closes_at")
    except dates.NoSuchTimeError as fault:
        form.faults[name] = str(fault)


def _zone(name: str, known: str) -> str:
    try:
        return zone(name)
    except ValueError:
        return known
