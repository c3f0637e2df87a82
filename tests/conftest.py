"""What every test may use: an environment of its own, tables on moto, a clock that stands still."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import moto.cognitoidp
import pytest
from moto import mock_aws

from chalicelib import clients
from chalicelib.operations import organisations
from chalicelib.operations.access import resetting
from chalicelib.rules.organisations import Member, Role
from chalicelib.settings import settings
from chalicelib.tables import members
from chalicelib.web import keyring
from infra.templates import create_bucket, create_queues, create_sign_in, create_tables
from tests import permissions
from tests.live.ledger import tally
from tests.quick_moto import hurry, plant
from tests.tokens import CLIENT, ISSUER, POOL, SigningKey

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "123456789012",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "ROLLBOOK_STAGE": "test",
    "ROLLBOOK_PUBLIC_URL": "http://127.0.0.1:8000",
    "ROLLBOOK_SENDER": "rollbook@local.test",
    "ROLLBOOK_LINK_KEY": "a key for tests",
    "ROLLBOOK_JOBS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/rollbook-test-jobs",
    "ROLLBOOK_IMPORTS_BUCKET": "rollbook-test-imports-123456789012",
    "ROLLBOOK_USER_POOL": POOL,
    "ROLLBOOK_USER_POOL_CLIENT": CLIENT,
    "ROLLBOOK_TOKEN_ISSUER": ISSUER,
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
_told: list[tally.Row | str] = []


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Only `make test` has two processes; whoever runs a file does not pay for what shares the suite."""
    from tests.sharing import Sharing

    return Sharing(config, log)


def pytest_sessionstart() -> None:
    permissions.enforce()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        _told.extend(value for name, value in report.user_properties if name == tally.PROPERTY)  # type: ignore[misc]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _told:
        terminalreporter.section("spots: what was raced, and what went wrong")
        for line in tally.lines(_told):
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and clients made anew for each test; nothing of the machine's own AWS configuration is read."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    settings.cache_clear()
    clients.forget()
    keyring.keyring.forget()


@pytest.fixture
def tables(environment: None) -> Iterator[None]:
    """The deployment's tables, empty, on moto: in one thread and in process."""
    hurry()
    with mock_aws():
        plant(deploy)
        yield


def deploy() -> None:
    """Create what a deployment has, but for the user pool."""
    create_tables(boto3.client("dynamodb"), "test")
    create_queues(boto3.client("sqs"), "test")


@pytest.fixture
def bucket(tables: None) -> str:
    """The deployment's bucket, empty, on moto."""
    return create_bucket(clients.s3(), "test", account="123456789012")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sign_key() -> SigningKey:
    """The key that signs access tokens in tests."""
    return SigningKey()


@pytest.fixture
def token_for(sign_key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`token_for(user)` returns an access token that the application believes, without a user pool."""
    monkeypatch.setattr(keyring, "fetch", lambda _address: sign_key.published())
    return sign_key.token


@dataclass(frozen=True)
class Demo:
    """An organisation, and the access tokens of its staff. Their users are `user-owner`, `user-manager`, `user-viewer`."""

    org: str
    owner: str
    manager: str
    viewer: str


@pytest.fixture
def demo_org(tables: None, token_for: Callable[..., str], now: datetime) -> Demo:
    """The organisation `demo` (Europe/Paris, EUR, English) with an owner, a manager and a viewer."""
    organisations.create("demo", "Demo", now=now)
    tokens = {role: token_for(_join("demo", role, now).user) for role in ROLES}
    return Demo("demo", **tokens)


@pytest.fixture
def user_pool(tables: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The deployment's user pool on moto; its tokens are believed. Returns its id. moto cannot revoke a refresh token."""
    cognito = boto3.client("cognito-idp")
    pool, client = create_sign_in(cognito, "test")
    monkeypatch.setenv("ROLLBOOK_USER_POOL", pool)
    monkeypatch.setenv("ROLLBOOK_USER_POOL_CLIENT", client)
    monkeypatch.delenv("ROLLBOOK_TOKEN_ISSUER")
    monkeypatch.setattr(keyring, "fetch", lambda _address: gzip.decompress(MOTO_KEYS.read_bytes()))
    monkeypatch.setattr(resetting, "EVEN_SECONDS", 0)
    _forget()
    return pool


MOTO_KEYS = Path(moto.cognitoidp.__file__).parent / "resources" / "jwks-public.json.gz"
ROLES: tuple[Role, ...] = ("owner", "manager", "viewer")


def _join(org: str, role: Role, now: datetime) -> Member:
    member = Member(
        org=org, user=f"user-{role}", email=f"{role}@{org}.test", name=f"The {role}", role=role, status="active", invited_at=now
    )
    members.add(member)
    return member
