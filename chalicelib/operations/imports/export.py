"""The CSV export of a contract's participants, which can be imported again."""

from datetime import datetime

from chalicelib.operations.audit import record_act
from chalicelib.operations.headings import headings
from chalicelib.operations.imports.participants import stored_participants
from chalicelib.rules.contracts import ContractParticipant
from chalicelib.rules.csv_export import csv_text
from chalicelib.rules.imports.participants import StoredParticipants
from chalicelib.rules.inputs.contracts import COLUMNS
from chalicelib.tables import contracts
from chalicelib.tables.retries import own_deadline

PARTICIPANTS_CSV = "participants.csv"


def export_participants(org: str, contract_id: str, *, locale: str = "en", now: datetime) -> str:
    """Return the participants as CSV, by name, with their newest code and a column for each detail. Raises NotFound."""
    contract = contracts.get(org, contract_id)
    record_act(org, "participants.exported", contract.id, now=now)
    with own_deadline():
        stored = stored_participants(contract)
    people = sorted(stored.participants.values(), key=lambda one: (one.name.casefold(), one.id))
    details: dict[str, str] = {}
    for one in people:
        for name, _ in one.details:
            details.setdefault(name.casefold(), name)
    return csv_text(headings(COLUMNS, locale, details.values()), (_row(one, stored, list(details)) for one in people))


def _row(participant: ContractParticipant, stored: StoredParticipants, details: list[str]) -> list[str]:
    price_code, code = _newest(participant, stored)
    have = {name.casefold(): value for name, value in participant.details}
    return [participant.client_id, participant.name, participant.email, price_code, code, *(have.get(name, "") for name in details)]


def _newest(participant: ContractParticipant, stored: StoredParticipants) -> tuple[str, str]:
    """Return (price code, code) of the newest active code. The price code is empty if the price was deleted."""
    active = [code for code in stored.codes_of(participant) if not code.archived_at]
    if not active:
        return "", ""
    codes = {price.id: price.code for price in stored.prices.values()}
    return codes.get(active[-1].price.id, ""), active[-1].code
