"""Codes of a contract: the third tab, with the batches that they were made in, and all of them as a file."""

from typing import Any, get_args

from chalicelib.operations import codes, contracts
from chalicelib.operations.codes import CodePage, Exported
from chalicelib.pages import downloads
from chalicelib.pages.answers import Answer, Elsewhere, Redirect
from chalicelib.pages.contracts import frame
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.paths import written
from chalicelib.rules.codes import Code, State
from chalicelib.rules.contracts import ContractParticipant
from chalicelib.rules.refusals import NotFound
from chalicelib.web import cursors

CODES = frame.CONTRACT + "/codes"
CODE = CODES + "/{code}"
FILTERS = ("state", "batch", "participant")
SHOWN = 50


@page("GET", CODES, who=Staff("viewer"))
def list_codes(visit: Visit) -> Answer:
    """Show batches and codes; a search for a code leads to that code."""
    q = visit.call.query.get("q", "").strip()
    one = sought(visit, q) if q else None
    if one:
        return Redirect(written(CODE, org=visit.org, contract=one.contract, code=one.code))
    asked = _filters(visit)
    found = codes.list_codes(
        visit.org,
        visit["contract"],
        **asked,
        now=visit.call.now,
        limit=SHOWN,
        start=cursors.opened(visit.call.query.get("cursor"), of=_list(visit, asked)),
    )
    return frame.tab(visit, "contracts/codes.html", **_shown(visit, found, asked, q=q))


@page("GET", frame.CONTRACT + "/codes.csv", who=Staff("viewer"))
def codes_csv(visit: Visit) -> Answer:
    return table(visit, codes.export_codes(visit.org, visit["contract"], by=visit.by, now=visit.call.now))


def table(visit: Visit, found: Exported) -> Answer:
    """Return a table of codes, lead to where it is fetched from, or to the job that makes it first."""
    if found.job:
        return Redirect(f"/o/{visit.org}/jobs/{found.job}")
    return Elsewhere(found.link) if found.link else downloads.table(visit.org, found.text, "codes.csv")


def sought(visit: Visit, typed: str) -> Code | None:
    """Return the code of this contract that somebody means, however typed, with its prefix or without."""
    contract = contracts.read_contract(visit.org, visit["contract"])
    for own in (typed, contract.prefix + typed):
        try:
            return codes.read_code(visit.org, contract.id, own).code
        except NotFound:
            continue
    return None


def people(visit: Visit, found: list[Code]) -> dict[str, ContractParticipant]:
    """Return the participants whose codes these are, by id."""
    return contracts.find_participants(visit.org, visit["contract"], (code.participant for code in found if code.participant))


def _shown(visit: Visit, found: CodePage, asked: dict[str, Any], *, q: str) -> dict[str, Any]:
    """Return what the tab shows; the batches only above the first page of all codes."""
    first = "cursor" not in visit.call.query
    return {
        "q": q,
        "asked": asked,
        "codes": found.items,
        "more": cursors.sealed(found.next, of=_list(visit, asked)),
        "first": first,
        "batches": codes.list_batches(visit.org, visit["contract"]) if first and not (q or any(asked.values())) else [],
        "people": people(visit, found.items),
        "prices": contracts.list_prices(visit.org, visit["contract"]),
        "states": get_args(State),
    }


def _filters(visit: Visit) -> dict[str, Any]:
    asked: dict[str, Any] = {name: visit.call.query.get(name, "") for name in FILTERS}
    return {**asked, "state": asked["state"] if asked["state"] in get_args(State) else None}


def _list(visit: Visit, asked: dict[str, Any]) -> str:
    """Return what tells this list of codes from others."""
    return "#".join(["codes", visit.org, visit["contract"], *(asked[name] or "" for name in FILTERS)])
