"""Rows about a contract's participants, found by the contract's identifier.

An empty cell changes nothing; a filled Price Code asks for one code. Columns with other names are details. Invitation Code cannot be
changed: the cell must be empty or as downloaded.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chalicelib.rules.addresses import Address
from chalicelib.rules.addresses import compared as same_mailbox
from chalicelib.rules.codes import Code, compared
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice, Identifier
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
from chalicelib.rules.inputs.contracts import COLUMNS, MOST_DETAILS, ClientId, DetailName, DetailValue
from chalicelib.rules.registrations import same_participant
from chalicelib.rules.text import SingleLine
from chalicelib.rules.translation import N_, Filled

CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE = (
    ImportColumn(name, holds) for name, holds in zip(COLUMNS, (ClientId, SingleLine, Address, SingleLine, SingleLine), strict=True)
)
FIELDS = {"client_id": CLIENT_ID, "name": NAME, "email": EMAIL}
UNKNOWN_PRICE = N_("This contract has no price with this code. Use one of: %(codes)s.")
NO_PRICES = N_("This contract has no prices yet. Add one, then upload the file again.")
OTHER_CODE = N_("Invitation codes are made here and cannot be written into the file. Empty this cell, or leave it as it was downloaded.")
TOO_MANY_DETAILS = Filled(N_("A participant can have %(number)d details. Empty some cells of this row."), {"number": MOST_DETAILS})
SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
SHORTENED_NUMBER = N_("A spreadsheet shortened this number. Format the column as text, and fill the number in again.")
LIKE_KNOWN = N_(
    "“%(new)s” is new, but “%(before)s” seems to be the same person. Spreadsheets drop leading zeros: write it as it was downloaded."
)


class ParticipantRow(NamedTuple):
    """The readable values of a row. Empty values change nothing."""

    row: int
    identifier: str
    fields: dict[str, str]
    """Of client_id, name and email those that are filled."""
    details: dict[str, str]
    price_code: str
    code: str
    sound: bool
    """Whether nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class StoredParticipants:
    """The stored data of a contract: prices by price code, participants by identifier, and their codes."""

    contract: Contract
    prices: Mapping[str, ContractPrice]
    participants: Mapping[str, ContractParticipant]
    codes: Mapping[str, Code]
    alike: Mapping[tuple[str, ...], str]
    """Identifiers of participants by their likenesses."""

    def codes_of(self, participant: ContractParticipant) -> list[Code]:
        return [self.codes[id] for id in participant.codes if id in self.codes]


def indexed(
    contract: Contract, prices: Iterable[ContractPrice], participants: Sequence[ContractParticipant], codes: Iterable[Code]
) -> StoredParticipants:
    """Return the stored data, indexed by the values that a file refers to."""
    by = contract.identifier
    return StoredParticipants(
        contract,
        {price.code.casefold(): price for price in prices},
        {one.identified_by(contract.identifier).casefold(): one for one in participants},
        {code.code: code for code in codes},
        {like: one.identified_by(by) for one in participants for like in likenesses(by, one.client_id, one.email, one.name)},
    )


def check(sheet: Sheet, identifier: Identifier) -> tuple[list[ParticipantRow], list[Issue]]:
    """Return the rows, each identifier once, and every issue in the file itself."""
    columns = [replace(column, needed=column is FIELDS[identifier]) for column in (CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE)]
    layout, issues = layout_of(sheet, columns)
    issues += _named(sheet, layout)
    if issues:
        return [], issues
    wanted, seen = [], dict[str, int]()
    for row in sheet.rows:
        found, wrong = _row(layout, row, identifier)
        issues += wrong
        first = seen.setdefault(found.identifier.casefold(), row.number) if found.identifier else row.number
        if first != row.number:
            issues.append(duplicate(FIELDS[identifier].name, found.identifier, row.number, first))
        elif found.identifier:
            wanted.append(found)
    return wanted, issues


def compare(wanted: ParticipantRow, stored: StoredParticipants) -> tuple[RowChange, list[Issue]]:
    """Return the change that the row makes to the participant with its identifier, and the issues that depend on the stored data."""
    participant = stored.participants.get(wanted.identifier.casefold())
    price = stored.prices.get(wanted.price_code.casefold())
    issues = [*_price_issues(wanted, stored), *_code_issues(wanted, participant)]
    if participant is None:
        issues += [*_double_issues(wanted, stored), *_detail_issues(wanted, len(wanted.details))]
        values: dict[str, Any] = {**wanted.fields, "details": list(wanted.details.items()), **_price_values(price)}
        return RowChange(wanted.row, "create", "", 0, wanted.fields.get("name", wanted.identifier), values), issues
    values = changed({**_but(stored.contract.identifier, wanted.fields), "details": wanted.details.items()}, participant)
    if price and not has_code_at(price.id, stored.codes_of(participant)):
        values |= _price_values(price)
    issues += _detail_issues(wanted, len(_merged(participant, dict(values.get("details", ())))))
    change = RowChange(
        wanted.row, "update" if values else "unchanged", participant.id, participant.version, participant.name or wanted.identifier, values
    )
    return change, issues


