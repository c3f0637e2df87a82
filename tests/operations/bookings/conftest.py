"""A family with a booking on a course of two weeks, of an organisation where families cancel until a day before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations.registrations import register
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import organisations, registrations
from tests.operations.simulated_aws import Ses, Streams

DAY = timedelta(days=1)


@dataclass
class Family:
    """Ana, who has booked; what follows from the streams; the e-mails since."""

    booked: Registration
    streams: Streams
    ses: Ses
    now: datetime

    @property
    def id(self) -> str:
        return self.booked.public_id

    @property
    def stands(self) -> Registration:
        return registrations.get("demo", self.booked.session, self.booked.id)

    def follow(self, now: datetime | None = None) -> None:
        self.streams.drain(now or self.now)


def booked(session: str, *names: str, now: datetime, email: str = "ana@example.org", **more: Any) -> Registration:
    people = [ParticipantInput(name=name) for name in names]
    draft = RegistrationInput(email=email, name="Ana", participants=people, party_size=len(names), **more)
    return register("demo", session, draft, locale="en", key="".join((email, session, *names)), now=now).registration


def on_days(now: datetime, *days: int) -> tuple[Meeting, ...]:
    return tuple(Meeting(f"m{day}", now + day * DAY, now + day * DAY + timedelta(hours=1)) for day in days)


@pytest.fixture
def terms(organisation: Organisation) -> Callable[..., None]:
    """Return a setter of what the organisation offers to families."""

    def offer(**wanted: Any) -> None:
        organisations.save(replace(organisations.get("demo"), **wanted))

    offer(cancel_until_hours=24)
    return offer


@pytest.fixture
def family(open_session: Callable[..., Session], terms: Callable[..., None], streams: Streams, ses: Ses, now: datetime) -> Family:
    open_session(spots_total=3, meetings=on_days(now, 3, 10), tags=("art",))
    made = Family(booked("s1", "Zoé", "Léo", now=now), streams, ses, now)
    made.follow()
    ses.sent.clear()
    return made
