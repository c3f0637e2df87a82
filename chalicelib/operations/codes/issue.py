"""Code generation: a small batch at once, a large one as a job, or one code for a participant."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import NamedTuple

from chalicelib.operations import jobs
from chalicelib.operations.figures.codes import days_of
from chalicelib.operations.identity import derived
from chalicelib.rules.code_generation import check_quantity, generate_from_seed, replacement_code
from chalicelib.rules.codes import MOST_AT_ONCE, Batch, Code, CodePrice
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.inputs.codes import BatchInput, ParticipantCodeInput
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables import codes, contracts

SEED_BYTES = 32
NO_SUCH_PRICE = ("/price", "unknown_price", N_("This contract has no such price. Choose one of its prices."))


class IssuedBatch(NamedTuple):
    """A batch with its codes. A large batch has none yet: a job creates them."""

    batch: Batch
    codes: list[Code]


def generate_codes(org: str, contract_id: str, draft: BatchInput, *, by: str, key: str, now: datetime) -> IssuedBatch:
    """Create a batch of codes, a large one by a job. A retry with the same key returns the same batch.

    Raises NotFound for an unknown contract, ValidationFailed for an unknown price, TooManyForWidth if codes of this
    width are too few for the quantity.
    """
    check_quantity(draft.quantity, draft.width)
    contract, price, zone = with_price(org, contract_id, draft.price)
    new = _batch(contract, price, draft, by=by, key=key, now=now)
    batch = codes.begin_batch(new, contract, price, dict.fromkeys(days_of(_blank(new), zone), new.quantity))
    if not batch.job:
        blank, texts = _blank(batch), _make(batch, first=0, count=batch.quantity)
        return IssuedBatch(batch, [replace(blank, number=number, code=text) for number, text in texts.items()])
    jobs.start(_job(batch))
    return IssuedBatch(batch, [])


def make_codes(job: Job, items: Sequence[str], _now: datetime) -> list[Failure]:
    """Create the codes of one step of a batch's job. A repeated step creates the same codes."""
    batch = codes.batch(job.org, str(job.data["contract"]), str(job.data["batch"]))
    _make(batch, first=int(items[0]), count=len(items))
    return []


def issue_code(
    org: str, contract_id: str, participant_id: str, draft: ParticipantCodeInput, *, key: str, now: datetime
) -> tuple[Contract, Code]:
    """Create a code for a participant and return it with its contract. A retry with the same key returns the same code.

    Raises NotFound, ValidationFailed for an unknown price."""
    contract, price, zone = with_price(org, contract_id, draft.price)
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
    return contract, codes.get(org, assign(code, contract, price, participant, width=draft.width, request=request, zone=zone, now=now))


def assign(
    code: Code,
    contract: Contract,
    price: ContractPrice,
    participant: ContractParticipant,
    *,
    width: int,
    request: str,
    zone: str,
    now: datetime,
) -> str:
    """Store a new code for a participant and return its text. Draws again while the code exists already. `zone` is the organisation's.

    A retry with the same `request` returns the same code. Raises NotFound if contract, price or participant was deleted.
    """
    counted = dict.fromkeys(days_of(code, zone), 1)
    while True:
        code_id = contract.prefix + next(generate_from_seed(secrets.token_bytes(SEED_BYTES), first=0, count=1, width=width))
        try:
            return codes.assign(replace(code, code=code_id), contract, price, participant, counted, request=request, now=now)
        except codes.CodeExists:
            continue


def with_price(org: str, contract_id: str, price: str) -> tuple[Contract, ContractPrice, str]:
    """Return the contract, its price with this id, and the organisation's time zone.

    Raises NotFound, ValidationFailed if the contract has no such price.
    """
    contract, found, zone = contracts.get_with_price(org, contract_id, price)
    if found is None:
        raise ValidationFailed([NO_SUCH_PRICE])
    return contract, found, zone


def _batch(contract: Contract, price: ContractPrice, draft: BatchInput, *, by: str, key: str, now: datetime) -> Batch:
    id = derived("batch", contract.org, contract.id, key)
    return Batch(
        org=contract.org,
        contract=contract.id,
        id=id,
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
        job=derived("codes", contract.org, id) if draft.quantity > MOST_AT_ONCE else "",
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


def _make(batch: Batch, *, first: int, count: int) -> dict[int, str]:
    """Store `count` codes from number `first` on and return their texts. A number whose code exists already gets a new draw."""
    blank = _blank(batch)
    texts = {
        number: blank.code + text
        for number, text in enumerate(generate_from_seed(batch.seed, first=first, count=count, width=batch.width), first)
    }
    for number in codes.store(blank, texts):
        texts[number] = _drawn_again(batch, blank, number)
    return texts


def _drawn_again(batch: Batch, blank: Code, number: int) -> str:
    for attempt in count(1):
        text = blank.code + replacement_code(batch.seed, number=number, attempt=attempt, width=batch.width)
        if not codes.store(blank, {number: text}):
            break
    return text


def _blank(batch: Batch) -> Code:
    """Return the template of the batch's codes: its text is the prefix only."""
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
