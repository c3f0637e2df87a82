"""DynamoDB Local, for tests that need a database that is correct under concurrency."""

import os
from collections.abc import Container, Iterator
from contextlib import closing, suppress
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
from tests.environment import unhurried
from tests.live.ledger import race_report

STAGE = "live"


class Database:
    """The DynamoDB Local of this process, started when it is needed: to start it costs as much as a hundred tests."""

    def __init__(self) -> None:
        self._running: DynamoDBLocal | None = None
        self._tables: dict[str, dict[str, Any]] = {}
        """The definitions of the tables there are, by name."""

    def running(self) -> DynamoDBLocal:
        self._running = self._running or dynamodb_local.start()
        return self._running

    def clear(self, *, streamed: Container[str], indexes: Container[str] | None) -> None:
        """Have empty tables, with these streams and indexes. Those that are already like this stay: to replace one costs as much as ten
        requests."""
        for definition in table_definitions(STAGE):
            table = definition if indexes is None else _with_indexes(definition, indexes)
            if table["TableName"].rpartition("-")[2] not in streamed:
                table.pop("StreamSpecification", None)
            if not self._is_like(table):
                self._replace(table)

    def _is_like(self, table: dict[str, Any]) -> bool:
        """Whether there is such a table, without rows and without a stream, which would still tell of rows that are gone."""
        name = table["TableName"]
        return self._tables.get(name) == table and "StreamSpecification" not in table and not _has_rows(name)

    def _replace(self, table: dict[str, Any]) -> None:
        """Create the table, in place of the one of its name. A busy machine's reply may come late, and botocore ask again."""
        name, errors = table["TableName"], clients.dynamodb().exceptions
        if self._tables.pop(name, None):
            with suppress(errors.ResourceNotFoundException):
                clients.dynamodb().delete_table(TableName=name)
        with suppress(errors.ResourceInUseException):
            clients.dynamodb().create_table(**table)
        self._tables[name] = table

    def close(self) -> None:
        if self._running:
            plain_http.close(self._running.endpoint)
            self._running.stop()


def _has_rows(table: str) -> bool:
    return bool(clients.dynamodb().scan(TableName=table, Limit=1, ConsistentRead=True)["Count"])


def _with_indexes(table: dict[str, Any], names: Container[str]) -> dict[str, Any]:
    """Return the definition of the table with only these of its indexes."""
    indexes = [index for index in table.get("GlobalSecondaryIndexes", ()) if index["IndexName"] in names]
    schemas = [table["KeySchema"], *(index["KeySchema"] for index in indexes)]
    used = {part["AttributeName"] for schema in schemas for part in schema}
    attributes = [attribute for attribute in table["AttributeDefinitions"] if attribute["AttributeName"] in used]
    rest = {name: value for name, value in table.items() if name != "GlobalSecondaryIndexes"}
    return {**rest, "AttributeDefinitions": attributes, **({"GlobalSecondaryIndexes": indexes} if indexes else {})}


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
    monkeypatch.setattr(clients, "RETRYING", unhurried())
    clients.forget()
    fast_botocore.speed_up()
    _database.clear(streamed=streamed, indexes=indexes)
    monkeypatch.setenv("ROLLBOOK_STAGE", STAGE)
    config.cache_clear()
    return STAGE


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> None:
    ledger.full_cache._full.clear()


@pytest.fixture(autouse=True)
def _numbers_in_the_report(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    request.node.user_properties += [(race_report.PROPERTY, row) for row in race_report.reported()]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Set the size of chunks to three spots, so that a few people use several chunks."""
    for module in (rules, rebalancing):
        monkeypatch.setattr(module, "CHUNK_SIZE", 3)
    return 3
