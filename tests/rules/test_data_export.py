"""The export of a customer's data."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.rules.data_export import OURS, DataExport, to_json
from chalicelib.rules.messages import Content, Message
from chalicelib.rules.organisations import EmailPreferences
from tests.samples import CUSTOMER, ENTRY, INVITATION, INVOICE, NOW, REGISTRATION

MESSAGE = Message("demo", "m", "confirmation", "ana@example.org", "en", NOW, state="sent", sent_at=NOW, subject="You are registered")
EXPORT = DataExport(
    customer=replace(CUSTOMER, user="sub-1", fields=(("Level", "blue"),)),
    groups=["Beginners"],
    email_preferences={"ana@example.org": EmailPreferences(unsubscribed=True)},
    registrations=[REGISTRATION],
    invitations=[INVITATION],
    waitlists=[ENTRY],
    messages=[replace(MESSAGE, content=Content("You are registered", "Dear Ana", "<p>Dear Ana</p>"))],
    invoices=[INVOICE],
    titles={"s1": "Pottery"},
)
TOLD = to_json(EXPORT)


def keys(value: Any) -> set[str]:
    """Return all keys of a document, at every depth."""
    if isinstance(value, dict):
        return {*value, *(key for inner in value.values() for key in keys(inner))}
    return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()


def test_it_is_json_as_it_stands() -> None:
    assert json.loads(json.dumps(TOLD)) == TOLD


@pytest.mark.parametrize("kind", ["registrations", "invitations", "waitlists", "messages", "invoices", "addresses"])
def test_nothing_of_any_kind_is_left_out(kind: str) -> None:
    assert len(TOLD[kind]) == 1


@pytest.mark.parametrize("name", sorted(OURS))
def test_internal_counts_are_not_exported(name: str) -> None:
    assert name not in keys(TOLD)


def test_people_are_named_as_they_know_each_other() -> None:
    assert (TOLD["customer"]["name"], TOLD["customer"]["groups"], TOLD["customer"]["fields"]) == (
        "Ana Martin",
        ["Beginners"],
        {"Level": "blue"},
    )
    assert {TOLD[kind][0]["title"] for kind in ("registrations", "invitations", "waitlists")} == {"Pottery"}
    assert TOLD["registrations"][0]["participants"] == ["Zoé Martin", "Léo Martin"]
    assert TOLD["addresses"][0]["unsubscribed"] is True


def test_times_are_written_as_the_api_does() -> None:
    assert TOLD["registrations"][0]["created_at"] == TOLD["messages"][0]["sent_at"] == "2026-11-22T12:00:00Z"


def test_a_message_is_given_with_its_words_while_they_are_kept() -> None:
    assert (TOLD["messages"][0]["subject"], TOLD["messages"][0]["text"]) == ("You are registered", "Dear Ana")
    (short,) = to_json(EXPORT._replace(messages=[MESSAGE]))["messages"]
    assert (short["subject"], short["text"]) == ("You are registered", None)


def test_a_session_that_was_deleted_has_no_title() -> None:
    assert to_json(EXPORT._replace(titles={}))["registrations"][0]["title"] == ""
