"""A row about a customer: whoever has the address is changed, anybody else is added.

An empty cell changes nothing; participants are not removed, and groups are not left. Columns of other names are fields.
Status is there to be read: what people did moves it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.rules.addresses import Address, compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.drafts.customers import MOST_FIELDS, FieldName, FieldValue
from chalicelib.rules.drafts.groups import SEPARATOR
from chalicelib.rules.groups import same_name
from chalicelib.rules.imports.imports import Change
from chalicelib.rules.imports.issues import Column, Issue, Layout, issue, laid_out, missing, of_shape, read_cell, twice
from chalicelib.rules.imports.reading import Row, Table
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import Line, Name

NAME = Column("Name", Name, needed=True)
EMAIL = Column("Email", Address, needed=True)
PHONE = Column("Phone", Line)
PARTICIPANTS = Column("Participants", Name)
GROUPS = Column("Groups", Line)
STATUS = Column("Status", Line)
COLUMNS = (NAME, EMAIL, PHONE, PARTICIPANTS, GROUPS, STATUS)
MOST_PARTICIPANTS = 50
TOO_MANY_FIELDS = f"A customer can have {MOST_FIELDS} fields. Leave some columns out."
NO_SUCH_GROUP = "There is no group of this name. Make it first, or correct the name."


class Wanted(NamedTuple):
    """What a row says, as far as it can be read. What is empty changes nothing."""

    row: int
    name: str
    email: str
    phone: str
    participants: tuple[str, ...]
    groups: tuple[str, ...]
    """Their ids."""
    fields: tuple[tuple[str, str], ...]
    nameless: bool
    sound: bool
    """Whether nothing is wrong with it."""


def check(table: Table, groups: Mapping[str, str]) -> tuple[list[Wanted], list[Issue]]:
    """Return what the rows want, each address once, and every issue that shows in the file itself. `groups` are ids by name."""
    layout, issues = laid_out(table, COLUMNS)
    issues += _named(table, layout)
    if issues:
        return [], issues
    wanted, seen = [], dict[str, int]()
    for row in table.rows:
        found, wrong = _row(layout, row, groups)
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
    joined = [own for own in values.get("groups", ()) if own not in known.groups]
    noted = {name.casefold(): value for name, value in known.fields}
    fields = [[name, value] for name, value in values.get("fields", ()) if noted.get(name.casefold()) != value]
    lists = {"participants": more, "groups": joined, "fields": fields}
    return {**found, **{name: added for name, added in lists.items() if added}}


def merged(values: Mapping[str, Any], known: Customer) -> tuple[tuple[str, str], ...]:
    """Return the customer's fields with those of the values, whose names are read without case."""
    fields = dict(known.fields)
    spelt = {name.casefold(): name for name in fields}
    return tuple((fields | {spelt.get(name.casefold(), name): value for name, value in values.get("fields", ())}).items())


def lacks(wanted: Wanted, known: Customer | None) -> list[Issue]:
    """Return what only shows beside what is stored: a new customer without a name, more participants than there can be."""
    if known is None:
        return [missing(NAME, wanted.row)] if wanted.nameless else []
    values = changed(wanted._asdict(), known)
    issues = []
    if len(known.participants) + len(values.get("participants", [])) > MOST_PARTICIPANTS:
        issues.append(_too_many(wanted.row, "; ".join(wanted.participants)))
    if len(merged(values, known)) > MOST_FIELDS:
        issues.append(issue(wanted.row, "", "", "too_many_fields", TOO_MANY_FIELDS))
    return issues


def _new(wanted: Wanted) -> dict[str, Any]:
    lists = {"participants": list(wanted.participants), "groups": list(wanted.groups), "fields": [list(field) for field in wanted.fields]}
    return {"name": wanted.name, "email": wanted.email, "phone": wanted.phone, **lists}


def _named(table: Table, layout: Layout) -> list[Issue]:
    """Find columns that cannot be the names of fields."""
    issues = [wrong for name in layout.others for wrong in read_cell(Column(name, FieldName), name, table.header.number)[1]]
    if len(layout.others) > MOST_FIELDS:
        issues.append(issue(table.header.number, "", "", "too_many_fields", TOO_MANY_FIELDS))
    return issues


def _row(layout: Layout, row: Row, groups: Mapping[str, str]) -> tuple[Wanted, list[Issue]]:
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
    joined, wrong = _groups(layout, row, groups)
    issues += wrong
    fields, wrong = _fields(layout, row)
    issues += wrong
    nameless = not layout.cell(row, NAME.name)
    return Wanted(row.number, read["Name"], read["Email"], read["Phone"], participants, joined, fields, nameless, not issues), issues


def _groups(layout: Layout, row: Row, groups: Mapping[str, str]) -> tuple[tuple[str, ...], list[Issue]]:
    """Return the groups whose names stand in the cell."""
    named = [name for name in map(str.strip, layout.cell(row, GROUPS.name).split(SEPARATOR)) if name]
    unknown = [name for name in named if same_name(name) not in groups]
    issues = [issue(row.number, GROUPS.name, name, "unknown_group", NO_SUCH_GROUP) for name in unknown]
    return tuple(dict.fromkeys(groups[same_name(name)] for name in named if name not in unknown)), issues


def _fields(layout: Layout, row: Row) -> tuple[tuple[tuple[str, str], ...], list[Issue]]:
    """Return the filled cells of the other columns."""
    issues: list[Issue] = []
    fields = []
    for name, place in layout.others.items():
        text = row.cell(place).strip()
        value, wrong = read_cell(Column(name, FieldValue), text, row.number) if text else ("", [])
        issues += wrong
        fields += [(name, value)] if value else []
    return tuple(fields), issues


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
