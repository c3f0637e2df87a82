"""Rows about customers: a row updates the customer with its address, or adds a new one.

An empty cell changes nothing. Participants and groups are only added. Columns with other names are custom fields.
The Status column is ignored: only the customers' own acts change it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.rules.addresses import Address, compared
from chalicelib.rules.csv_export import split_names
from chalicelib.rules.customers import MOST_PARTICIPANTS, Customer
from chalicelib.rules.groups import same_name
from chalicelib.rules.imports.csv_reader import Sheet, SheetRow
from chalicelib.rules.imports.imports import RowChange
from chalicelib.rules.imports.issues import (
    ImportColumn,
    Issue,
    Layout,
    cell_issues,
    duplicate,
    issue,
    layout_of,
    missing,
    one_line,
    read_cell,
)
from chalicelib.rules.inputs.customers import MOST_FIELDS, FieldName, FieldValue
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import Name, SingleLine
from chalicelib.rules.translation import N_, Filled

MOST_LISTED = 50 * 250
"""How many characters a cell with fifty names can have."""
NAME = ImportColumn("Name", Name, needed=True)
EMAIL = ImportColumn("Email", Address, needed=True)
PHONE = ImportColumn("Phone", SingleLine)
PARTICIPANTS = ImportColumn("Participants", Name, most=MOST_LISTED)
GROUPS = ImportColumn("Groups", SingleLine, most=MOST_LISTED)
STATUS = ImportColumn("Status", SingleLine)
COLUMNS = (NAME, EMAIL, PHONE, PARTICIPANTS, GROUPS, STATUS)
TOO_MANY_FIELDS = Filled(N_("A customer can have %(number)d fields. Empty some cells of this row."), {"number": MOST_FIELDS})
TOO_MANY_NAMES = Filled(N_("A customer can have %(number)d participants. Leave some out."), {"number": MOST_PARTICIPANTS})
NO_SUCH_GROUP = N_("There is no group of this name. Make it first, or correct the name.")


class CustomerRow(NamedTuple):
    """The readable values of a row. Empty values change nothing."""

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


def check(sheet: Sheet, groups: Mapping[str, str]) -> tuple[list[CustomerRow], list[Issue]]:
    """Return the rows, each address once, and every issue in the file itself. `groups`: name → id."""
    layout, issues = layout_of(sheet, COLUMNS)
    issues += _named(sheet, layout)
    if issues:
        return [], issues
    wanted, seen = [], dict[str, int]()
    for row in sheet.rows:
        found, wrong = _row(layout, row, groups)
        issues += wrong
        first = seen.setdefault(compared(found.email), row.number) if found.email else row.number
        if first != row.number:
            issues.append(duplicate(EMAIL.name, found.email, row.number, first))
        elif found.email:
            wanted.append(found)
    return wanted, issues


def change(wanted: CustomerRow, known: Customer | None) -> RowChange:
    """Return the change that the row makes to the customer with its address."""
    if known is None:
        return RowChange(wanted.row, "create", "", 0, wanted.name, _new(wanted))
    values = changed(wanted._asdict(), known)
    return RowChange(wanted.row, "update" if values else "unchanged", known.id, known.version, known.name, values)


def changed(values: Mapping[str, Any], known: Customer) -> dict[str, Any]:
    """Return the values that differ from the customer's."""
    found = {name: values[name] for name in ("name", "phone") if values.get(name) and values[name] != getattr(known, name)}
    if "phone" in found and same_but_for_zeros(found["phone"], known.phone):
        del found["phone"]
    have = {same_participant(one.name) for one in known.participants}
    more = [name for name in values.get("participants", ()) if same_participant(name) not in have]
    joined = [id for id in values.get("groups", ()) if id not in known.groups]
    noted = {name.casefold(): value for name, value in known.fields}
    fields = [[name, value] for name, value in values.get("fields", ()) if noted.get(name.casefold()) != value]
    lists = {"participants": more, "groups": joined, "fields": fields}
    return {**found, **{name: added for name, added in lists.items() if added}}


