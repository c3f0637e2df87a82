"""A row about a contract's participant, found by the contract's identifier.

An empty cell changes nothing; a filled Price Code asks for one code. Columns of other names are details. Invitation Code is there to be
read: what stands in it must be what was downloaded, or nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chalicelib.rules.addresses import Address
from chalicelib.rules.codes import Code, compared
from chalicelib.rules.contracts import Contract, ContractParticipant, Identifier, Price
from chalicelib.rules.drafts.contracts import COLUMNS, MOST_DETAILS, ClientId, Key, Value
from chalicelib.rules.imports.imports import Change
from chalicelib.rules.imports.issues import Column, Issue, Layout, issue, laid_out, missing, of_shape, read_cell, twice
from chalicelib.rules.imports.reading import Row, Table
from chalicelib.rules.text import Line

CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE = (
    Column(name, holds) for name, holds in zip(COLUMNS, (ClientId, Line, Address, Line, Line), strict=True)
)
FIELDS = {"client_id": CLIENT_ID, "name": NAME, "email": EMAIL}
UNKNOWN_PRICE = "This contract has no price with this code. Use one of: {codes}."
NO_PRICES = "This contract has no prices yet. Add one, then upload the file again."
OTHER_CODE = "Invitation codes are made here and cannot be written into the file. Empty this cell, or leave it as it was downloaded."
TOO_MANY_DETAILS = f"A participant can have {MOST_DETAILS} details. Leave some columns out."


class Wanted(NamedTuple):
    """What a row says, as far as it can be read. What is empty changes nothing."""

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
class Known:
    """What is stored under the contract: its prices by price code, its participants by identifier, their codes."""

    contract: Contract
    prices: Mapping[str, Price]
    participants: Mapping[str, ContractParticipant]
    codes: Mapping[str, Code]

    def codes_of(self, participant: ContractParticipant) -> list[Code]:
        return [self.codes[own] for own in participant.codes if own in self.codes]


def known(contract: Contract, prices: Iterable[Price], participants: Sequence[ContractParticipant], codes: Iterable[Code]) -> Known:
    """Return what is stored, arranged as a file refers to it."""
    return Known(
        contract,
        {price.code.casefold(): price for price in prices},
        {one.identified_by(contract.identifier).casefold(): one for one in participants},
        {code.code: code for code in codes},
    )


def check(table: Table, identifier: Identifier) -> tuple[list[Wanted], list[Issue]]:
    """Return what the rows want, each identifier once, and every issue that shows in the file itself."""
    columns = [replace(column, needed=column is FIELDS[identifier]) for column in (CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE)]
    layout, issues = laid_out(table, columns)
    issues += _named(table, layout)
    if issues:
        return [], issues
    wanted, seen = [], dict[str, int]()
    for row in table.rows:
        found, wrong = _row(layout, row, identifier)
        issues += wrong
        first = seen.setdefault(found.identifier.casefold(), row.number) if found.identifier else row.number
        if first != row.number:
            issues.append(twice(FIELDS[identifier].name, found.identifier, row.number, first))
        elif found.identifier:
            wanted.append(found)
    return wanted, issues


def held(wanted: Wanted, stored: Known) -> tuple[Change, list[Issue]]:
    """Return what the row does to the participant of its identifier, and what only shows beside what is stored."""
    participant = stored.participants.get(wanted.identifier.casefold())
    price = stored.prices.get(wanted.price_code.casefold())
    issues = [*_price_issues(wanted, stored), *_code_issues(wanted, participant)]
    if participant is None:
        values: dict[str, Any] = {**wanted.fields, "details": list(wanted.details.items()), **_asked(price)}
        return Change(wanted.row, "create", "", 0, wanted.fields.get("name", wanted.identifier), values), issues
    values = changed({**_but(stored.contract.identifier, wanted.fields), "details": wanted.details.items()}, participant)
    if price and not has_code_at(price.id, stored.codes_of(participant)):
        values |= _asked(price)
    if len(_merged(participant, dict(values.get("details", ())))) > MOST_DETAILS:
        issues.append(issue(wanted.row, "", "", "too_many_details", TOO_MANY_DETAILS))
    doing = Change(
        wanted.row, "update" if values else "unchanged", participant.id, participant.version, participant.name or wanted.identifier, values
    )
    return doing, issues


def changed(values: Mapping[str, Any], participant: ContractParticipant) -> dict[str, Any]:
    """Return those of the fields and details that the participant does not have yet."""
    fields = {name: values[name] for name in FIELDS if values.get(name) and values[name] != getattr(participant, name)}
    have = {name.casefold(): value for name, value in participant.details}
    details = [[name, value] for name, value in values.get("details", ()) if have.get(name.casefold()) != value]
    return {**fields, **({"details": details} if details else {})}


def with_values(participant: ContractParticipant, values: Mapping[str, Any]) -> ContractParticipant:
    """Return the participant with these fields and details, whose names are read without case."""
    fields = {name: values[name] for name in FIELDS if values.get(name)}
    return replace(participant, **fields, details=tuple(_merged(participant, dict(values.get("details", ()))).items()))


def has_code_at(price: str, codes: Iterable[Code]) -> bool:
    """Whether one of the codes was made at this price and stands. A spent one counts, so that nobody gets a second one for nothing."""
    return any(code.price.id == price and not code.archived_at for code in codes)


def _but(identifier: Identifier, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields without the one that the participant was found by: only its capitals can differ."""
    return {name: value for name, value in fields.items() if name != identifier}


