"""R6: who has unsubscribed gets nothing unasked for, a suppressed address nothing at all, in whatever order things happen."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from chalicelib.config import config
from chalicelib.events import messages as message_events
from chalicelib.events import rosters as roster_events
from chalicelib.operations.messages import queue, send
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import dynamodb, keys, messages, organisations
from chalicelib.tables.conditions import Update, absent
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import accepted, invited

OpenSession = Callable[..., Session]


def suppress(email: str) -> None:
    key = keys.address("demo", email)
    dynamodb.update(config().records_table, key, Update().set(suppressed=True), absent("suppressed"))


def unsubscribe(email: str, now: datetime) -> None:
    organisations.set_unsubscribed("demo", email, unsubscribed=True, now=now)


@pytest.mark.parametrize("order", list(permutations(["invite", "unsubscribe", "send"])))
def test_nobody_is_invited_after_unsubscribing(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime, order: tuple[str, ...]
) -> None:
    open_session()
    steps: dict[str, Callable[[], object]] = {
        "invite": lambda: invited("Ana@example.org", now=now),
        "unsubscribe": lambda: unsubscribe("ana@EXAMPLE.org", now),
        "send": lambda: streams.drain(now),
    }
    for step in order:
        steps[step]()
    before = "send" in order[order.index("invite") :] and order.index("send") < order.index("unsubscribe")
    streams.drain(now)
    assert len(ses.sent) == (1 if before else 0)


def test_who_has_unsubscribed_is_registered_and_told_so(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    unsubscribe("ana@example.org", now)
    invitation = invited("ana@example.org", now=now)
    streams.drain(now)
    accepted(invitation, now=now)
    streams.drain(now)
    assert ses.subjects == ["You are registered: Pottery"]


def test_a_message_withheld_says_why(organisation: Organisation, ses: Ses, now: datetime) -> None:
    suppress("ana@example.org")
    own = queue(kind="password_reset", org="demo", to="Ana@Example.org", locale="en", data={"user": "u", "nonce": "n"}, key="1", now=now)
    assert send("demo", own, now=now) == "suppressed"
    message = messages.get("demo", own)
    assert message
    assert (message.state, message.reason) == ("suppressed", "suppressed")
    assert ses.sent == []
    assert list(messages.unsent("demo", now + timedelta(days=1))) == [], "the schedule need not look at it again"


def test_the_wish_is_asked_again_by_every_attempt(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invited("ana@example.org", now=now)
    ses.fail("InternalFailure")
    roster_events.handle({"Records": streams.rosters.read()}, clock=lambda: now)
    records = streams.messages.read()
    assert message_events.handle({"Records": records}, clock=lambda: now) == {"batchItemFailures": []}
    unsubscribe("ana@example.org", now)
    assert message_events.handle({"Records": records}, clock=lambda: now) == {"batchItemFailures": []}
    assert ses.sent == []
