"""Importing a contract's participants, each with a code at the price that the file names."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.operations.codes import issue_code
from chalicelib.operations.identity import derived
from chalicelib.rules.codes import Code
from chalicelib.rules.contracts import Contract, ContractParticipant, ParticipantExists
from chalicelib.rules.drafts.codes import ParticipantCodeDraft
from chalicelib.rules.imports import participants as rules
from chalicelib.rules.imports.imports import Change, Comparison, Import
from chalicelib.rules.imports.reading import Table
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit, NotFound
from chalicelib.tables import codes, contracts

GONE, CHANGED = "gone", "changed_meanwhile"
ATTEMPTS = 5
MOST_AT_ONCE = 100


class ImportingParticipants:
    def compare(self, made: Import, table: Table) -> Comparison:
        contract = contracts.get(made.org, made.contract)
        wanted, issues = rules.check(table, contract.identifier)
        stored = known(contract)
        held = [(row, *rules.held(row, stored)) for row in wanted]
        late = [issue for _, _, found in held for issue in found]
        return Comparison([change for row, change, found in held if row.sound and not found], issues + late)

    def apply(self, made: Import, change: Change, now: datetime) -> str:
        """Write the participant, then make the code. Dying in between leaves a participant, for whom the next try makes it."""
        for _ in range(ATTEMPTS):
            try:
                participant = _create(made, change) if change.doing == "create" else _update(made, change)
                if participant is None:
                    return CHANGED
                return _give_code(made, change, participant, now)
            except ChangedMeanwhile:
                continue
            except (NotFound, DoesNotFit):
                return GONE
        return CHANGED


PARTICIPANTS = ImportingParticipants()


def known(contract: Contract) -> rules.Known:
    """Return all that is stored under the contract and that a file can refer to."""
    people = list(contracts.participants(contract.org, contract.id))
    issued = every_code(contract.org, (own for one in people for own in one.codes))
    return rules.known(contract, contracts.prices(contract.org, contract.id), people, issued)


def every_code(org: str, wanted: Iterator[str]) -> Iterator[Code]:
    """Return these codes, a hundred at a time."""
    while some := list(islice(wanted, MOST_AT_ONCE)):
        yield from codes.find(org, some)


def with_codes(made: Import, changes: Sequence[Change]) -> list[tuple[Change, ContractParticipant]]:
    """Return the participants of up to a hundred rows as they are now, with the codes that they have. Those who are gone are left out."""
    owns = {change.row: change.thing or _own(made, change) for change in changes}
    found = {one.id: one for one in contracts.find_participants(made.org, made.contract, owns.values())}
    return [(change, found[owns[change.row]]) for change in changes if owns[change.row] in found]


def _create(made: Import, change: Change) -> ContractParticipant | None:
    """Add the participant of a row; None when somebody else added one meanwhile. One that an earlier try added is that one."""
    contract = contracts.get(made.org, made.contract)
    own = _own(made, change)
    new = rules.with_values(ContractParticipant(made.org, made.contract, own), change.values)
    try:
        contracts.create_participant(contract, new)
    except ParticipantExists:
        return None
    return contracts.get_participant(made.org, made.contract, own) if "price" in change.values else new


def _own(made: Import, change: Change) -> str:
    """Return the id of the participant that a row adds."""
    return derived("imported", made.org, made.id, str(change.row))


def _update(made: Import, change: Change) -> ContractParticipant | None:
    """Change the participant as it was seen; None when it is another by now. One who has all of it was changed by an earlier try."""
    was = contracts.get_participant(made.org, made.contract, change.thing)
    pending = rules.changed(change.values, was)
    if not pending:
        return was
    if was.version != change.version:
        return None
    return contracts.save_participant(contracts.get(made.org, made.contract), rules.with_values(was, pending), was=was)


def _give_code(made: Import, change: Change, participant: ContractParticipant, now: datetime) -> str:
    """Make the code that the row asks for, unless there is one at that price by now.

    Imports that saw the same participant make the same code.
    """
    price = change.values.get("price")
    if not price or rules.has_code_at(price, every_code(made.org, iter(participant.codes))):
        return ""
    if participant.version != _version_after(change):
        return CHANGED
    draft = ParticipantCodeDraft(width=made.width, price=price)
    issue_code(made.org, made.contract, participant.id, draft, key=f"import#{price}#{change.version}", now=now)
    return ""


def _version_after(change: Change) -> int:
    """Return the version that the participant has once the row's fields and details are written."""
    written = change.values.keys() - {"price", "price_code", "price_version"}
    return 1 if change.doing == "create" else change.version + bool(written)
