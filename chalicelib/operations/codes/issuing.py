"""Making codes: a batch at once or as a job, and one for one participant."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.identity import derived
from chalicelib.rules.codes import MOST_AT_ONCE, Batch, Code, CodePrice, check_quantity, drawn, drawn_again
from chalicelib.rules.contracts import Contract, ContractParticipant, Price
from chalicelib.rules.drafts.codes import BatchDraft, ParticipantCodeDraft
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refusals import DoesNotFit, marked
from chalicelib.tables import codes, contracts

SEED_BYTES = 32
NO_SUCH_PRICE = ("/price", "unknown_price", marked("This contract has no such price. Choose one of its prices."))


class Generated(NamedTuple):
    """A batch with its codes, or with the job that makes them."""

    batch: Batch
    codes: list[Code]


def generate_codes(org: str, contract_id: str, draft: BatchDraft, *, by: str, key: str, now: datetime) -> Generated:
    """Make a batch of codes; many of them as a job. A retry under the same key is the same batch.

    Raises NotFound for an unknown contract, DoesNotFit for an unknown price, TooManyForWidth.
    """
    check_quantity(draft.quantity, draft.width)
    contract, price = with_price(org, contract_id, draft.price)
    batch = codes.begin_batch(_batch(contract, price, draft, by=by, key=key, now=now), contract, price)
    if not batch.job:
        return Generated(batch, list(_make(batch, first=0, count=batch.quantity)))
    jobs.start(_job(batch))
    return Generated(batch, [])


def make_codes(job: Job, items: Sequence[str], _now: datetime) -> list[Failure]:
    """Make the codes of one step of a batch's job; those that were made before are the same ones."""
    batch = codes.batch(job.org, str(job.data["contract"]), str(job.data["batch"]))
    _make(batch, first=int(items[0]), count=len(items))
    return []


def issue_code(
    org: str, contract_id: str, participant_id: str, draft: ParticipantCodeDraft, *, key: str, now: datetime
) -> tuple[Contract, Code]:
    """Make one code for a participant. A retry under the same key is the same code. Raises NotFound, DoesNotFit."""
    contract, price = with_price(org, contract_id, draft.price)
    participant = contracts.get_participant(org, contract_id, participant_id)
    code = Code(
        org=org,
        code="",
        contract=contract_id,
        price=CodePrice.of(price),
        created_at=now,
        left=1,
        participant=participant_id,
        note=draft.note,
        expires_at=draft.expires_at,
    )
    request = derived("code", org, contract_id, participant_id, key)
    return contract, codes.get(org, assign(code, contract, price, participant, width=draft.width, request=request, now=now))


def assign(
    code: Code, contract: Contract, price: Price, participant: ContractParticipant, *, width: int, request: str, now: datetime
) -> str:
    """Write a code of its own for a participant, drawing until it is one that there is not; return what is typed.

    The same request made again is the same code. Raises NotFound when contract, price or participant is gone.
    """
    while True:
        own = contract.prefix + next(drawn(secrets.token_bytes(SEED_BYTES), first=0, count=1, width=width))
        try:
            return codes.assign(replace(code, code=own), contract, price, participant, request=request, now=now)
        except codes.CodeExists:
            continue


def with_price(org: str, contract_id: str, price: str) -> tuple[Contract, Price]:
    """Return the contract and the price that somebody chose. Raises NotFound, and DoesNotFit when the contract has no such price."""
    contract, found = contracts.get_with_price(org, contract_id, price)
    if found is None:
        raise DoesNotFit([NO_SUCH_PRICE])
    return contract, found


def _batch(contract: Contract, price: Price, draft: BatchDraft, *, by: str, key: str, now: datetime) -> Batch:
    own = derived("batch", contract.org, contract.id, key)
    return Batch(
        org=contract.org,
        contract=contract.id,
        id=own,
        quantity=draft.quantity,
        width=draft.width,
        prefix=contract.prefix,
        price=CodePrice.of(price),
        seed=secrets.token_bytes(SEED_BYTES),
        created_at=now,
        by=by,
        max_redemptions=draft.max_redemptions,
        note=draft.note,
        expires_at=draft.expires_at,
        job=derived("codes", contract.org, own) if draft.quantity > MOST_AT_ONCE else "",
    )


def _job(batch: Batch) -> Job:
    return Job(
        org=batch.org,
        id=batch.job,
        kind="codes",
        total=batch.quantity,
        by=batch.by,
        created_at=batch.created_at,
        moved_at=batch.created_at,
        data={"contract": batch.contract, "batch": batch.id},
        counted=MOST_AT_ONCE,
    )


def _make(batch: Batch, *, first: int, count: int) -> list[Code]:
    """Write the codes of so many places and return them. A place whose code exists already, as somebody else's, is drawn for again."""
    blank = _blank(batch)
    made = [_placed(blank, place, own) for place, own in enumerate(drawn(batch.seed, first=first, count=count, width=batch.width), first)]
    instead = dict(_drawn_again(batch, blank, codes.store(made)))
    return [instead.get(code.place, code) for code in made]


def _drawn_again(batch: Batch, blank: Code, taken: Iterable[Code]) -> Iterable[tuple[int, Code]]:
    for code in taken:
        for attempt in count(1):
            other = _placed(blank, code.place, drawn_again(batch.seed, place=code.place, attempt=attempt, width=batch.width))
            if not codes.store([other]):
                yield code.place, other
                break


def _placed(blank: Code, place: int, own: str) -> Code:
    return replace(blank, place=place, code=blank.code + own)


def _blank(batch: Batch) -> Code:
    """Return what every code of the batch begins as: its prefix."""
    return Code(
        org=batch.org,
        code=batch.prefix,
        contract=batch.contract,
        price=batch.price,
        created_at=batch.created_at,
        left=batch.max_redemptions,
        max_redemptions=batch.max_redemptions,
        batch=batch.id,
        note=batch.note,
        expires_at=batch.expires_at,
    )