def same_but_for_zeros(number: str, known: str) -> bool:
    """Whether `number` is the known phone number after a spreadsheet turned it into a number, without leading zeros and plus."""
    return number.isdecimal() and known.replace(" ", "").lstrip("+0") == number and known.replace(" ", "") != number


def merged(values: Mapping[str, Any], known: Customer) -> tuple[tuple[str, str], ...]:
    """Return the customer's fields, updated with those of `values`. Field names are compared without case."""
    fields = dict(known.fields)
    spelt = {name.casefold(): name for name in fields}
    return tuple((fields | {spelt.get(name.casefold(), name): value for name, value in values.get("fields", ())}).items())


def customer_issues(wanted: CustomerRow, known: Customer | None) -> list[Issue]:
    """Return the issues that depend on the stored customer: a new one without a name, too many participants or fields."""
    if known is None:
        nameless = [missing(NAME, wanted.row)] if wanted.nameless else []
        return [*nameless, *_too_many_fields(wanted.row, len(wanted.fields))]
    values = changed(wanted._asdict(), known)
    issues = []
    if len(known.participants) + len(values.get("participants", [])) > MOST_PARTICIPANTS:
        issues.append(_too_many(wanted.row, "; ".join(wanted.participants)))
    return [*issues, *_too_many_fields(wanted.row, len(merged(values, known)))]


def _new(wanted: CustomerRow) -> dict[str, Any]:
    lists = {"participants": list(wanted.participants), "groups": list(wanted.groups), "fields": [list(field) for field in wanted.fields]}
    return {"name": wanted.name, "email": wanted.email, "phone": wanted.phone, **lists}


def _named(sheet: Sheet, layout: Layout) -> list[Issue]:
    """Return an issue for each column whose name cannot be a field's."""
    return [wrong for name in layout.others for wrong in read_cell(ImportColumn(name, FieldName), name, sheet.header.number)[1]]


def _row(layout: Layout, row: SheetRow, groups: Mapping[str, str]) -> tuple[CustomerRow, list[Issue]]:
    issues = list(cell_issues(layout, row, COLUMNS))
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
    return CustomerRow(row.number, read["Name"], read["Email"], read["Phone"], participants, joined, fields, nameless, not issues), issues


def _groups(layout: Layout, row: SheetRow, groups: Mapping[str, str]) -> tuple[tuple[str, ...], list[Issue]]:
    """Return the ids of the groups named in the cell, and the issues."""
    named = split_names(layout.cell(row, GROUPS.name))
    unknown = [name for name in named if same_name(name) not in groups]
    issues = [issue(row.number, GROUPS.name, name, "unknown_group", NO_SUCH_GROUP) for name in unknown]
    return tuple(dict.fromkeys(groups[same_name(name)] for name in named if name not in unknown)), issues


def _fields(layout: Layout, row: SheetRow) -> tuple[tuple[tuple[str, str], ...], list[Issue]]:
    """Return the filled cells of the other columns, and the issues."""
    issues: list[Issue] = []
    fields = []
    for name, index in layout.others.items():
        text = one_line(row.cell(index))
        value, wrong = read_cell(ImportColumn(name, FieldValue), text, row.number) if text else ("", [])
        issues += wrong
        fields += [(name, value)] if value else []
    return tuple(fields), issues


def _participants(layout: Layout, row: SheetRow) -> tuple[tuple[str, ...], list[Issue]]:
    """Return the names in the cell, each once, and the issues."""
    cell = layout.cell(row, PARTICIPANTS.name)
    issues: list[Issue] = []
    names: dict[str, str] = {}
    for text in split_names(cell):
        name, wrong = read_cell(PARTICIPANTS, text, row.number)
        issues += wrong
        names.setdefault(same_participant(name), name)
    if len(names) > MOST_PARTICIPANTS:
        issues.append(_too_many(row.number, cell))
    return tuple(names.values()), issues


def _too_many_fields(row: int, count: int) -> list[Issue]:
    return [issue(row, "", "", "too_many_fields", TOO_MANY_FIELDS)] if count > MOST_FIELDS else []


def _too_many(row: int, names: str) -> Issue:
    return issue(row, PARTICIPANTS.name, names, "too_many", TOO_MANY_NAMES)
