"""A deployment on moto with two organisations and a user pool, shared by the tests of a module."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import boto3
import pytest
from moto import mock_aws

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import organisations
from chalicelib.operations.auth import password_reset, user_pool
from chalicelib.rules.auth import SignedOut
from chalicelib.rules.customers import Customer
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.tables import customers, staff
from chalicelib.web import call as web_call
from chalicelib.web import jwks
from infra.templates import create_bucket, create_sign_in
from tests.api.audit_log import Log
from tests.api.tenants import MovedClock, Office, World
from tests.aws import ROLES, deploy, suit_moto
from tests.environment import ENVIRONMENT
from tests.fast_moto import create_once, speed_up
from tests.tokens import SigningKey


@dataclass(frozen=True)
class Deployment:
    world: World
    environment: dict[str, str]


@pytest.fixture(scope="module")
def deployment(sign_key: SigningKey) -> Iterator[Deployment]:
    """The deployment of the module. Tests take `world`, which also sets the environment."""
    speed_up()
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        suit_moto(patch)
        _enter(patch, ENVIRONMENT)
        pool, client = create_sign_in(boto3.client("cognito-idp"), "test")
        environment = {"ROLLBOOK_USER_POOL": pool, "ROLLBOOK_USER_POOL_CLIENT": client}
        _enter(patch, environment)
        patch.setattr(jwks, "fetch", lambda _address: sign_key.published())
        create_once(deploy)
        for logical in ("Imports", "Pictures"):
            create_bucket(clients.s3(), "test", account="123456789012", logical=logical)

        def token(user: str) -> str:
            return sign_key.token(user, client_id=client)

        offices = _office("demo", token), _office("zebra", token)
        yield Deployment(World(*offices, token(_customer("demo").user), token("newcomer")), environment)


@pytest.fixture
def world(deployment: Deployment, environment: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """The two organisations, with all that earlier tests of the module created."""
    _enter(monkeypatch, deployment.environment)
    monkeypatch.setattr(password_reset, "EVEN_SECONDS", 0)
    for action in ("renew", "revoke"):
        monkeypatch.setattr(user_pool, action, _signed_out)
    return deployment.world


def _signed_out(_refresh_token: str) -> NoReturn:
    """Answer as a pool that never issued the token; moto raises something else."""
    raise SignedOut


@pytest.fixture
def log(world: World, request: pytest.FixtureRequest) -> Log:
    """The audit log of demo, which goes on where the test before has stopped."""
    kept: dict[str, Log] = request.module.__dict__.setdefault("kept", {})
    log = kept.setdefault("log", Log(world))
    log.news()
    return log


@pytest.fixture
def demo(world: World) -> Office:
    return world.demo


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return `later`: inside `with later(days=8):` requests arrive that much later; access tokens keep their age."""
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
    config.cache_clear()
    clients.forget()


def _office(org: str, token: Callable[[str], str]) -> Office:
    now = datetime.now(UTC)
    organisations.create(org, f"{org.title()} School", now=now)
    return Office(org, {role: token(_join(org, role, now).user) for role in ROLES})


def _customer(org: str) -> Customer:
    """Create a customer with an account."""
    user = f"{org}-customer"
    customer = Customer(
        org=org, id=user, email=f"customer@{org}.test", name="Cleo", created_at=datetime.now(UTC), status="accepted", user=user
    )
    customers.create(customer)
    return customer


def _join(org: str, role: Role, now: datetime) -> StaffMember:
    user = f"{org}-{role}"
    member = StaffMember(
        org=org, user=user, email=f"{role}@{org}.test", name=f"The {role} of {org}", role=role, status="active", invited_at=now
    )
    staff.add(member)
    return member
