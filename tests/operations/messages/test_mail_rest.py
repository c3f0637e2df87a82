"""An organisation whose e-mails come back or are marked as spam rests for the day, by its own counts; others go on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.events import deliveries
from chalicelib.operations import invitations, jobs, notifications, organisations
from chalicelib.operations.messages import dispatch, mail_roster
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.sessions import Session
from chalicelib.rules.usage import MailCount
from chalicelib.tables import messages, usage
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker, join

Open = Callable[..., Session]
TEXT = RosterMessageInput(registrations="all", subject="Bring a towel", text="Dear all")
TOO_MANY = {"sent": 100, "bounced": 20}


def event(kind: str, message: str, *, org: str = "demo", bounce: str = "Permanent") -> dict[str, Any]:
    mail = {"messageId": "x", "tags": {"org": [org], "message": [message]}}
    return {"source": "aws.ses", "detail": {"eventType": kind, "bounce": {"bounceType": bounce}, "complaint": {}, "mail": mail}}


def sent(number: int, session: str, streams: Streams, now: datetime) -> list[str]:
    for one in range(number):
        draft = InvitationInput(email=f"n{one}@example.org")
        invitations.invite("demo", session, draft, by="owner", key=str(one), now=now)
    streams.drain(now)
    return [found.id for one in range(number) for found in messages.to_address("demo", f"n{one}@example.org", limit=1, start=None)[0]]


@pytest.mark.parametrize(
    ("count", "harms"),
    [
        (MailCount(100, 19, 0), False),
        (MailCount(199, 20, 0), True),
        (MailCount(200, 20, 0), False),
        (MailCount(999, 0, 5), True),
        (MailCount(1000, 0, 5), False),
        (MailCount(10, 0, 4), False),
    ],
)
def test_what_does_harm(count: MailCount, harms: bool) -> None:
    assert count.does_harm is harms


def test_bounces_and_complaints_are_counted_once_each(open_session: Open, streams: Streams, ses: Ses, now: datetime) -> None:
    first, second = sent(2, open_session().id, streams, now)
    for delivery in (
        event("Bounce", first), event("Bounce", first), event("Bounce", second, bounce="Transient"),
        event("Complaint", second), event("Complaint", second), event("Bounce", second), event("Delivery", first),
    ):  # fmt: skip
        deliveries.handle(delivery, clock=lambda: now)
    assert usage.mails_today("demo", now=now) == MailCount(sent=2, bounced=1, complained=1)


def test_a_mailing_and_its_e_mails_rest_until_midnight_and_staff_are_told_once(
    open_session: Open, streams: Streams, ses: Ses, worker: Worker, now: datetime
) -> None:
    session = open_session(spots_total=40).id
    first, second = sent(2, session, streams, now)
    usage.count_mails("demo", now=now, sent=100, bounced=18)
    for message in (first, second):
        deliveries.handle(event("Bounce", message), clock=lambda: now)
    usage.count_mails("demo", now=now, bounced=1)
    owner = StaffMember("demo", "u", "o@demo.test", "O", "owner", "active", now)
    told = [view for view in notifications.list_notifications(owner, locale="en", limit=9, now=now).items if "midnight" in view.text]
    assert len(told) == 1
    join(session, "ana@example.org", now=now)
    job = mail_roster("demo", session, TEXT, by="owner@demo.test", key="k", now=now)
    invitations.invite("demo", session, InvitationInput(email="late@example.org"), by="owner", key="late", now=now)
    before = len(ses.sent)
    worker.work()
    streams.drain(now)
    assert jobs.read_job("demo", job).done == 0
    assert ses.sent[before:] == []
    assert jobs.resume_stalled("demo", now=now + timedelta(hours=2)) == 0
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0)
    assert jobs.resume_stalled("demo", now=tomorrow) == 1
    worker.now = tomorrow
    worker.work()
    dispatch(now=tomorrow, leaves_at=tomorrow)
    streams.drain(tomorrow)
    assert set(ses.recipients[before:]) >= {"ana@example.org", "late@example.org"}


def test_others_and_what_somebody_waits_for_go_on(open_session: Open, streams: Streams, ses: Ses, now: datetime) -> None:
    organisations.create("other", "Other", now=now)
    usage.count_mails("other", now=now, **TOO_MANY)
    assert len(sent(1, open_session().id, streams, now)) == len(ses.sent) == 1
    usage.count_mails("demo", now=now, **TOO_MANY)
    join("s1", "ana@example.org", now=now)
    registration = join("s1", "ben@example.org", now=now)
    from chalicelib.operations import messages as operations

    data = {"session": "s1", "registration": registration.partition("-")[2]}
    operations.queue(kind="confirmation", org="demo", to="ben@example.org", locale="en", data=data, key="k", now=now)
    streams.drain(now)
    assert ses.recipients[1:] == ["ben@example.org"]
