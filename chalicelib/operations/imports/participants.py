"""The import of a contract's participants, with a code for each at the price in the file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.operations.codes import issue_code
from chalicelib.operations.identity import derived
from chalicelib.rules.codes import Code
from chalicelib.rules.contracts import Contract, ContractParticipant, ParticipantExists
from chalicelib.rules.imports import participants as rules
from chalicelib.rules.imports.csv_reader import Sheet
from chalicelib.rules.imports.imports import Comparison, Import, RowChange
from chalicelib.rules.inputs.codes import ParticipantCodeInput
from chalicelib.rules.inputs.contracts import COLUMNS
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.tables import codes, contracts

GONE, CHANGED = "gone", "changed_meanwhile"
ATTEMPTS = 5
MOST_AT_ONCE = 100


class ParticipantImport:
    columns = COLUMNS

    def compare(self, made: Import, sheet: Sheet) -> Comparison:
        contract = contracts.get(made.org, made.contract)
        wanted, issues = rules.check(sheet, contract.identifier)
        stored = stored_participants(contract)
        held = [(row, *rules.compare(row, stored)) for row in wanted]
        late = [issue for _, _, found in held for issue in found]
        return Comparison([change for row, change, found in held if row.sound and not found], issues + late)

    def apply(self, made: Import, change: RowChange, now: datetime) -> str:
        """Write the participant, then issue the code. A repeated step issues the code that an interrupted one left out."""
        for _ in range(ATTEMPTS):
            try:
                participant = _create(made, change) if change.action == "create" else _update(made, change)
                if participant is None:
                    return CHANGED
                return _give_code(made, change, participant, now)
            except ChangedMeanwhile:
                continue
            except (NotFound, ValidationFailed):
                return GONE
        return CHANGED


PARTICIPANTS = ParticipantImport()


def stored_participants(contract: Contract) -> rules.StoredParticipants:
    """Return the contract's prices, participants and their codes, to which a file may refer."""
    people = list(contracts.participants(contract.org, contract.id))
    issued = every_code(contract.org, (id for one in people for id in one.codes))
    return rules.indexed(contract, contracts.prices(contract.org, contract.id), people, issued)


def every_code(org: str, wanted: Iterator[str]) -> Iterator[Code]:
    """Yield these codes, read 100 at a time."""
    while some := list(islice(wanted, MOST_AT_ONCE)):
        yield from codes.find(org, some)


def with_codes(made: Import, changes: Sequence[RowChange]) -> list[tuple[RowChange, ContractParticipant]]:
    """Return each of up to 100 rows with its participant as stored now, without deleted ones."""
    ids = {change.row: change.id or _id_of(made, change) for change in changes}
    found = {one.id: one for one in contracts.find_participants(made.org, made.contract, ids.values())}
    return [(change, found[ids[change.row]]) for change in changes if ids[change.row] in found]


def _create(made: Import, change: RowChange) -> ContractParticipant | None:
    """Add and return the participant of a row; None if another one with the same identifier exists. Safe to repeat."""
    contract = contracts.get(made.org, made.contract)
    id = _id_of(made, change)
    new = rules.with_values(ContractParticipant(made.org, made.contract, id), change.values)
    try:
        contracts.create_participant(contract, new)
    except ParticipantExists:
        return None
    return contracts.get_participant(made.org, made.contract, id) if "price" in change.values else new


def _id_of(made: Import, change: RowChange) -> str:
    """Return the id of the participant that a row adds, the same in each attempt."""
    return derived("imported", made.org, made.id, str(change.row))


def _update(made: Import, change: RowChange) -> ContractParticipant | None:
    """Update and return the participant; None if they changed since the check. A repeated step finds the update done."""
    was = contracts.get_participant(made.org, made.contract, change.id)
    pending = rules.changed(change.values, was)
    if not pending:
        return was
    if was.version != change.version:
        return None
    return contracts.save_participant(contracts.get(made.org, made.contract), rules.with_values(was, pending), was=was)


def _give_code(made: Import, change: RowChange, participant: ContractParticipant, now: datetime) -> str:
    """Issue the row's code, unless the participant has one at that price, and return why it failed.

    Imports that were checked against the same version of the participant issue the same code.
    """
    price = change.values.get("price")
    if not price or rules.has_code_at(price, every_code(made.org, iter(participant.codes))):
        return ""
    if participant.version != _version_after(change):
        return CHANGED
    draft = ParticipantCodeInput(width=made.width, price=price)
    issue_code(made.org, made.contract, participant.id, draft, key=f"import#{price}#{change.version}", now=now)
    return ""


def _version_after(change: RowChange) -> int:
    """Return the participant's version after the row was written."""
    written = change.values.keys() - {"price", "price_code", "price_version"}
    return 1 if change.action == "create" else change.version + bool(written)
