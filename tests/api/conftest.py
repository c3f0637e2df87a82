"""A world that the tests of one module share: a deployment on moto with two organisations and a user pool."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import boto3
import pytest
from moto import mock_aws

from chalicelib import clients
from chalicelib.operations import organisations
from chalicelib.operations.access import accounts, resetting
from chalicelib.rules.accounts import SignedOut
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import Member, Role
from chalicelib.settings import settings
from chalicelib.tables import customers, members
from chalicelib.web import call as web_call
from chalicelib.web import keyring
from infra.templates import create_bucket, create_sign_in
from tests.api.world import MovedClock, Office, World
from tests.conftest import ENVIRONMENT, ROLES, deploy
from tests.quick_moto import hurry, plant
from tests.tokens import SigningKey


@dataclass(frozen=True)
class Deployment:
    world: World
    environment: dict[str, str]


@pytest.fixture(scope="module")
def deployment(sign_key: SigningKey) -> Iterator[Deployment]:
    """What the whole module lives in. Tests take `world`, which also sets the environment."""
    hurry()
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        _enter(patch, ENVIRONMENT)
        pool, client = create_sign_in(boto3.client("cognito-idp"), "test")
        environment = {"ROLLBOOK_USER_POOL": pool, "ROLLBOOK_USER_POOL_CLIENT": client}
        _enter(patch, environment)
        patch.setattr(keyring, "fetch", lambda _address: sign_key.published())
        plant(deploy)
        create_bucket(clients.s3(), "test", account="123456789012")

        def token(user: str) -> str:
            return sign_key.token(user, client_id=client)

        offices = _office("demo", token), _office("zebra", token)
        yield Deployment(World(*offices, token(_customer("demo").user), token("newcomer")), environment)


@pytest.fixture
def world(deployment: Deployment, environment: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """The two organisations, with all that earlier tests of the module made."""
    _enter(monkeypatch, deployment.environment)
    monkeypatch.setattr(resetting, "EVEN_SECONDS", 0)
    for asked in ("renew", "revoke"):
        monkeypatch.setattr(accounts, asked, _signed_out)
    return deployment.world


def _signed_out(_refresh_token: str) -> NoReturn:
    """Stands for a pool that never gave such a token; moto fails instead of saying so."""
    raise SignedOut


@pytest.fixture
def demo(world: World) -> Office:
    return world.demo


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`with later(days=8):` lets requests come in that much later; access tokens stay as fresh as they are."""
    monkeypatch.setattr(web_call, "datetime", MovedClock)

    @contextmanager
    def moved(**by: float) -> Iterator[None]:
        before, MovedClock.ahead = MovedClock.ahead, MovedClock.ahead + timedelta(**by)
        try:
            yield
        finally:
            MovedClock.ahead = before

    return moved


def _enter(patch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        patch.setenv(name, value)
    settings.cache_clear()
    clients.forget()


def _office(org: str, token: Callable[[str], str]) -> Office:
    now = datetime.now(UTC)
    organisations.create(org, f"{org.title()} School", now=now)
    return Office(org, {role: token(_join(org, role, now).user) for role in ROLES})


def _customer(org: str) -> Customer:
    """Make somebody a customer with an account."""
    user = f"{org}-customer"
    customer = Customer(
        org=org, id=user, email=f"customer@{org}.test", name="Cleo", created_at=datetime.now(UTC), status="accepted", user=user
    )
    customers.create(customer)
    return customer


def _join(org: str, role: Role, now: datetime) -> Member:
    user = f"{org}-{role}"
    member = Member(org=org, user=user, email=f"{role}@{org}.test", name=f"The {role} of {org}", role=role, status="active", invited_at=now)
    members.add(member)
    return member
