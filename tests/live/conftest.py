"""DynamoDB Local for the tests that need a database which is right under concurrency."""

import os
from collections.abc import Iterator
from itertools import count

import pytest

from chalicelib import clients
from chalicelib.rules import ledger as rules
from chalicelib.rules import resizing
from chalicelib.settings import settings
from chalicelib.tables import ledger
from infra.local import dynamodb_local
from infra.local.child import ChildFailedError
from infra.local.dynamodb_local import DynamoDBLocal, DynamoDBLocalMissingError
from infra.templates import create_tables
from tests.live.ledger import tally

_stages = count(1)


@pytest.fixture(scope="module")
def database() -> Iterator[DynamoDBLocal]:
    """DynamoDB Local in memory, started anew for each module: it grows slow with many threads. Where CI is set it must be there."""
    try:
        running = dynamodb_local.start()
    except (DynamoDBLocalMissingError, ChildFailedError) as missing:
        if os.environ.get("CI"):
            pytest.fail(f"DynamoDB Local cannot be started: {missing}")
        pytest.skip(f"DynamoDB Local cannot be started: {missing}")
    with running:
        yield running


@pytest.fixture
def stage(database: DynamoDBLocal, environment: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a stage whose tables are empty."""
    name = f"live-{next(_stages)}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", database.endpoint)
    monkeypatch.setenv("ROLLBOOK_STAGE", name)
    settings.cache_clear()
    clients.forget()
    create_tables(clients.dynamodb(), name)
    return name


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> None:
    ledger.gate._full.clear()


@pytest.fixture(autouse=True)
def _numbers_in_the_report(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    request.node.user_properties += [(tally.PROPERTY, told) for told in tally.told()]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let chunks have three spots, so that a handful of people is spread over several."""
    for module in (rules, resizing):
        monkeypatch.setattr(module, "CHUNK_SIZE", 3)
    return 3