def changed(values: Mapping[str, Any], participant: ContractParticipant) -> dict[str, Any]:
    """Return the fields and details that differ from the participant's."""
    fields = {name: values[name] for name in FIELDS if values.get(name) and values[name] != getattr(participant, name)}
    have = {name.casefold(): value for name, value in participant.details}
    details = [[name, value] for name, value in values.get("details", ()) if have.get(name.casefold()) != value]
    return {**fields, **({"details": details} if details else {})}


def with_values(participant: ContractParticipant, values: Mapping[str, Any]) -> ContractParticipant:
    """Return the participant with these fields and details. Names of details are compared without case."""
    fields = {name: values[name] for name in FIELDS if values.get(name)}
    return replace(participant, **fields, details=tuple(_merged(participant, dict(values.get("details", ()))).items()))


def has_code_at(price: str, codes: Iterable[Code]) -> bool:
    """Whether an unarchived code was issued at this price. A spent one counts, so that a re-upload issues no second one."""
    return any(code.price.id == price and not code.archived_at for code in codes)


def _but(identifier: Identifier, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields without the identifier, which can differ in letter case only."""
    return {name: value for name, value in fields.items() if name != identifier}


def _merged(participant: ContractParticipant, more: Mapping[str, str]) -> dict[str, str]:
    details = dict(participant.details)
    spelt = {name.casefold(): name for name in details}
    return details | {spelt.get(name.casefold(), name): value for name, value in more.items()}


def _price_values(price: ContractPrice | None) -> dict[str, Any]:
    """Return the price as compared, so that the digest changes with it."""
    return {"price": price.id, "price_code": price.code, "price_version": price.version} if price else {}


def _price_issues(wanted: ParticipantRow, stored: StoredParticipants) -> list[Issue]:
    if not wanted.price_code or wanted.price_code.casefold() in stored.prices:
        return []
    codes = ", ".join(price.code for price in stored.prices.values())
    return [
        issue(
            wanted.row,
            PRICE_CODE.name,
            wanted.price_code,
            "unknown_price_code",
            Filled(UNKNOWN_PRICE, {"codes": codes}) if codes else NO_PRICES,
        )
    ]


def _double_issues(wanted: ParticipantRow, stored: StoredParticipants) -> list[Issue]:
    """Return issues for rows that would add a participant a second time, because a spreadsheet or a correction changed the identifier."""
    key = FIELDS[stored.contract.identifier].name
    if SHORTENED.fullmatch(wanted.identifier):
        return [issue(wanted.row, key, wanted.identifier, "shortened_number", SHORTENED_NUMBER)]
    fields = wanted.fields
    for likeness in likenesses(stored.contract.identifier, fields.get("client_id", ""), fields.get("email", ""), fields.get("name", "")):
        if before := stored.alike.get(likeness):
            return [
                issue(
                    wanted.row,
                    key,
                    wanted.identifier,
                    "looks_known",
                    Filled(LIKE_KNOWN, {"new": wanted.identifier, "before": before}),
                )
            ]
    return []


def likenesses(identifier: Identifier, client_id: str, email: str, name: str) -> list[tuple[str, ...]]:
    """Return the keys by which two rows with different identifiers are the same person: the client id without leading zeros, or address
    and name.
    """
    if identifier == "email":
        return [(client_id.casefold(),)] if client_id else []
    number = [(client_id.lstrip("0"),)] if client_id.isdecimal() else []
    return [*number, *([(same_mailbox(email), same_participant(name))] if email else [])]


def _detail_issues(wanted: ParticipantRow, count: int) -> list[Issue]:
    return [issue(wanted.row, "", "", "too_many_details", TOO_MANY_DETAILS)] if count > MOST_DETAILS else []


def _code_issues(wanted: ParticipantRow, participant: ContractParticipant | None) -> list[Issue]:
    if not wanted.code or (participant and compared(wanted.code) in participant.codes):
        return []
    return [issue(wanted.row, INVITATION_CODE.name, wanted.code, "other_code", OTHER_CODE)]


def _named(sheet: Sheet, layout: Layout) -> list[Issue]:
    """Return an issue for each column whose name cannot be a detail's."""
    return [wrong for name in layout.others for wrong in read_cell(ImportColumn(name, DetailName), name, sheet.header.number)[1]]


def _row(layout: Layout, row: SheetRow, identifier: Identifier) -> tuple[ParticipantRow, list[Issue]]:
    issues = list(cell_issues(layout, row, (CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE)))
    read: dict[str, str] = {}
    for column in (CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE):
        text = layout.cell(row, column.name)
        read[column.name], wrong = read_cell(column, text, row.number) if text else ("", [])
        issues += wrong
    key = FIELDS[identifier]
    if not layout.cell(row, key.name):
        issues.append(missing(key, row.number))
    details = {}
    for name, index in layout.others.items():
        text = one_line(row.cell(index))
        details[name], wrong = read_cell(ImportColumn(name, DetailValue), text, row.number) if text else ("", [])
        issues += wrong
    return ParticipantRow(
        row.number,
        identifier=read[key.name],
        fields={name: read[column.name] for name, column in FIELDS.items() if read[column.name]},
        details={name: value for name, value in details.items() if value},
        price_code=read[PRICE_CODE.name],
        code=read[INVITATION_CODE.name],
        sound=not issues,
    ), issues
