"""R6: who has unsubscribed gets nothing unasked for, a suppressed address nothing at all, in whatever order things happen."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from chalicelib.events import messages as message_events
from chalicelib.events import rosters as roster_events
from chalicelib.operations.messages import queue, send
from chalicelib.rules.messages import UNSUBSCRIBABLE, unwanted
from chalicelib.rules.organisations import Organisation, Wishes
from chalicelib.rules.sessions import Session
from chalicelib.settings import settings
from chalicelib.tables import keys, messages, organisations, requests
from chalicelib.tables.items import stored
from tests.messages.post_office import PostOffice, Ses
from tests.messages.test_following import accepted, invited

OpenSession = Callable[..., Session]


def suppress(email: str) -> None:
    key = keys.address("demo", email)
    requests.update(
        settings().records_table, key, "SET suppressed = :yes", "attribute_not_exists(suppressed)", values={":yes": stored(True)}
    )


def unsubscribe(email: str, now: datetime) -> None:
    organisations.set_unsubscribed("demo", email, unsubscribed=True, now=now)


def test_what_nobody_asked_for_can_be_unsubscribed_from() -> None:
    assert sorted(UNSUBSCRIBABLE) == ["invitation_reminder", "portal_invitation", "portal_reminder", "session_invitation"]
    assert unwanted("confirmation", Wishes(unsubscribed=True)) is None
    assert unwanted("confirmation", Wishes(suppressed=True))


@pytest.mark.parametrize("order", list(permutations(["invite", "unsubscribe", "send"])))
def test_nobody_is_invited_after_unsubscribing(
    open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime, order: tuple[str, ...]
) -> None:
    open_session()
    steps: dict[str, Callable[[], object]] = {
        "invite": lambda: invited("Ana@example.org", now=now),
        "unsubscribe": lambda: unsubscribe("ana@EXAMPLE.org", now),
        "send": lambda: office.work(now),
    }
    for step in order:
        steps[step]()
    before = "send" in order[order.index("invite") :] and order.index("send") < order.index("unsubscribe")
    office.work(now)
    assert len(ses.sent) == (1 if before else 0)


def test_who_has_unsubscribed_is_registered_and_told_so(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    open_session()
    unsubscribe("ana@example.org", now)
    invitation = invited("ana@example.org", now=now)
    office.work(now)
    accepted(invitation, now=now)
    office.work(now)
    assert ses.subjects == ["You are registered: Pottery"]


def test_a_message_withheld_says_why(organisation: Organisation, ses: Ses, now: datetime) -> None:
    suppress("ana@example.org")
    own = queue(kind="password_reset", org="demo", to="Ana@Example.org", locale="en", data={"user": "u", "nonce": "n"}, key="1", now=now)
    assert send("demo", own, now=now) == "suppressed"
    message = messages.get("demo", own)
    assert message
    assert (message.state, message.reason) == ("suppressed", "suppressed")
    assert ses.sent == []
    assert messages.unsent("demo", now + timedelta(days=1)) == [], "the schedule need not look at it again"


def test_the_wish_is_asked_again_by_every_attempt(open_session: OpenSession, office: PostOffice, ses: Ses, now: datetime) -> None:
    open_session()
    invited("ana@example.org", now=now)
    ses.fail("TooManyRequestsException")
    roster_events.handle({"Records": office.rosters.read()}, clock=lambda: now)
    records = office.messages.read()
    assert message_events.handle({"Records": records}, clock=lambda: now)["batchItemFailures"]
    unsubscribe("ana@example.org", now)
    assert message_events.handle({"Records": records}, clock=lambda: now) == {"batchItemFailures": []}
    assert ses.sent == []