def _merged(participant: ContractParticipant, more: Mapping[str, str]) -> dict[str, str]:
    details = dict(participant.details)
    spelt = {name.casefold(): name for name in details}
    return details | {spelt.get(name.casefold(), name): value for name, value in more.items()}


def _asked(price: Price | None) -> dict[str, Any]:
    """Return the price as it was seen; the data have changed when it has."""
    return {"price": price.id, "price_code": price.code, "price_version": price.version} if price else {}


def _price_issues(wanted: Wanted, stored: Known) -> list[Issue]:
    if not wanted.price_code or wanted.price_code.casefold() in stored.prices:
        return []
    codes = ", ".join(price.code for price in stored.prices.values())
    return [
        issue(
            wanted.row, PRICE_CODE.name, wanted.price_code, "unknown_price_code", UNKNOWN_PRICE.format(codes=codes) if codes else NO_PRICES
        )
    ]


def _code_issues(wanted: Wanted, participant: ContractParticipant | None) -> list[Issue]:
    if not wanted.code or (participant and compared(wanted.code) in participant.codes):
        return []
    return [issue(wanted.row, INVITATION_CODE.name, wanted.code, "other_code", OTHER_CODE)]


def _named(table: Table, layout: Layout) -> list[Issue]:
    """Find columns that cannot be the names of details."""
    issues = [wrong for name in layout.others for wrong in read_cell(Column(name, Key), name, table.header.number)[1]]
    if len(layout.others) > MOST_DETAILS:
        issues.append(issue(table.header.number, "", "", "too_many_details", TOO_MANY_DETAILS))
    return issues


def _row(layout: Layout, row: Row, identifier: Identifier) -> tuple[Wanted, list[Issue]]:
    issues = list(of_shape(layout, row))
    read: dict[str, str] = {}
    for column in (CLIENT_ID, NAME, EMAIL, PRICE_CODE, INVITATION_CODE):
        text = layout.cell(row, column.name)
        read[column.name], wrong = read_cell(column, text, row.number) if text else ("", [])
        issues += wrong
    key = FIELDS[identifier]
    if not layout.cell(row, key.name):
        issues.append(missing(key, row.number))
    details = {}
    for name, place in layout.others.items():
        text = row.cell(place).strip()
        details[name], wrong = read_cell(Column(name, Value), text, row.number) if text else ("", [])
        issues += wrong
    return Wanted(
        row.number,
        identifier=read[key.name],
        fields={name: read[column.name] for name, column in FIELDS.items() if read[column.name]},
        details={name: value for name, value in details.items() if value},
        price_code=read[PRICE_CODE.name],
        code=read[INVITATION_CODE.name],
        sound=not issues,
    ), issues
