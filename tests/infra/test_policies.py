"""The functions' policies: one each, written by hand, without permissions that a function does not need.

The permissions that a function does need are proved by every test on moto.
"""

import json
import re
from typing import Any

import pytest

from chalicelib.events import deliveries
from chalicelib.operations.messages import outbox
from chalicelib.tables import keys
from infra.deployment import policies
from infra.deployment.policies import Scope
from infra.deployment.stage import API, HANDLERS, Stage
from tests import permissions
from tests.permissions import PROJECT, Need, permits, policy_file, statements

MAILER = "on_messages"
FOLLOWERS = {"on_rosters": "rosters", "on_messages": "messages", "on_records": "records"}
ON_ITEMS = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"}
OF_STREAMS = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
ACCOUNT, REGION = "123456789012", "eu-central-1"
PROD, DEV = (
    Scope(
        Stage(name),
        REGION,
        ACCOUNT,
        f"rollbook-{name}",
        f"eu-central-1_{name}",
        f"rollbook-{name}-imports-1",
        f"rollbook-{name}-pictures-1",
        f"a@{name}.example.org",
    )
    for name in ("prod", "dev")
)
CONDITIONS = {
    "Webhooks": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#webhooks", "*#webhooks#*"]}},
    "Unlisted": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#unlisted#*"]}},
    "FullMarks": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#full#*"]}},
    "CustomersByStatus": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#customers#*"]}},
    "Usage": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["*#usage#*"]}},
}
"""The conditions of statements that allow something, other than those on buckets."""
MOST_CHARACTERS = 10_240
"""What IAM takes as the policies of one role, blanks not counted."""
OF_THE_ACCOUNT = ("ses:GetAccount", ["*"])
"""How many e-mails the account may send in a second is no resource of its own."""
OPEN_ENDED = re.compile(
    r"/(index|stream)/\*$|:configuration-set/rollbook-prod_\*$|/aws/lambda/rollbook-prod[a-z_-]*:\*$"
    r"|^arn:aws:s3:::rollbook-prod-(?:imports|pictures)-1/\*$"
)
"""All indexes or streams of one table, configuration sets of a stage's organisations, streams of one log group, objects of one bucket."""


def grants(function: str) -> list[tuple[str, list[str]]]:
    return [(action, said["Resource"]) for said in allowed(function) for action in said["Action"]]


def allowed(function: str) -> list[dict[str, Any]]:
    return [statement for statement in statements(function, PROD) if statement["Effect"] == "Allow"]


def test_each_function_has_a_policy_of_its_own() -> None:
    files = [policy_file(handler) for handler in HANDLERS]
    assert files == [policies.template_name(handler) for handler in HANDLERS]
    assert sorted(files) == sorted(path.name for path in (PROJECT / ".chalice").glob("policy-*.json") if path.name.count(".") == 1)
    assert len(set(files)) == len(HANDLERS)
    assert {*permissions.beginnings().values()} == {*HANDLERS}


@pytest.mark.parametrize("handler", HANDLERS)
def test_resources_are_those_of_one_stage_and_actions_have_no_wildcards(handler: str) -> None:
    for statement in allowed(handler):
        assert not any("*" in action for action in statement["Action"])
        if (*statement["Action"], statement["Resource"]) == OF_THE_ACCOUNT:
            continue
        for arn in statement["Resource"]:
            assert "prod" in arn or arn.endswith(":identity/example.org"), arn
            assert "*" not in OPEN_ENDED.sub("", arn), arn
            assert arn.split(":")[3:5] in ([REGION, ACCOUNT], ["", ""]), arn


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_bucket_of_another_account_is_out_of_reach(handler: str) -> None:
    for statement in allowed(handler):
        conditions = {"StringEquals": {"aws:ResourceAccount": ACCOUNT}} if "arn:aws:s3" in str(statement["Resource"]) else {}
        assert statement.get("Condition", {}) == CONDITIONS.get(statement["Sid"], conditions)


def test_a_function_that_calls_strangers_writes_rows_of_webhooks_only() -> None:
    table = "table/rollbook-prod-records"
    written = {
        key: permits("on_webhooks", Need("dynamodb:UpdateItem", table, (key,)), PROD)
        for key in ("demo", "demo#webhooks", "demo#webhooks#w")
    }
    assert written == {"demo": False, "demo#webhooks": True, "demo#webhooks#w": True}


