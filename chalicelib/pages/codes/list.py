"""The codes tab of a contract: batches, codes, and the CSV export."""

from typing import Any, get_args

from chalicelib.operations import codes, contracts
from chalicelib.operations.codes import CodePage
from chalicelib.pages import downloads
from chalicelib.pages.contracts import layout
from chalicelib.pages.paths import written
from chalicelib.pages.responses import PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.codes import Code, CodeState
from chalicelib.rules.contracts import ContractParticipant
from chalicelib.rules.refusals import NotFound
from chalicelib.web import cursors
from chalicelib.web.audience import Staff

CODES = layout.CONTRACT + "/codes"
CODE = CODES + "/{code}"
FILTERS = ("state", "batch", "participant")
SHOWN = 50


@page("GET", CODES, who=Staff("read"))
def list_codes(visit: Visit) -> PageResponse:
    """Show batches and codes. A search that matches a code redirects to its page."""
    q = visit.call.query.get("q", "").strip()
    one = searched_code(visit, q) if q else None
    if one:
        return Redirect(written(CODE, org=visit.org, contract=one.contract, code=one.code))
    filters = _filters(visit)
    found = codes.list_codes(
        visit.org,
        visit["contract"],
        **filters,
        now=visit.call.now,
        limit=SHOWN,
        start=cursors.start_key_of(visit.call.query.get("cursor"), of=_list(visit, filters)),
    )
    return layout.tab(visit, "codes/codes.html", **_shown(visit, found, filters, q=q))


@page("GET", layout.CONTRACT + "/codes.csv", who=Staff("read"))
def codes_csv(visit: Visit) -> PageResponse:
    found = codes.export_codes(visit.org, visit["contract"], by=visit.by, locale=visit.language, now=visit.call.now)
    return downloads.exported(visit.org, found, "codes.csv")


def searched_code(visit: Visit, typed: str) -> Code | None:
    """Return the contract's code that a search text names, with the contract's prefix or without it; None if there is none."""
    contract = contracts.read_contract(visit.org, visit["contract"])
    for id in (typed, contract.prefix + typed):
        try:
            return codes.read_code(visit.org, contract.id, id).code
        except NotFound:
            continue
    return None


def participants_of(visit: Visit, found: list[Code]) -> dict[str, ContractParticipant]:
    """Return the participants of these codes, by id."""
    return contracts.find_participants(visit.org, visit["contract"], (code.participant for code in found if code.participant))


def _shown(visit: Visit, found: CodePage, filters: dict[str, Any], *, q: str) -> dict[str, Any]:
    """Return the data of the tab. Batches are listed only on the first page, and only without a filter or search."""
    first = "cursor" not in visit.call.query
    return {
        "q": q,
        "filters": filters,
        "codes": found.items,
        "more": cursors.cursor_of(found.next, of=_list(visit, filters)),
        "first": first,
        "batches": codes.list_batches(visit.org, visit["contract"]) if first and not (q or any(filters.values())) else [],
        "people": participants_of(visit, found.items),
        "prices": contracts.list_prices(visit.org, visit["contract"]),
        "states": get_args(CodeState),
    }


def _filters(visit: Visit) -> dict[str, Any]:
    filters: dict[str, Any] = {name: visit.call.query.get(name, "") for name in FILTERS}
    return {**filters, "state": filters["state"] if filters["state"] in get_args(CodeState) else None}


def _list(visit: Visit, filters: dict[str, Any]) -> str:
    """Return the identity of this list (organisation, contract and filters), to which its cursors are bound."""
    return "#".join(["codes", visit.org, visit["contract"], *(filters[name] or "" for name in FILTERS)])
