"""A contract's participants as a table that can be filled in and uploaded again."""

from chalicelib.operations.imports.participants import known
from chalicelib.rules.contracts import ContractParticipant
from chalicelib.rules.csv_cells import written
from chalicelib.rules.drafts.contracts import COLUMNS
from chalicelib.rules.imports.participants import Known
from chalicelib.tables import contracts
from chalicelib.tables.requests import own_patience

PARTICIPANTS_CSV = "participants.csv"


def export_participants(org: str, contract_id: str) -> str:
    """Return the participants by name as CSV, each their newest code, and a column for every detail that there is. Raises NotFound."""
    with own_patience():
        stored = known(contracts.get(org, contract_id))
    people = sorted(stored.participants.values(), key=lambda one: (one.name.casefold(), one.id))
    details: dict[str, str] = {}
    for one in people:
        for name, _ in one.details:
            details.setdefault(name.casefold(), name)
    return written([*COLUMNS, *details.values()], (_row(one, stored, list(details)) for one in people))


def _row(participant: ContractParticipant, stored: Known, details: list[str]) -> list[str]:
    price_code, code = _newest(participant, stored)
    have = {name.casefold(): value for name, value in participant.details}
    return [participant.client_id, participant.name, participant.email, price_code, code, *(have.get(name, "") for name in details)]


def _newest(participant: ContractParticipant, stored: Known) -> tuple[str, str]:
    """Return the price code, empty when there is no such price any more, and the code."""
    standing = [code for code in stored.codes_of(participant) if not code.archived_at]
    if not standing:
        return "", ""
    codes = {price.id: price.code for price in stored.prices.values()}
    return codes.get(standing[-1].price.id, ""), standing[-1].code