@pytest.mark.parametrize("handler", HANDLERS)
def test_what_is_allowed_in_prod_is_denied_to_the_same_function_of_dev(handler: str) -> None:
    for action, things in grants(handler):
        for arn in things:
            thing = arn.split(":", 5)[-1].replace("*", "x").replace("??????", "AbCdEf")
            need = Need(action, thing, ("demo#webhooks", "demo#usage#2026-11-29", "demo#unlisted#s1", "demo#full#s1", "demo#customers#x"))
            assert permits(handler, need, PROD), need
            assert not permits(handler, need, DEV) or need.thing == "identity/example.org" or (action, things) == OF_THE_ACCOUNT, need


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("action", ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"])
def test_the_api_keeps_the_stripe_keys_and_jobs_read_them(handler: str, action: str) -> None:
    row = Need(f"dynamodb:{action}", "table/rollbook-prod-records", ("demo", keys.stripe_keys("demo").pk))
    reads = action in {"GetItem", "BatchGetItem", "Query"}
    assert permits(handler, row, PROD) == (handler == API or (handler == "on_jobs" and reads))


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_policy_fits_into_a_role(handler: str) -> None:
    assert len(json.dumps(policies.render(handler, PROD), separators=(",", ":"))) < MOST_CHARACTERS


def test_a_sender_is_sent_for_under_its_address_its_domain_or_one_above() -> None:
    assert policies.identities("a@mail.example.org") == ["a@mail.example.org", "mail.example.org", "example.org"]
    assert policies.identities("a@localhost") == ["a@localhost", "localhost"]


@pytest.mark.parametrize("handler", HANDLERS)
def test_functions_use_items_of_tables_only_and_scan_none(handler: str) -> None:
    for action, things in grants(handler):
        service, _, name = action.partition(":")
        if service == "dynamodb":
            assert name in (OF_STREAMS if "/stream/" in things[0] else {"Query"} if "/index/" in things[0] else ON_ITEMS), action


@pytest.mark.parametrize("handler", HANDLERS)
def test_only_the_mailer_may_send(handler: str) -> None:
    assert any(action.startswith("ses:") for action, _ in grants(handler)) == (handler == MAILER)


def test_the_mailer_only_reads_the_ledger() -> None:
    on_rosters = {action.partition(":")[2] for action, things in grants(MAILER) if any("-rosters" in arn for arn in things)}
    assert on_rosters <= {"GetItem", "BatchGetItem", "Query"}


@pytest.mark.parametrize(("handler", "table"), FOLLOWERS.items())
def test_stream_functions_may_read_their_stream_and_use_the_failure_queue(handler: str, table: str) -> None:
    stream = f"table/rollbook-prod-{table}/stream/2026"
    assert all(permits(handler, Need(f"dynamodb:{action}", stream), PROD) for action in OF_STREAMS)
    assert permits(handler, Need("sqs:SendMessage", "rollbook-prod-stream-failed"), PROD)


def test_a_missing_permission_fails_a_test(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    event: dict[str, Any] = {"eventType": "Delivery", "mail": {"tags": {"org": ["demo"], "message": ["m"]}}}
    deliveries.handle({"detail": event})
    monkeypatch.setattr(permissions, "statements_about", lambda *_: ())
    with pytest.raises(AssertionError, match="on_deliveries needs dynamodb:"):
        deliveries.handle({"detail": event})


@pytest.mark.parametrize("bogus", ["chalicelib/web/router.py", Need, permissions.origin_of, json, json.dumps])
def test_an_entry_point_that_is_not_ours_fails(bogus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "beginnings", lambda: {bogus: "api_handler"})
    with pytest.raises(TypeError):
        permissions.enforce.__wrapped__()


def test_a_renamed_entry_point_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(outbox, "send")
    with pytest.raises(AttributeError, match="send"):
        permissions.enforce.__wrapped__()


def test_policies_have_one_format() -> None:
    for handler in HANDLERS:
        text = (PROJECT / ".chalice" / policy_file(handler)).read_text()
        assert text == json.dumps(json.loads(text), indent=2) + "\n", policy_file(handler)
