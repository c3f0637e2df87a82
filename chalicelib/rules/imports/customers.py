"""A row about a customer: whoever has the address is changed, anybody else is added.

An empty cell changes nothing, and nobody's participants are removed.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.rules.addresses import Address, compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.imports.imports import Change
from chalicelib.rules.imports.issues import Column, Issue, Layout, issue, laid_out, missing, of_shape, read_cell, twice, unknown_columns
from chalicelib.rules.imports.reading import Row, Table
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import Line, Name

NAME = Column("Name", Name, needed=True)
EMAIL = Column("Email", Address, needed=True)
PHONE = Column("Phone", Line)
PARTICIPANTS = Column("Participants", Name)
COLUMNS = (NAME, EMAIL, PHONE, PARTICIPANTS)
MOST_PARTICIPANTS = 50


class Wanted(NamedTuple):
    """What a row says, as far as it can be read. What is empty changes nothing."""

    row: int
    name: str
    email: str
    phone: str
    participants: tuple[str, ...]
    nameless: bool
    sound: bool
    """Whether nothing is wrong with it."""


def check(table: Table) -> tuple[list[Wanted], list[Issue]]:
    """Return what the rows want, each address once, and every issue that shows in the file itself."""
    layout, issues = laid_out(table, COLUMNS)
    if issues:
        return [], issues + unknown_columns(table, layout)
    issues = unknown_columns(table, layout)
    wanted, seen = [], dict[str, int]()
    for row in table.rows:
        found, wrong = _row(layout, row)
        issues += wrong
        first = seen.setdefault(compared(found.email), row.number) if found.email else row.number
        if first != row.number:
            issues.append(twice(EMAIL.name, found.email, row.number, first))
        elif found.email:
            wanted.append(found)
    return wanted, issues


def change(wanted: Wanted, known: Customer | None) -> Change:
    """Return what the row does to the customer who has its address."""
    if known is None:
        return Change(wanted.row, "create", "", 0, wanted.name, _new(wanted))
    values = changed(wanted._asdict(), known)
    return Change(wanted.row, "update" if values else "unchanged", known.id, known.version, known.name, values)


def changed(values: Mapping[str, Any], known: Customer) -> dict[str, Any]:
    """Return those of the values that the customer does not have yet."""
    found = {name: values[name] for name in ("name", "phone") if values.get(name) and values[name] != getattr(known, name)}
    have = {same_participant(one.name) for one in known.participants}
    more = [name for name in values.get("participants", ()) if same_participant(name) not in have]
    return {**found, **({"participants": more} if more else {})}


def lacks(wanted: Wanted, known: Customer | None) -> list[Issue]:
    """Return what only shows beside what is stored: a new customer without a name, more participants than there can be."""
    if known is None:
        return [missing(NAME, wanted.row)] if wanted.nameless else []
    more = changed(wanted._asdict(), known).get("participants", [])
    return [_too_many(wanted.row, "; ".join(wanted.participants))] if len(known.participants) + len(more) > MOST_PARTICIPANTS else []


def _new(wanted: Wanted) -> dict[str, Any]:
    return {"name": wanted.name, "email": wanted.email, "phone": wanted.phone, "participants": list(wanted.participants)}


def _row(layout: Layout, row: Row) -> tuple[Wanted, list[Issue]]:
    issues = list(of_shape(layout, row))
    read: dict[str, str] = {}
    for column in (NAME, EMAIL, PHONE):
        text = layout.cell(row, column.name)
        read[column.name], wrong = read_cell(column, text, row.number) if text else ("", [])
        issues += wrong
    if not layout.cell(row, EMAIL.name):
        issues.append(missing(EMAIL, row.number))
    participants, wrong = _participants(layout, row)
    issues += wrong
    nameless = not layout.cell(row, NAME.name)
    return Wanted(row.number, read["Name"], read["Email"], read["Phone"], participants, nameless, not issues), issues


def _participants(layout: Layout, row: Row) -> tuple[tuple[str, ...], list[Issue]]:
    """Return the names in the cell, each once."""
    cell = layout.cell(row, PARTICIPANTS.name)
    issues: list[Issue] = []
    names: dict[str, str] = {}
    for text in filter(None, map(str.strip, cell.split(";"))):
        name, wrong = read_cell(PARTICIPANTS, text, row.number)
        issues += wrong
        names.setdefault(same_participant(name), name)
    if len(names) > MOST_PARTICIPANTS:
        issues.append(_too_many(row.number, cell))
    return tuple(names.values()), issues


def _too_many(row: int, names: str) -> Issue:
    return issue(row, PARTICIPANTS.name, names, "too_many", f"A customer can have {MOST_PARTICIPANTS} participants. Leave some out.")
