"""The audit log. Entries are written from the streams of the tables; one that is written twice exists once."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from secrets import token_hex
from typing import Any, NamedTuple

from chalicelib.operations.headings import headings
from chalicelib.rules import csv_export, times
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.ledger import Hold
from chalicelib.rules.money import Money, decimal
from chalicelib.rules.translation import N_
from chalicelib.tables import audit, audited_rows
from chalicelib.tables.actor import current
from chalicelib.tables.audit import Filters
from chalicelib.tables.items import Item
from chalicelib.tables.retries import own_deadline

HEADER = (N_("At"), N_("Actor kind"), N_("Actor"), N_("Action"), N_("Thing"), N_("Before"), N_("After"))
MOST_EXPORTED = 10_000
"""So many entries one file has at most, so that a long log takes no more memory and time than a request has."""
EMPTY: tuple[Any, ...] = (None, "", [], {})
Image = dict[str, Any]


class AuditPage(NamedTuple):
    items: list[AuditEntry]
    next: Item | None


def record(old: Image | None, new: Image | None, *, id: str, at: datetime) -> None:
    """Record the change of a row, if the audit log covers its kind. `id` names the stream's record."""
    if entry := audited_rows.entry_of(old, new, id=id, at=at):
        audit.add(entry)


def record_held(org: str, session: str, hold_id: str, hold: Hold, *, id: str, at: datetime) -> None:
    """Record the invitation whose spots are held now. Holds without an invitation are of the public, and are recorded once confirmed."""
    entry = audited_rows.held(org, session, hold_id, hold, id=f"{id}-{hold_id}", at=at)
    if entry:
        audit.add(entry)


def record_act(org: str, action: str, subject: str = "", *, now: datetime) -> None:
    """Record what somebody does without changing a row, such as an export. Records nothing outside a request."""
    if actor := current():
        audit.add(AuditEntry(org, token_hex(8), now, actor, action, AuditSubject(action.partition(".")[0], subject)))


def list_entries(org: str, filters: Filters, *, limit: int, start: Item | None = None) -> AuditPage:
    """Return a page of the audit log, latest first."""
    return AuditPage(*audit.page(org, filters, limit=limit, start=start))


def export_entries(org: str, filters: Filters, *, locale: str = "en", now: datetime) -> str:
    """Return the MOST_EXPORTED latest entries as CSV, latest first. The moment of the last one as `until` leads to earlier ones."""
    record_act(org, "audit.exported", now=now)
    with own_deadline():
        latest = islice(audit.every(org, filters), MOST_EXPORTED)
        return csv_export.csv_text(headings(HEADER, locale), (_row(entry) for entry in latest))


def _row(entry: AuditEntry) -> list[str]:
    sides = [fields_text(entry.before), fields_text(entry.after)]
    return [times.written(entry.at), entry.actor.kind, entry.actor.name, entry.action, entry.subject.id, *sides]


def fields_text(values: Mapping[str, Any]) -> str:
    """Return fields as one line: `title: Judo; spots_total: 12`."""
    return "; ".join(f"{name}: {value_text(value)}" for name, value in values.items())


def value_text(value: Any) -> str:
    """Return a value of an entry as text."""
    match value:
        case {"amount": int(amount), "currency": str(currency), **more}:
            return " ".join((*map(str, (more[name] for name in ("name",) if name in more)), decimal(Money(amount, currency)), currency))
        case dict():
            return ", ".join(f"{name.replace('_', ' ')} {value_text(inner)}" for name, inner in value.items() if inner not in EMPTY)
        case list():
            return " | ".join(value_text(inner) for inner in value)
        case bool():
            return "yes" if value else "no"
    return str(value)
