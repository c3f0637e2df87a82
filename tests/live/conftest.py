"""DynamoDB Local, for tests that need a database that is correct under concurrency."""

import os
from collections.abc import Container, Iterator
from contextlib import closing, suppress
from itertools import count
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules import ledger as rules
from chalicelib.rules import rebalancing
from chalicelib.tables import ledger
from infra.local import dynamodb_local, plain_http
from infra.local.child import ChildFailedError
from infra.local.dynamodb_local import DynamoDBLocal, DynamoDBLocalMissingError
from infra.templates import table_definitions
from tests import fast_botocore
from tests.live.ledger import race_report


class Database:
    """The DynamoDB Local of this process, started when it is needed: to start it costs as much as a hundred tests."""

    def __init__(self) -> None:
        self._running: DynamoDBLocal | None = None
        self._stages = count(1)
        self._stage = ""

    def running(self) -> DynamoDBLocal:
        self._running = self._running or dynamodb_local.start()
        return self._running

    def next_stage(self, *, streamed: Container[str], indexes: Container[str] | None) -> str:
        """Create another stage, in place of the last: with each table there is, a request takes longer."""
        if self._stage:
            _delete_tables(self._stage)
        self._stage = f"live-{next(self._stages)}"
        for definition in table_definitions(self._stage):
            table = definition if indexes is None else _with_indexes(definition, indexes)
            if table["TableName"].rpartition("-")[2] not in streamed:
                table.pop("StreamSpecification", None)
            with suppress(clients.dynamodb().exceptions.ResourceInUseException):  # A busy machine's reply came late, and we asked again.
                clients.dynamodb().create_table(**table)
        return self._stage

    def close(self) -> None:
        if self._running:
            plain_http.close(self._running.endpoint)
            self._running.stop()


def _with_indexes(table: dict[str, Any], names: Container[str]) -> dict[str, Any]:
    """Return the definition of the table with only these of its indexes."""
    indexes = [index for index in table.get("GlobalSecondaryIndexes", ()) if index["IndexName"] in names]
    schemas = [table["KeySchema"], *(index["KeySchema"] for index in indexes)]
    used = {part["AttributeName"] for schema in schemas for part in schema}
    attributes = [attribute for attribute in table["AttributeDefinitions"] if attribute["AttributeName"] in used]
    rest = {name: value for name, value in table.items() if name != "GlobalSecondaryIndexes"}
    return {**rest, "AttributeDefinitions": attributes, **({"GlobalSecondaryIndexes": indexes} if indexes else {})}


def _delete_tables(stage: str) -> None:
    for table in table_definitions(stage):
        with suppress(clients.dynamodb().exceptions.ResourceNotFoundException):  # As above.
            clients.dynamodb().delete_table(TableName=table["TableName"])


@pytest.fixture(scope="session")
def _database() -> Iterator[Database]:
    with closing(Database()) as kept:
        yield kept


@pytest.fixture(scope="module")
def streamed() -> tuple[str, ...]:
    """The tables whose streams the tests of a module read: none, unless it says so itself."""
    return ()


@pytest.fixture(scope="module")
def indexes(request: pytest.FixtureRequest) -> Container[str] | None:
    """The indexes that the tests of a module read, by name: its INDEXES, or None for all. DynamoDB Local reads the definitions of a table's
    indexes for each request: the five of Rosters take a third of its processor time."""
    named: Container[str] | None = getattr(request.module, "INDEXES", None)
    return named


@pytest.fixture(scope="module")
def database(_database: Database) -> DynamoDBLocal:
    """DynamoDB Local in memory. Required where CI is set."""
    try:
        return _database.running()
    except (DynamoDBLocalMissingError, ChildFailedError) as missing:
        if os.environ.get("CI"):
            pytest.fail(f"DynamoDB Local cannot be started: {missing}")
        pytest.skip(f"DynamoDB Local cannot be started: {missing}")


@pytest.fixture
def stage(
    database: DynamoDBLocal,
    _database: Database,
    streamed: tuple[str, ...],
    indexes: Container[str] | None,
    environment: None,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The name of a stage with empty tables, without streams and indexes that nobody reads."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", database.endpoint)
    clients.forget()
    fast_botocore.speed_up()
    name = _database.next_stage(streamed=streamed, indexes=indexes)
    monkeypatch.setenv("ROLLBOOK_STAGE", name)
    config.cache_clear()
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
