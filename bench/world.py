"""The environment of a measurement: DynamoDB Local, the deployment's tables, one organisation, and sessions of any size."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import boto3

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import organisations, sessions
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.times import written
from infra.local import dynamodb_local
from infra.local.resources import RETRYING
from infra.templates import table_definitions

ORG = "bench"


@contextmanager
def world() -> Iterator[None]:
    """Start DynamoDB Local and create the tables and the organisation. The environment is as before afterwards."""
    with dynamodb_local.start() as database, own_environment():
        enter(
            {
                "AWS_ACCESS_KEY_ID": "123456789012",
                "AWS_SECRET_ACCESS_KEY": "bench",
                "AWS_DEFAULT_REGION": "eu-central-1",
                "AWS_REGION": "eu-central-1",
                "AWS_ENDPOINT_URL_DYNAMODB": database.endpoint,
                "ROLLBOOK_STAGE": "bench",
                "ROLLBOOK_PUBLIC_URL": "http://127.0.0.1:8000",
                "ROLLBOOK_LINK_KEY": "bench",
                "POWERTOOLS_METRICS_DISABLED": "true",
            }
        )
        _create_tables()
        organisations.create(ORG, "Bench", now=now())
        yield


def _create_tables() -> None:
    """Create the tables, with more patience than a request of the application has: a busy computer needs seconds for one."""
    client = boto3.client("dynamodb", config=RETRYING)
    for table in table_definitions("bench"):
        table.pop("StreamSpecification", None)  # Nobody reads it here, and each of its records slows DynamoDB Local down.
        with suppress(client.exceptions.ResourceInUseException):  # A request that was repeated had created it.
            client.create_table(**table)


@contextmanager
def own_environment() -> Iterator[None]:
    """Give the block an environment of its own: that of before is there again afterwards."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        enter(before)


def enter(environment: Mapping[str, str]) -> None:
    """Take on an environment: settings and clients are made anew, with its credentials."""
    os.environ.update(environment)
    config.cache_clear()
    clients.forget()
    boto3.setup_default_session()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def session(spots: int) -> str:
    """Create a session with this many spots and return its id."""
    starts = now() + timedelta(days=10)
    draft = {
        "title": "Bench",
        "time_zone": "Europe/Paris",
        "spots_total": spots,
        "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
        "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
    }
    return sessions.create_session(ORG, SessionInput.model_validate(draft), key=uuid.uuid4().hex, now=now()).session.id
