"""A deployment on moto: one organisation, the streams of its tables, a mail service, and a meter around each function."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from moto import mock_aws
from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.dynamo_type import Item as Stored

from bench.meter import Use, metered
from bench.world import own_environment
from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import audit, deliveries, messages, rosters
from chalicelib.operations import organisations
from chalicelib.operations.messages import pace
from chalicelib.operations.messages.ses import max_send_rate
from chalicelib.operations.sessions import create_session
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.times import written
from chalicelib.tables import staff
from chalicelib.tables.items import Item
from chalicelib.web import jwks
from infra.templates import create_bucket, create_queues, create_tables
from tests.environment import ENVIRONMENT, enter
from tests.fast_moto import speed_up
from tests.http import call
from tests.operations.simulated_aws import Record, Ses, Stream
from tests.operations.simulated_queue import Sqs
from tests.tokens import SigningKey

ORG, STAGE, OWNER = "demo", "test", "user-owner"


@dataclass
class Part:
    """What one part of the workload uses, by the function that does it, each time that it is done."""

    times: int = 1
    by: dict[str, Use] = field(default_factory=dict)
    mails: float = 0

    @property
    def total(self) -> Use:
        """All functions together."""
        together = Use()
        for use in self.by.values():
            together.add(use)
        return together


class World:
    """An organisation, its streams, its mail service and its owner's token."""

    def __init__(self, ses: Ses, sqs: Sqs, token: str) -> None:
        self.ses, self.sqs, self.token, self.told = ses, sqs, token, 0
        self.streams = {
            "on_rosters": (Stream(config().rosters_table), rosters.handle),
            "on_messages": (Stream(config().messages_table), messages.handle),
            "on_records": (Stream(config().records_table), audit.handle),
        }

    def do(self, part: Part, function: str, act: Callable[[], Any]) -> Any:
        """Do what a function does, and add what it uses to its part."""
        with metered(STAGE) as use:
            done = act()
        part.by.setdefault(function, Use()).add(use)
        return done

    def follow(self, part: Part) -> None:
        """Pass on stream records until none are left, and report sent e-mails as delivered."""
        moved = True
        while moved:
            moved = False
            for function, (stream, handle) in self.streams.items():
                if records := stream.read():
                    moved = True
                    self.do(part, function, lambda records=records, handle=handle: _handle(handle, records))  # type: ignore[misc]
            for message in self.ses.ids()[self.told :]:
                moved, self.told, part.mails = True, self.told + 1, part.mails + 1
                self.do(part, "on_deliveries", lambda message=message: deliveries.handle(_delivered(message)))  # type: ignore[misc]

    def api(self, method: str, path: str, body: Any = None, *, key: str = "", by_staff: bool = False) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        response = call(method, path, body, headers=headers, token=self.token if by_staff else None)
        assert response.status < 400, response.text
        return response


def _handle(handle: Callable[[dict[str, Any]], dict[str, Any]], records: list[Record]) -> None:
    failed = handle({"Records": records})["batchItemFailures"]
    if failed:
        raise RuntimeError(failed)


@contextmanager
def simulated() -> Iterator[World]:
    """Start moto with the deployment. The environment is as before afterwards."""
    with own_environment():
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        with mock_aws(), deployed() as world:
            yield world


@contextmanager
def deployed() -> Iterator[World]:
    """Create the deployment, in whose streams one thread works: moto and the meter need that."""
    speed_up()
    enter(ENVIRONMENT)
    create_tables(clients.dynamodb(), STAGE)
    create_queues(clients.sqs(), STAGE)
    for logical in ("Imports", "Pictures"):
        create_bucket(clients.s3(), STAGE, account=ENVIRONMENT["AWS_ACCESS_KEY_ID"], logical=logical)
    key, ses, sqs = SigningKey(), Ses(rate=1000), Sqs()
    kept = jwks.fetch, clients.ses, clients.sqs, pace.MOST_AT_ONCE
    jwks.fetch, clients.ses, clients.sqs = (lambda _address: key.published()), cache(lambda: ses), cache(lambda: sqs)  # type: ignore
    pace.MOST_AT_ONCE = 1
    max_send_rate.cache_clear()
    try:
        organisations.create(ORG, "Demo", now=now())
        staff.add(StaffMember(ORG, OWNER, "owner@demo.test", "The owner", "owner", "active", now()))
        yield World(ses, sqs, key.token(OWNER))
    finally:
        jwks.fetch, clients.ses, clients.sqs, pace.MOST_AT_ONCE = kept
        max_send_rate.cache_clear()


def plant(table: str, rows: Iterable[Item]) -> None:
    """Put rows of a table into moto, without a request and a record of the stream for each."""
    region, account = ENVIRONMENT["AWS_REGION"], ENVIRONMENT["AWS_ACCESS_KEY_ID"]
    items = get_backend("dynamodb")[account][region].tables[table].items
    for row in rows:
        pk, sk = DynamoType(row["pk"]), DynamoType(row["sk"])
        items[pk][sk] = Stored(pk, sk, row)


def session(org: str = ORG, *, spots: int = 50) -> str:
    starts = now() + timedelta(days=60)
    draft = {
        "title": "Pottery",
        "time_zone": "Europe/Paris",
        "spots_total": spots,
        "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
        "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
    }
    return create_session(org, SessionInput.model_validate(draft), key=uuid4().hex, now=now()).session.id


def invite(world: World, session_id: str, email: str) -> Any:
    path = f"/v1/orgs/{ORG}/sessions/{session_id}/invitations"
    return world.api("POST", path, {"email": email}, key=uuid4().hex, by_staff=True).json


def form(email: str) -> dict[str, Any]:
    return {"email": email, "name": "A Parent", "participants": [{"name": email.partition("@")[0]}]}


def _delivered(message: str) -> dict[str, Any]:
    mail = {"messageId": "x", "tags": {"org": [ORG], "message": [message]}}
    return {"source": "aws.ses", "detail": {"eventType": "Delivery", "delivery": {"timestamp": "2026-11-22T12:00:00.000Z"}, "mail": mail}}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
