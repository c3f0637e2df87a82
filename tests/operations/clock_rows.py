"""Organisations, invitations and waiting parties for tests of the clock, and how many requests a run of it makes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.events import schedules
from chalicelib.operations import invitations
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import organisations, sessions
from chalicelib.tables import waitlist as line
from tests.operations.request_counter import counted

OpenSession = Callable[..., Session]


def other(org: str, session: Session, now: datetime) -> Session:
    """Found another organisation with the same session."""
    organisations.create(Organisation(org=org, name=org, created_at=now))
    sessions.create(replace(session, org=org))
    return sessions.get(org, session.id)


def invited_to(org: str, email: str, now: datetime) -> Any:
    from chalicelib.rules.inputs.invitations import InvitationInput

    return invitations.invite(org, "s1", InvitationInput(email=email), by="owner", key=email, now=now).invitation


def waits(session: str, now: datetime, email: str = "ben@example.org") -> None:
    line.join(WaitlistEntry("demo", session, email[0], email, "Ben", spots=9, place=1, joined_at=now, locale="en"))


def requests(now: datetime) -> int:
    with counted() as counts:
        schedules.run(now)
    return counts.total()


def sample(open_session: OpenSession) -> Session:
    return open_session(id="sample")
