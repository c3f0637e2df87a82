"""The functions' policies: one each, by hand, with nothing that a function does not need. What they do need, every test on moto shows."""

import json
from typing import Any

import pytest

from chalicelib.events import deliveries
from infra.deploying.stage import HANDLERS
from tests import permissions
from tests.permissions import HANDLERS as BEGINNINGS
from tests.permissions import PROJECT, Need, permits, policy_file, statements

MAILER = "on_messages"
FOLLOWERS = {"on_rosters": "rosters", "on_messages": "messages"}
ON_ITEMS = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"}
OF_STREAMS = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
NOT_OURS_TO_NAME = {"arn:aws:cognito-idp:*:*:userpool/*", "arn:aws:ses:*:*:identity/*"}
"""What AWS, or the operator, has named."""
FORGETTING = ("on_jobs", "dynamodb:Scan", ["arn:aws:dynamodb:*:*:table/rollbook-*-memory"])
"""Whoever is forgotten is looked for in what is only kept for a while; no request waits for it."""


def grants(function: str) -> list[tuple[str, list[str]]]:
    return [(action, statement["Resource"]) for statement in statements(function) for action in statement["Action"]]


def test_each_function_has_a_policy_of_its_own() -> None:
    files = [policy_file(handler) for handler in HANDLERS]
    assert sorted(files) == sorted(path.name for path in (PROJECT / ".chalice").glob("policy-*.json"))
    assert len(set(files)) == len(HANDLERS)
    assert {*BEGINNINGS.values()} == {*HANDLERS}


@pytest.mark.parametrize("handler", HANDLERS)
def test_things_and_actions_are_named(handler: str) -> None:
    for statement in statements(handler):
        assert (statement["Effect"], set(statement) - {"Sid", "Effect", "Action", "Resource"}) == ("Allow", set())
        assert not any("*" in action for action in statement["Action"])
        for arn in statement["Resource"]:
            assert "rollbook-" in arn or arn in NOT_OURS_TO_NAME, arn


@pytest.mark.parametrize("handler", HANDLERS)
def test_of_tables_only_items_are_touched_and_none_is_searched_through(handler: str) -> None:
    for action, things in grants(handler):
        service, _, name = action.partition(":")
        if service == "dynamodb" and (handler, action, things) != FORGETTING:
            assert name in (OF_STREAMS if "/stream/" in things[0] else {"Query"} if "/index/" in things[0] else ON_ITEMS), action


@pytest.mark.parametrize("handler", HANDLERS)
def test_only_the_mailer_may_send(handler: str) -> None:
    assert any(action.startswith("ses:") for action, _ in grants(handler)) == (handler == MAILER)


def test_the_mailer_only_reads_the_ledger() -> None:
    on_rosters = {action.partition(":")[2] for action, things in grants(MAILER) if any("-rosters" in arn for arn in things)}
    assert on_rosters <= {"GetItem", "BatchGetItem", "Query"}


@pytest.mark.parametrize(("handler", "table"), FOLLOWERS.items())
def test_who_follows_a_stream_may_read_it_and_set_aside_what_fails(handler: str, table: str) -> None:
    stream = f"table/rollbook-x-{table}/stream/2026"
    assert all(permits(handler, Need(f"dynamodb:{action}", stream)) for action in OF_STREAMS)
    assert permits(handler, Need("sqs:SendMessage", "rollbook-x-stream-failed"))


def test_what_is_not_permitted_fails_a_test(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    event: dict[str, Any] = {"eventType": "Delivery", "mail": {"tags": {"org": ["demo"], "message": ["m"]}}}
    deliveries.handle({"detail": event})
    monkeypatch.setattr(permissions, "statements", lambda _function: ())
    permits.cache_clear()
    with pytest.raises(AssertionError, match="on_deliveries needs dynamodb:"):
        deliveries.handle({"detail": event})
    permits.cache_clear()


def test_policies_are_written_alike() -> None:
    for handler in HANDLERS:
        text = (PROJECT / ".chalice" / policy_file(handler)).read_text()
        assert text == json.dumps(json.loads(text), indent=2) + "\n", policy_file(handler)
