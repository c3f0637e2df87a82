"""SES's events about an e-mail, in any order and repeated."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from chalicelib.events import deliveries
from chalicelib.operations.messages import send
from chalicelib.operations.messages.queue import queue
from chalicelib.rules.messages import Content, Message
from chalicelib.tables import messages, organisations
from infra.local.mailbox.emails import letter
from infra.local.simulator import DETAILS, event_of
from tests.aws import Demo

TO = "ana@example.org"
SENT = Content("Hello", "text", "<p>text</p>")
TRANSIENT = {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": []}}


@pytest.fixture
def message(demo_org: Demo, now: datetime) -> Message:
    """A message that SES is just taking."""
    own = queue(kind="password_reset", org="demo", to=TO, locale="en", data={"user": "u", "nonce": "n"}, key="k", now=now)
    taken = messages.take("demo", own, now=now, until=now)
    assert taken
    return taken


def told(message: Message, detail: dict[str, Any]) -> dict[str, Any]:
    tags = {"org": [message.org], "message": [message.id]}
    return {"source": "aws.ses", "detail": {**detail, "mail": {"messageId": "x", "tags": tags}}}


def states(message: Message, details: Sequence[str | None]) -> Message:
    """Return the message after these events; None is our own mark that it was sent."""
    for name in details:
        if name:
            deliveries.handle(told(message, DETAILS[name]))
        else:
            messages.mark_sent(message, ses_id="x", content=SENT, now=message.created_at)
    found = messages.get(message.org, message.id)
    assert found
    return found


@pytest.mark.parametrize("order", list(permutations([None, "success", "bounce", "complaint"])))
def test_the_heaviest_word_counts_in_any_order(message: Message, order: tuple[str | None, ...]) -> None:
    found = states(message, [*order, *order])
    assert (found.state, found.reason, found.content) == ("complained", "abuse", SENT)
    assert organisations.email_preferences("demo", TO).suppressed


def test_word_that_comes_before_our_mark_is_not_lost(message: Message) -> None:
    assert states(message, ["success"]).state == "sending"
    assert states(message, [None]).state == "delivered"


@pytest.mark.parametrize(("name", "suppressed_for"), [("bounce", "bounced"), ("complaint", "complained"), ("success", None)])
def test_what_bounces_for_good_or_complains_gets_no_more(message: Message, now: datetime, name: str, suppressed_for: str | None) -> None:
    states(message, [None, name])
    assert organisations.email_preferences("demo", TO.upper()).suppressed_for == suppressed_for
    again = queue(kind="password_reset", org="demo", to=TO, locale="en", data={"user": "u", "nonce": "n"}, key="2", now=now)
    if suppressed_for:
        assert send("demo", again, now=now) == "suppressed"


def test_a_full_mailbox_bounces_and_may_be_written_to_again(message: Message) -> None:
    states(message, [None])
    deliveries.handle(told(message, TRANSIENT))
    found = messages.get("demo", message.id)
    assert found
    assert (found.state, found.reason) == ("bounced", "MailboxFull")
    assert not organisations.email_preferences("demo", TO).suppressed


def test_the_list_shows_the_delivery_state(message: Message) -> None:
    states(message, [None, "bounce"])
    (listed,), _ = messages.to_address("demo", TO, limit=5, start=None)
    assert (listed.state, listed.reason) == ("bounced", "smtp; 550 5.1.1 user unknown")


@pytest.mark.parametrize(
    "detail",
    [{}, {"eventType": "Open"}, {"eventType": "Bounce"}, {"eventType": "Bounce", "mail": {"tags": {"org": ["demo"], "message": ["?"]}}}],
)
def test_an_event_about_an_unknown_message_changes_nothing(message: Message, detail: dict[str, Any]) -> None:
    deliveries.handle({"source": "aws.ses", "detail": detail})
    assert not organisations.email_preferences("demo", TO).suppressed


def test_the_local_simulator_speaks_as_ses_does() -> None:
    sent = {
        "FromEmailAddress": "a@b.test",
        "Destination": {"ToAddresses": ["bounce+7@simulator.amazonses.com"]},
        "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        "EmailTags": [{"Name": "org", "Value": "demo"}, {"Name": "message", "Value": "m"}],
    }
    event = event_of(letter(sent, id="1", at=0))
    assert event
    found = deliveries.read(event["detail"])
    assert found == ("demo", "m", "bounced", "smtp; 550 5.1.1 user unknown", True)
    assert event_of(letter({**sent, "Destination": {"ToAddresses": [TO]}}, id="1", at=0)) is None
