"""What every test may use: an environment of its own, tables on moto, a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from chalicelib import clients
from chalicelib.settings import settings
from infra.templates import create_tables

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "123456789012",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "ROLLBOOK_STAGE": "test",
    "ROLLBOOK_PUBLIC_URL": "http://127.0.0.1:8000",
    "ROLLBOOK_SENDER": "rollbook@local.test",
    "ROLLBOOK_LINK_KEY": "a key for tests",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and clients made anew for each test; nothing of the machine's own AWS configuration is read."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    clients.forget()
    yield
    settings.cache_clear()
    clients.forget()


@pytest.fixture
def tables(environment: None) -> Iterator[None]:
    """The deployment's tables, empty, on moto: in one thread and in process."""
    with mock_aws():
        create_tables(boto3.client("dynamodb"), "test")
        yield


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
