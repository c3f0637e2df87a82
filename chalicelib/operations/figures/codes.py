"""Counts the invitation codes of an organisation that were made and handed out, from the codes themselves."""

from collections import Counter

from chalicelib.rules import times
from chalicelib.rules.codes import Code
from chalicelib.tables import codes, contracts, figures, organisations
from chalicelib.tables.items import Item

PAGE = 1000
ATTEMPTS = 5


def recount_codes(org: str) -> None:
    """Count the codes of all contracts. Reads every code: for data of an earlier version, and by command."""
    zone = organisations.get(org).time_zone
    for contract in contracts.every(org):
        for _ in range(ATTEMPTS):
            seen = figures.code_versions(org, contract.id)
            if figures.write_codes(org, contract.id, _counted(org, contract.id, zone), seen):
                break


def _counted(org: str, contract: str, zone: str) -> Counter[figures.CodeDay]:
    found: Counter[figures.CodeDay] = Counter()
    start: Item | None = None
    while True:
        page, start = codes.page(org, contract, limit=PAGE, start=start)
        for code in page:
            found.update(days_of(code, zone))
        if not start:
            return found


def counted_change(was: Code | None, became: Code | None) -> figures.CodeCounts:
    """Return what a change of a code adds to the counters."""
    org = (was or became).org  # type: ignore[union-attr]
    zone = organisations.get(org).time_zone
    found: Counter[figures.CodeDay] = Counter(days_of(became, zone) if became else [])
    found.subtract(days_of(was, zone) if was else [])
    return found


def days_of(code: Code, zone: str) -> list[figures.CodeDay]:
    """Return the days on which a code was made and handed out. A participant's code is handed out when it is made."""
    handed_out_at = code.handed_out_at or (code.created_at if code.participant else None)
    made = figures.CodeDay("made", times.local(code.created_at, zone).date(), code.price.currency)
    if not handed_out_at:
        return [made]
    return [made, made._replace(what="handed_out", day=times.local(handed_out_at, zone).date())]
