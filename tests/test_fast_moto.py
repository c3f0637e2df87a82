"""Transactions on the accelerated moto are still all or nothing."""

from typing import Any

import boto3
import pytest

from chalicelib.tables import dynamodb
from chalicelib.tables.keys import Key
from tests.api.tenants import dump, nothing_stored

TABLE = "rollbook-test-rosters"
THERE, NOT_THERE = "attribute_exists(pk)", "attribute_not_exists(pk)"


def put(name: str, condition: str = NOT_THERE) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": {**Key("demo#s", name).stored(), "n": {"N": "0"}}, "ConditionExpression": condition}}


def count(name: str) -> dict[str, Any]:
    more = {"UpdateExpression": "SET n = n + :one", "ConditionExpression": THERE, "ExpressionAttributeValues": {":one": {"N": "1"}}}
    return {"Update": {"TableName": TABLE, "Key": Key("demo#s", name).stored(), **more}}


def delete(name: str) -> dict[str, Any]:
    return {"Delete": {"TableName": TABLE, "Key": Key("demo#s", name).stored(), "ConditionExpression": THERE}}


def records() -> int:
    client = boto3.client("dynamodbstreams", endpoint_url="https://streams.dynamodb.eu-central-1.amazonaws.com")
    arn = boto3.client("dynamodb").describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    return len(client.get_records(ShardIterator=start)["Records"])


def test_a_transaction_is_done(tables: None) -> None:
    dynamodb.transact([put("a"), put("b")])
    dynamodb.transact([count("a"), delete("b"), put("c")])
    assert {key.rpartition(" ")[2]: item["n"]["N"] for key, item in dump().items()} == {"a": "1", "c": "0"}


@pytest.mark.parametrize("failing", [put("a"), count("x"), delete("x")])
def test_or_nothing_of_it(tables: None, failing: dict[str, Any]) -> None:
    dynamodb.transact([put("a"), put("b")])
    before, told = dump(), records()
    with pytest.raises(dynamodb.TransactionFailed):
        dynamodb.transact([put("new"), count("b"), failing])
    assert (dump(), records()) == (before, told)
    dynamodb.update(TABLE, Key("demo#s", "b"), "SET n = n + :one", THERE, values={":one": {"N": "1"}})
    assert dump()[f"{TABLE} demo#s b"]["n"] == {"N": "1"}
    assert before[f"{TABLE} demo#s b"]["n"] == {"N": "0"}


@pytest.mark.parametrize("change", [put("new"), count("b"), delete("b")], ids=["stored", "changed", "deleted"])
def test_a_change_is_noticed_without_reading_every_attribute(tables: None, change: dict[str, Any]) -> None:
    dynamodb.transact([put("a"), put("b")])
    with nothing_stored(), pytest.raises(dynamodb.TransactionFailed):
        dynamodb.transact([count("a"), put("b")])
    with pytest.raises(AssertionError, match="demo#s"), nothing_stored():
        dynamodb.transact([change])
