"""Codes and batches, for staff."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.codes import Batch, Code, CodeState, Funnel, compared
from chalicelib.rules.contracts import Contract
from chalicelib.rules.jobs import Job
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes, contracts, jobs, registrations
from chalicelib.tables.items import Item

FILTERED_PAGES = 20
"""The most pages that a filter reads for one answer."""


class CodePage(NamedTuple):
    contract: Contract
    items: list[Code]
    next: Item | None


class BatchView(NamedTuple):
    """A batch, its counts by state, and the job that creates its codes, if any."""

    batch: Batch
    funnel: Funnel
    job: Job | None


class CodeView(NamedTuple):
    """A code, and the registrations that used it."""

    contract: Contract
    code: Code
    registrations: list[Registration]


def list_codes(
    org: str,
    contract_id: str,
    *,
    state: CodeState | None = None,
    batch: str = "",
    participant: str = "",
    now: datetime,
    limit: int,
    start: Item | None = None,
) -> CodePage:
    """Return a page of a contract's codes, latest first, filtered by state, batch and participant. Raises NotFound.

    A page may hold fewer than `limit` codes; there are more while `next` is set.
    """
    contract = contracts.get(org, contract_id)
    of_batch = codes.batch(org, contract_id, batch) if batch else None
    found: list[Code] = []
    for _ in range(FILTERED_PAGES):
        page, start = codes.page(org, contract_id, batch=of_batch, participant=participant, limit=limit - len(found), start=start)
        found += [code for code in page if state is None or code.state(now) == state]
        if not start or len(found) == limit:
            break
    return CodePage(contract, found, start)


def read_code(org: str, contract_id: str, typed: str) -> CodeView:
    """Return a code of the contract with its registrations, oldest first. Ignores case and hyphens. Raises NotFound."""
    code = of_contract(org, contract_id, typed)
    found = (registrations.find(org, use.session, id) for id, use in code.uses.items())
    used = sorted((registration for registration in found if registration), key=lambda registration: registration.created_at)
    return CodeView(contracts.get(org, contract_id), code, used)


def of_contract(org: str, contract_id: str, typed: str) -> Code:
    """Return the code. Raises NotFound, also for a code of another contract."""
    code = codes.get(org, compared(typed))
    if code.contract != contract_id:
        raise NotFound
    return code


def list_batches(org: str, contract_id: str) -> list[BatchView]:
    """Return the batches of a contract, latest first. Raises NotFound."""
    contracts.get(org, contract_id)
    return [_view(batch) for batch in codes.batches(org, contract_id)]


def read_batch(org: str, contract_id: str, batch_id: str) -> BatchView:
    """Return a batch. Raises NotFound."""
    return _view(codes.batch(org, contract_id, batch_id))


def _view(batch: Batch) -> BatchView:
    job = jobs.get(batch.org, batch.job) if batch.job else None
    reached = codes.count_by_stage(batch)
    made = min(job.done, batch.quantity) if job else batch.quantity
    funnel = Funnel(made=made, handed_out=reached["H"] + reached["R"], redeemed=reached["R"], cancelled=reached["C"])
    return BatchView(batch, funnel, job)
