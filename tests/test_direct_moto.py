"""Requests that go to moto directly are answered as those over HTTP are."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError

from chalicelib import clients
from chalicelib.tables.keys import Key
from tests.api.stored_items import dump

TABLE = "rollbook-test-rosters"
KEY = Key("demo#s", "a").stored()
FULL: dict[str, Any] = {
    "text": {"S": "é"}, "n": {"N": "1.50"}, "yes": {"BOOL": True}, "none": {"NULL": True}, "raw": {"B": b"\x00\xff"},
    "list": {"L": [{"S": "x"}, {"M": {"B": {"S": "y"}}}]}, "set": {"SS": ["p"]}, "empty": {"M": {}},
}  # fmt: skip
ONE = {":one": {"N": "1"}}
MORE = {"UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": ONE}
IF_ONE = {"ConditionExpression": "n = :one"}
THERE = "attribute_exists(pk)"
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"TableName": TABLE, "Item": KEY | FULL, "ReturnConsumedCapacity": "TOTAL"}),
    ("put_item", {"TableName": TABLE, "Item": KEY | FULL, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"TableName": TABLE, "Item": KEY | FULL, "ConditionExpression": "attribute_not_exists(pk)"}),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}),
    ("get_item", {"TableName": TABLE, "Key": Key("demo#s", "nobody").stored()}),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ProjectionExpression": "#t", "ExpressionAttributeNames": {"#t": "list"}}),
    ("update_item", {"TableName": TABLE, "Key": KEY, **MORE, "ReturnValues": "ALL_NEW"}),
    ("update_item", {"TableName": TABLE, "Key": KEY, **MORE, "ReturnValues": "UPDATED_OLD"}),
    ("update_item", {"TableName": TABLE, "Key": Key("demo#s", "x").stored(), **MORE, "ConditionExpression": THERE}),
    ("update_item", {"TableName": TABLE, "Key": KEY, **MORE, **IF_ONE, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}),
    ("query", {"TableName": TABLE, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": KEY["pk"]}, "Limit": 1}),
    ("query", {"TableName": TABLE, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": KEY["pk"]}, "Select": "COUNT"}),
    ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY, Key("demo#s", "nobody").stored()]}}}),
    ("batch_write_item", {"RequestItems": {TABLE: [{"PutRequest": {"Item": Key("demo#s", "b").stored() | FULL}}]}}),
    ("transact_write_items", {"TransactItems": [{"Update": {"TableName": TABLE, "Key": KEY, **MORE}}]}),
    ("transact_write_items", {"TransactItems": [{"Delete": {"TableName": TABLE, "Key": KEY, "ExpressionAttributeValues": ONE, **IF_ONE}}]}),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": TABLE, "Key": KEY}}]}),
    ("scan", {"TableName": TABLE}),
    ("scan", {"TableName": "no-such-table"}),
    ("delete_item", {"TableName": TABLE, "Key": KEY, "ReturnValues": "ALL_OLD"}),
]  # fmt: skip


def ask(method: str, parameters: dict[str, Any]) -> Any:
    try:
        said: Any = getattr(clients.dynamodb(), method)(**parameters)
    except ClientError as refused:
        said = refused.response
    return said["ResponseMetadata"]["HTTPStatusCode"], {name: value for name, value in said.items() if name != "ResponseMetadata"}


@pytest.fixture
def seen(tables: None) -> Callable[[], list[str]]:
    """Return `seen()`, which starts to look at requests on the wire, and returns the list of them."""

    def look() -> list[str]:
        found: list[str] = []
        clients.dynamodb().meta.events.register_first("before-send.dynamodb", lambda event_name, **_: found.append(event_name))
        return found

    return look


def test_both_ways_give_the_same_answers_and_leave_the_same_rows(seen: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    through_botocore: list[str] = []
    make = Endpoint.make_request

    def noted(endpoint: Endpoint, operation: Any, parameters: Any) -> Any:
        through_botocore.append(operation.name)
        return make(endpoint, operation, parameters)

    monkeypatch.setattr(Endpoint, "make_request", noted)
    directly = [ask(*request) for request in REQUESTS]
    rows = dump()
    refused = sum(status >= 400 for status, _ in directly)
    assert (through_botocore, refused) == ([], 5)
    for row in rows.values():
        clients.dynamodb().delete_item(TableName=TABLE, Key={"pk": row["pk"], "sk": row["sk"]})
    on_the_wire = seen()
    assert [ask(*request) for request in REQUESTS] == directly
    assert dump() == rows
    assert len(on_the_wire) >= len(REQUESTS)


def test_what_was_answered_is_a_copy(tables: None) -> None:
    clients.dynamodb().put_item(TableName=TABLE, Item=KEY | FULL)
    found: Any = clients.dynamodb().get_item(TableName=TABLE, Key=KEY)["Item"]
    found["list"]["L"].clear()
    found["empty"]["M"]["more"] = {"S": "x"}
    assert clients.dynamodb().get_item(TableName=TABLE, Key=KEY)["Item"] == KEY | FULL


@pytest.mark.parametrize(
    "unknown",
    [
        {"Conditon": THERE},
        {"Key": KEY | {"n": {"TEXT": "x"}}},
        {"ExpressionAttributeValues": {":list": {"L": [{"M": {"n": {"INT": "1"}}}]}}},
    ],
)
def test_what_dynamodb_does_not_know_fails(tables: None, unknown: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        clients.dynamodb().delete_item(**{"TableName": TABLE, "Key": KEY, **unknown})


def test_a_listener_hears_a_request_until_it_leaves(tables: None) -> None:
    heard: list[str] = []
    events = clients.dynamodb().meta.events
    clients.dynamodb().get_item(TableName=TABLE, Key=KEY)
    events.register("before-call.dynamodb", lambda model, **_: heard.append(model.name), unique_id="test")
    clients.dynamodb().get_item(TableName=TABLE, Key=KEY)
    events.unregister("before-call.dynamodb", unique_id="test")
    clients.dynamodb().get_item(TableName=TABLE, Key=KEY)
    assert heard == ["GetItem"]
