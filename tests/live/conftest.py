"""DynamoDB Local, for tests that need a database that is correct under concurrency."""

import os
from collections.abc import Iterator
from itertools import count

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules import ledger as rules
from chalicelib.rules import rebalancing
from chalicelib.tables import ledger
from infra.local import dynamodb_local
from infra.local.child import ChildFailedError
from infra.local.dynamodb_local import DynamoDBLocal, DynamoDBLocalMissingError
from infra.templates import create_tables
from tests.live.ledger import race_report

_stages = count(1)


@pytest.fixture(scope="module")
def database() -> Iterator[DynamoDBLocal]:
    """DynamoDB Local in memory, restarted for each module, since many threads slow it down. Required where CI is set."""
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
    """The name of a stage with empty tables."""
    name = f"live-{next(_stages)}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", database.endpoint)
    monkeypatch.setenv("ROLLBOOK_STAGE", name)
    config.cache_clear()
    clients.forget()
    create_tables(clients.dynamodb(), name)
    return name


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> None:
    ledger.full_cache._full.clear()


@pytest.fixture(autouse=True)
def _numbers_in_the_report(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    request.node.user_properties += [(race_report.PROPERTY, told) for told in race_report.told()]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Set the size of chunks to three spots, so that a few people use several chunks."""
    for module in (rules, rebalancing):
        monkeypatch.setattr(module, "CHUNK_SIZE", 3)
    return 3
