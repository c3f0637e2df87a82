"""The stored form of messages stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.rules.messages import Content, Message
from chalicelib.tables import dynamodb, keys, messages
from chalicelib.tables.items import Item, item
from chalicelib.tables.messages.rows import message_item, packed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"

NEW = Message("demo", "m1", "confirmation", "ana@example.org", "fr", NOW)
NEW_ROW = {
    "pk": "demo#m1",
    "kind": "confirmation",
    "to": "ana@example.org",
    "recipient": "demo#ana@example.org",
    "locale": "fr",
    "data": {},
    "state": "queued",
    "attempts": 0,
    "created_at": "2026-11-22T12:00:00Z",
    "unsent": "#unsent#0",
}
ABOUT = replace(NEW, data={"session": "s1", "registration": "r1", "cancelled": [1, 2]}, state="sending", attempts=2)
ABOUT_ROW = {
    "pk": "demo#m1",
    "kind": "confirmation",
    "to": "ana@example.org",
    "recipient": "demo#ana@example.org",
    "session": "demo#s1",
    "locale": "fr",
    "data": {"session": "s1", "registration": "r1", "cancelled": [1, 2]},
    "state": "sending",
    "attempts": 2,
    "created_at": "2026-11-22T12:00:00Z",
    "unsent": "#unsent#0",
}


@pytest.mark.parametrize(("message", "row"), [(NEW, NEW_ROW), (ABOUT, ABOUT_ROW)], ids=["new", "full"])
def test_a_message_is_stored_as_it_always_was(message: Message, row: Item) -> None:
    assert message_item(message) == item(row)
    assert messages.message_from(item(row)) == message


def test_a_message_without_attributes_that_were_added_later_is_read() -> None:
    older = {name: value for name, value in NEW_ROW.items() if name not in {"data", "attempts"}}
    assert messages.message_from(item(older)) == NEW


def test_a_sent_message_is_stored_as_it_always_was(tables: None) -> None:
    messages.add(NEW)
    taken = messages.take("demo", "m1", now=NOW, until=NOW + timedelta(minutes=1))
    assert taken is not None
    content = Content("Sujet", "Texte", "<p>Texte</p>")
    messages.mark_sent(taken, ses_id="ses-1", content=content, now=NOW)
    found = dynamodb.get(config().messages_table, keys.message("demo", "m1"))
    assert found is not None
    assert found.pop("content") == {"B": packed(content)}
    sent = {"state": "sent", "attempts": 1, "sent_at": WRITTEN, "ses_id": "ses-1", "subject": "Sujet"}
    assert found == item({**{name: value for name, value in NEW_ROW.items() if name != "unsent"}, **sent})
    read = replace(NEW, state="sent", attempts=1, sent_at=NOW, ses_id="ses-1", subject="Sujet", content=content)
    assert messages.get("demo", "m1") == read


def test_the_fate_of_a_sent_message_is_its_state() -> None:
    sent = {**NEW_ROW, "state": "sent", "fate": "bounced", "fate_reason": "no such user"}
    assert messages.message_from(item(sent)) == replace(NEW, state="bounced", reason="no such user")
    assert messages.message_from(item({**sent, "state": "sending"})) == replace(NEW, state="sending")
