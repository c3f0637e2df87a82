"""P1, P7 and P8 for invitation codes: drawing compared with raw random bytes, storing compared with bare transactions of the same items."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from statistics import mean, median

from bench.counting import counting
from bench.figures import Figure, at_least, at_most
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import codes, contracts
from chalicelib.rules.code_generation import generate_from_seed
from chalicelib.rules.codes import Batch, Code, CodePrice
from chalicelib.rules.contracts import ContractPrice
from chalicelib.rules.inputs.codes import BatchInput
from chalicelib.rules.inputs.contracts import ContractInput, PriceInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.jobs import Job
from chalicelib.tables.codes.rows import code_item

DRAWN = 100_000
WIDTH = 10
STEP = 1_000
IN_A_TRANSACTION = 100
ROUNDS = 3


def figures() -> Iterator[Figure]:
    session_id = session(50)
    at = _price(session_id)
    yield from _requests(at, session_id)
    yield at_most("P7", f"{DRAWN:,} codes drawn: time to raw random bytes in bulk".replace(",", " "), median(_drawing()), 3, "×")
    yield at_least("P7", "codes stored: our rate to bare transactions of 100", median(_storing(at)), 0.9, "×")
    times, cpu = zip(*_growth(at), strict=True)
    yield at_most("P8", "codes: time of 10 000 to time of 1 000", median(times), 11, "×")
    yield at_most("P8", "codes: our processor time of 10 000 to that of 1 000", median(cpu), 11, "×")


def _requests(at: ContractPrice, session_id: str) -> Iterator[Figure]:
    with counting() as made:
        generated = _generate(at, STEP)
    yield at_most("P1", "generate 1 000 codes: requests", made.requests, 12, "requests")
    draft = registration_with(generated.codes[0].code)
    with counting() as booked:
        codes.book(ORG, session_id, draft, locale="en", key=uuid.uuid4().hex, source="192.0.2.1", now=now())
    yield at_most("P1", "book with a code: requests", booked.requests, 4, "requests")
    yield Figure("P1", "book with a code: computed units", booked.write_units, f"WCU, {booked.read_units:g} RCU")


def codes_for(session_id: str, quantity: int) -> list[str]:
    """Generate codes at a price of the session."""
    return [code.code for code in _generate(_price(session_id, prefix="R"), quantity).codes]


def registration_with(code: str) -> RegistrationInput:
    """Return the form of somebody new who books with a code."""
    email, people = f"{uuid.uuid4().hex}@example.org", [ParticipantInput(name="Kim")]
    return RegistrationInput(email=email, name="A Client", participants=people, invitation_code=code)


def _drawing() -> Iterator[float]:
    seed = os.urandom(32)
    for _ in range(ROUNDS):
        ours = _seconds(lambda: [list(generate_from_seed(seed, first=first, count=STEP, width=WIDTH)) for first in range(0, DRAWN, STEP)])
        yield ours / _seconds(lambda: [_raw() for _ in range(0, DRAWN, STEP)])


def _raw() -> list[bytes]:
    """Return the random bytes of STEP codes, in pieces of one code each."""
    bulk = os.urandom(STEP * WIDTH)
    return [bulk[start : start + WIDTH] for start in range(0, len(bulk), WIDTH)]


def _storing(at: ContractPrice) -> Iterator[float]:
    for _ in range(ROUNDS):
        items = [code_item(_code(at)) for _ in range(STEP)]
        bare = _seconds(lambda items=items: _store_bare(items))  # type: ignore[misc]
        yield bare / _seconds(*_steps(at, 1))


def _store_bare(items: list[dict[str, object]]) -> None:
    table = config().codes_table
    for first in range(0, len(items), IN_A_TRANSACTION):
        puts = [
            {"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
            for item in items[first : first + IN_A_TRANSACTION]
        ]
        clients.dynamodb().transact_write_items(TransactItems=puts)  # type: ignore[arg-type]


def _growth(at: ContractPrice) -> Iterator[tuple[float, float]]:
    """Yield the ratio of ten steps to one step, per round: in elapsed time, and in the processor time of this process.

    One step is the mean of ten that begin a batch of their own, each beside one of the ten, so that whatever else the computer or the
    database does meets both.
    """
    for _ in range(ROUNDS):
        pairs = [(_both(step), _both(*_steps(at, 1))) for step in _steps(at, 10)]
        seconds, cpu = (sum(ten[of] for ten, _ in pairs) / mean(one[of] for _, one in pairs) for of in (0, 1))
        yield seconds, cpu


def _steps(at: ContractPrice, steps: int) -> list[Callable[[], object]]:
    """Return functions that each run a step of a job that generates codes, from the second thousand on."""
    begun = _generate(at, 1)
    job = Job(org=ORG, id="bench", kind="codes", total=steps, by="bench", created_at=now(), moved_at=now(), data=_data(begun.batch))
    items = [[str(index) for index in range(first, first + STEP)] for first in range(STEP, (steps + 1) * STEP, STEP)]
    return [partial(codes.make_codes, job, step, now()) for step in items]


def _data(batch: Batch) -> dict[str, str]:
    return {"contract": batch.contract, "batch": batch.id}


def _price(session_id: str, prefix: str = "B") -> ContractPrice:
    contract = contracts.create_contract(ORG, ContractInput(name="Bench", client="Bench", prefix=prefix), key=f"bench {prefix}", now=now())
    draft = PriceInput.model_validate(
        {"code": "STD", "label": "Standard", "price": {"amount": 100, "currency": "EUR"}, "session": session_id}
    )
    return contracts.create_price(ORG, contract.id, draft, key="bench")


def _generate(at: ContractPrice, quantity: int) -> codes.IssuedBatch:
    draft = BatchInput(quantity=quantity, width=WIDTH, price=at.id)
    return codes.generate_codes(ORG, at.contract, draft, by="bench", key=uuid.uuid4().hex, now=now())


def _code(at: ContractPrice) -> Code:
    code = f"B{uuid.uuid4().hex[:WIDTH].upper()}"
    return Code(org=ORG, code=code, contract=at.contract, price=CodePrice.of(at), created_at=now(), left=1, batch="bare")


def _both(do: Callable[[], object]) -> tuple[float, float]:
    """Return the elapsed seconds, and the processor seconds of this process."""
    began = time.process_time()
    seconds = _seconds(do)
    return seconds, time.process_time() - began


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
