"""A session as a form: what a form shows of a session, and what a form says about one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from chalicelib.pages import forms, moments
from chalicelib.rules.money import MINOR_UNITS
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import zone

PLAIN = ("title", "description", "location", "time_zone", "spots_total")
MEETING = ("starts_at", "ends_at")
TIER = ("name", "price/amount")
QUESTION = ("label", "options")
NO_AMOUNT = "Write an amount such as 12.50."


class NoSuchAmountError(ValueError):
    """What was typed is no amount of this currency."""


@dataclass
class Sheet:
    """What a form says: the values of a draft, the fields as they are shown again, and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def blank(organisation: Organisation) -> dict[str, str]:
    """Return the fields of a session that is yet to be described."""
    return {"time_zone": organisation.time_zone, "tiers/0/name": "Standard"}


def fields_of(session: Session) -> dict[str, str]:
    """Return the fields that describe a session as it is."""
    place = session.time_zone
    meetings = [{part: moments.field(getattr(one, part), place) for part in MEETING} | {"id": one.id} for one in session.meetings]
    tiers = [{"name": one.name, "price/amount": amount_field(one.price.amount, one.price.currency), "id": one.id} for one in session.tiers]
    questions = [
        {
            "label": one.label,
            "kind": one.kind,
            "options": ", ".join(one.options),
            "required": "true" if one.required else "",
            "id": one.id,
        }
        for one in session.questions
    ]
    closes_with_it = session.registration_closes_at == session.last_starts_at
    return {
        **{name: str(getattr(session, name)) for name in PLAIN},
        **forms.renumbered("meetings", meetings),
        **forms.renumbered("tiers", tiers),
        **forms.renumbered("questions", questions),
        "tags": ", ".join(session.tags),
        "registration_opens_at": moments.field(session.registration_opens_at, place),
        "registration_closes_at": "" if closes_with_it else moments.field(session.registration_closes_at, place),
        "version": str(session.version),
    }


def read(typed: Mapping[str, str], currency: str, known_zone: str) -> Sheet:
    """Return what the form says. Times are those of the session's zone; where that is none, of the known one."""
    sheet = Sheet()
    for name in PLAIN:
        sheet.values[name] = sheet.shown[name] = typed.get(name, "").strip()
    place = _zone(sheet.values["time_zone"], known_zone)
    _meetings(sheet, typed, place)
    _tiers(sheet, typed, currency)
    _questions(sheet, typed)
    for name in ("registration_opens_at", "registration_closes_at"):
        sheet.shown[name] = typed.get(name, "")
        _moment(sheet, name, typed.get(name, ""), place)
    sheet.shown["tags"] = typed.get("tags", "")
    sheet.values["tags"] = _listed(typed.get("tags", ""))
    return sheet


def amount_field(amount: int, currency: str) -> str:
    """Return what a field shows of an amount in minor units."""
    return f"{Decimal(amount).scaleb(-MINOR_UNITS.get(currency, 2)):f}"


def amount_of(text: str, currency: str) -> int:
    """Return the minor units that a field names. Raises NoSuchAmountError."""
    try:
        amount = Decimal(text.strip().replace(",", ".")).scaleb(MINOR_UNITS.get(currency, 2))
    except InvalidOperation:
        raise NoSuchAmountError(text) from None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= 100_000_000:
        raise NoSuchAmountError(text)
    return int(amount)


def _meetings(sheet: Sheet, typed: Mapping[str, str], place: str) -> None:
    rows = forms.rows(typed, "meetings", MEETING, chosen=("id",))
    sheet.shown |= forms.renumbered("meetings", rows)
    for number, row in enumerate(rows):
        sheet.values[f"meetings/{number}/id"] = row["id"]
        for part in MEETING:
            _moment(sheet, f"meetings/{number}/{part}", row[part], place)


def _tiers(sheet: Sheet, typed: Mapping[str, str], currency: str) -> None:
    rows = forms.rows(typed, "tiers", TIER, chosen=("id",))
    sheet.shown |= forms.renumbered("tiers", rows)
    for number, row in enumerate(rows):
        name = f"tiers/{number}/price/amount"
        sheet.values |= {f"tiers/{number}/id": row["id"], f"tiers/{number}/name": row["name"], f"tiers/{number}/price/currency": currency}
        try:
            sheet.values[name] = amount_of(row["price/amount"], currency)
        except NoSuchAmountError:
            sheet.faults[name] = NO_AMOUNT


def _questions(sheet: Sheet, typed: Mapping[str, str]) -> None:
    rows = forms.rows(typed, "questions", QUESTION, chosen=("kind", "required", "id"))
    sheet.shown |= forms.renumbered("questions", rows)
    for number, row in enumerate(rows):
        own = f"questions/{number}"
        sheet.values |= {f"{own}/{part}": row[part] for part in ("id", "label", "kind")}
        sheet.values[f"{own}/required"] = row["required"] == "true"
        sheet.values[f"{own}/options"] = _listed(row["options"]) or ""


def _moment(sheet: Sheet, name: str, text: str, place: str) -> None:
    if not text.strip():
        return
    try:
        sheet.values[name] = moments.typed(text, place)
    except moments.NoSuchTimeError as fault:
        sheet.faults[name] = str(fault)


def _zone(name: str, known: str) -> str:
    try:
        return zone(name)
    except ValueError:
        return known


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
