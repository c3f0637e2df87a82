"""An organisation with a session, a mail service, and the streams of the tables."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from chalicelib import clients, telemetry
from chalicelib.rules.money import Money
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Meeting, Session, Tier
from chalicelib.tables import organisations, sessions
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Sqs, Worker


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Ses:
    service = Ses()
    service.install(monkeypatch)
    return service


@pytest.fixture
def streams(tables: None, ses: Ses) -> Streams:
    return Streams()


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    queue = Sqs()
    monkeypatch.setattr(clients, "sqs", cache(lambda: queue))
    return queue


@pytest.fixture
def worker(sqs: Sqs, now: datetime) -> Worker:
    return Worker(sqs, now)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the log names as failed."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(telemetry, "record_failure", lambda **about: found.append(about))
    return found


@pytest.fixture
def organisation(tables: None, now: datetime) -> Organisation:
    made = Organisation(org="demo", name="Atelier Lumière", created_at=now, reply_to="hello@atelier.example")
    organisations.create(made)
    return made


@pytest.fixture
def open_session(organisation: Organisation, now: datetime) -> Callable[..., Session]:
    """Return a maker of sessions: tomorrow at four in Paris, six spots, one price, unless said otherwise."""

    def make(**wanted: Any) -> Session:
        starts = now.replace(hour=15) + timedelta(days=1)
        usual = Session(
            org="demo",
            id=wanted.pop("id", "s1"),
            title="Pottery",
            meetings=(Meeting("m1", starts, starts + timedelta(minutes=90)),),
            time_zone="Europe/Paris",
            spots_total=6,
            chunks=1,
            tiers=(Tier("t1", "Adult", Money(1250, "EUR")),),
            registration_opens_at=now - timedelta(days=1),
            registration_closes_at=starts,
            created_at=now,
            location="12 rue des Lilas",
        )
        made = Session(**{**{name: getattr(usual, name) for name in Session.__dataclass_fields__}, **wanted})
        sessions.create(made)
        return sessions.get(made.org, made.id)

    return make
