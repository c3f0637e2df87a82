"""Fixtures of tests that need AWS: tables, queues, a bucket and a user pool on moto, in one thread and in process.

Imports are inside the fixtures, so that runs without AWS import neither boto3 nor moto.
"""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from tests.environment import forget

ACCOUNT_OF_SES = '{"SendQuota": {"MaxSendRate": 10000}}'
ROLES: tuple[Role, ...] = ("owner", "manager", "viewer", "leader")


@pytest.fixture
def tables(environment: None) -> Iterator[None]:
    """The deployment's tables and queues, empty."""
    from moto import mock_aws

    from tests import permissions
    from tests.fast_moto import create_once, speed_up

    permissions.enforce()
    speed_up()
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        suit_moto(patch)
        create_once(deploy)
        yield


def suit_moto(patch: pytest.MonkeyPatch) -> None:
    """Send one e-mail at a time, as moto is not safe for threads, and have it say how many an account may send."""
    from moto.sesv2.responses import SESV2Response

    from chalicelib.operations.messages import pace, ses

    patch.setattr(pace, "MOST_AT_ONCE", 1)
    patch.setattr(SESV2Response, "get_account", lambda _: ACCOUNT_OF_SES, raising=False)
    ses.max_send_rate.cache_clear()


def deploy() -> None:
    """Create the tables and queues of a deployment."""
    from chalicelib import clients
    from infra.templates import create_queues, create_tables

    create_tables(clients.dynamodb(), "test")
    create_queues(clients.sqs(), "test")


@pytest.fixture
def bucket(tables: None) -> str:
    """The deployment's bucket of files, empty, and beside it the one of pictures."""
    from chalicelib import clients
    from infra.templates import create_bucket

    create_bucket(clients.s3(), "test", account="123456789012", logical="Pictures")
    return create_bucket(clients.s3(), "test", account="123456789012")


@dataclass(frozen=True)
class Demo:
    """An organisation, and the access tokens of its staff. Their users are `user-owner`, `user-manager` and so on."""

    org: str
    owner: str
    manager: str
    viewer: str
    leader: str


@pytest.fixture
def demo_org(tables: None, token_for: Callable[..., str], now: datetime) -> Demo:
    """The organisation `demo` (Europe/Paris, EUR, English) with an owner, a manager, a viewer and a leader."""
    from tests.fast_moto import fill_once

    fill_once(_found, now)
    return Demo("demo", **{role: token_for(f"user-{role}") for role in ROLES})


def _found(now: datetime) -> None:
    """Create the organisation and its staff."""
    from chalicelib.operations import organisations
    from chalicelib.tables import staff

    organisations.create("demo", "Demo", now=now)
    for role in ROLES:
        email, name = f"{role}@demo.test", f"The {role}"
        staff.add(StaffMember(org="demo", user=f"user-{role}", email=email, name=name, role=role, status="active", invited_at=now))


@pytest.fixture
def user_pool(tables: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the deployment's user pool, whose tokens the application accepts. moto cannot revoke a refresh token."""
    import moto.cognitoidp

    from chalicelib import clients
    from chalicelib.operations.auth import password_reset
    from chalicelib.web import jwks
    from infra.templates import create_sign_in
    from tests.second_factor import be_strict

    keys = Path(moto.cognitoidp.__file__).parent / "resources" / "jwks-public.json.gz"
    pool, client = create_sign_in(clients.cognito(), "test")
    monkeypatch.setenv("ROLLBOOK_USER_POOL", pool)
    monkeypatch.setenv("ROLLBOOK_USER_POOL_CLIENT", client)
    monkeypatch.delenv("ROLLBOOK_TOKEN_ISSUER")
    monkeypatch.setattr(jwks, "fetch", lambda _address: gzip.decompress(keys.read_bytes()))
    monkeypatch.setattr(password_reset, "EVEN_SECONDS", 0)
    be_strict(monkeypatch)
    forget()
    return pool
