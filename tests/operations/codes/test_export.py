"""Many codes become a file step by step, however often steps die; few are answered at once."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import codes, contracts, exports, jobs, organisations
from chalicelib.rules.contracts import Contract, ContractPrice
from chalicelib.rules.inputs.codes import BatchInput, ParticipantCodeInput
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.tables import export_files
from chalicelib.tables import jobs as job_rows
from tests.operations.faults import inject_crashes
from tests.operations.simulated_aws import Crashes
from tests.operations.simulated_queue import Sqs, Worker

FEW = 4


@pytest.fixture
def contract(bucket: str, now: datetime) -> Contract:
    organisations.create("demo", "Demo", now=now)
    return contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="AC"), key="k", now=now)


@pytest.fixture
def price(contract: Contract) -> ContractPrice:
    draft = PriceInput.model_validate({"code": "STD", "label": "Standard", "price": {"amount": 1000, "currency": "EUR"}, "tag": "judo"})
    return contracts.create_price("demo", contract.id, draft, key="k")


@pytest.fixture
def batch(price: ContractPrice, now: datetime) -> Callable[[int], str]:
    def made(quantity: int) -> str:
        draft = BatchInput(quantity=quantity, width=8, price=price.id)
        return codes.generate_codes("demo", price.contract, draft, by="m", key=str(quantity), now=now).batch.id

    return made


@pytest.fixture
def codes_for(price: ContractPrice, now: datetime) -> Callable[[int], None]:
    """`codes_for(3)` makes a code for each of three participants."""

    def made(people: int) -> None:
        for number in range(people):
            draft = ContractParticipantInput(client_id=f"E-{number}", name="Ana")
            one = contracts.add_participant("demo", price.contract, draft, key=str(number))
            codes.issue_code("demo", price.contract, one.id, ParticipantCodeInput(width=8, price=price.id), key="k", now=now)

    return made


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Worker:
    """A request has time for so few codes, and so has a step."""
    monkeypatch.setattr(exports, "AT_ONCE", FEW)
    sqs = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    return Worker(sqs, now)


def fetched(link: str) -> str:
    key = link.partition("?")[0].partition(".amazonaws.com/")[2]
    return clients.s3().get_object(Bucket=config().imports_bucket, Key=key)["Body"].read().decode()


def at_once(contract: Contract, monkeypatch: pytest.MonkeyPatch, now: datetime, batch: str = "") -> str:
    with monkeypatch.context() as patient:
        patient.setattr(exports, "AT_ONCE", 1_000)
        return codes.export_codes("demo", contract.id, batch=batch, by="m", now=now + 2 * exports.FRESH).text


def test_few_codes_are_answered_at_once(contract: Contract, worker: Worker, batch: Callable[[int], str], now: datetime) -> None:
    batch(FEW)
    found = codes.export_codes("demo", contract.id, by="m", now=now)
    assert (len(found.text.splitlines()), found.job, found.link) == (FEW + 1, "", "")


@pytest.mark.parametrize("seed", range(4))
def test_many_are_the_same_table_wherever_its_steps_die(
    contract: Contract,
    worker: Worker,
    batch: Callable[[int], str],
    codes_for: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
    seed: int,
) -> None:
    batch(2)
    batch(7)
    codes_for(6)
    job = codes.export_codes("demo", contract.id, by="m", now=now).job
    assert codes.export_codes("demo", contract.id, by="n", now=now + timedelta(minutes=1)).job == job
    worker.dice, worker.repeats = random.Random(seed), 0.3
    with monkeypatch.context() as patch:
        steps = {"keep": (export_files, "keep"), "join": (export_files, "join"), "progress": (job_rows, "save")}
        inject_crashes(patch, Crashes(0.15, random.Random(seed)), steps)
        worker.work()
    while jobs.read_job("demo", job).status != "done":
        worker.deliver(f'{{"org": "demo", "job": "{job}"}}')
        worker.work()
    done = jobs.read_job("demo", job)
    assert (done.done, done.total, done.failures) == (15, 15, ())
    found = codes.export_codes("demo", contract.id, by="m", now=now)
    assert fetched(found.link) == at_once(contract, monkeypatch, now)
    assert len(fetched(found.link).splitlines()) == 16


def test_a_batch_has_a_file_of_its_own(
    contract: Contract, worker: Worker, batch: Callable[[int], str], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    batch(5)
    own = batch(9)
    codes.export_codes("demo", contract.id, by="m", now=now)
    codes.export_codes("demo", contract.id, batch=own, by="m", now=now)
    worker.work()
    text = fetched(codes.export_codes("demo", contract.id, batch=own, by="m", now=now).link)
    assert text == at_once(contract, monkeypatch, now, own)
    assert len(text.splitlines()) == 10


def test_codes_of_participants_are_many_too(contract: Contract, worker: Worker, codes_for: Callable[[int], None], now: datetime) -> None:
    codes_for(FEW + 1)
    job = codes.export_codes("demo", contract.id, by="m", now=now).job
    worker.work()
    assert jobs.read_job("demo", job).done == FEW + 1
    assert len(fetched(codes.export_codes("demo", contract.id, by="m", now=now).link).splitlines()) == FEW + 2


def test_a_file_that_is_not_fresh_or_was_not_made_is_made_anew(
    contract: Contract, worker: Worker, batch: Callable[[int], str], now: datetime
) -> None:
    batch(9)
    first = codes.export_codes("demo", contract.id, by="m", now=now).job
    jobs.fail_job("demo", first, now=now)
    second = codes.export_codes("demo", contract.id, by="m", now=now).job
    worker.work()
    assert codes.export_codes("demo", contract.id, by="m", now=now + timedelta(minutes=9)).link
    third = codes.export_codes("demo", contract.id, by="m", now=now + timedelta(minutes=10)).job
    assert len({first, second, third, ""}) == 4
