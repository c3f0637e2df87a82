"""On the accelerated moto, transactions are still all or nothing, and expressions are checked and carried out each time."""

from contextlib import nullcontext
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.tables import dynamodb
from chalicelib.tables.keys import Key
from tests.api.stored_items import dump, nothing_stored
from tests.fast_moto import fill_once

TABLE = "rollbook-test-rosters"
THERE, NOT_THERE = "attribute_exists(pk)", "attribute_not_exists(pk)"
ONE = {":one": {"N": "1"}}


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


MISTAKEN = {
    "SET n = :one, n = :one": "overlap",
    "SET pk = :one": "part of the key",
    "SET n = :one + :two": "not defined",
    "SET m = :one + n": "does not exist",
    "SET n :one": "Syntax error",
    "ADD n :one ADD m :one": "ADD",
}


@pytest.mark.parametrize("expression", MISTAKEN)
def test_a_mistaken_update_is_refused_each_time(tables: None, expression: str) -> None:
    parameters: Any = {"UpdateExpression": expression, "ExpressionAttributeValues": {":one": {"N": "1"}}}
    for _ in range(2):
        with pytest.raises(ClientError, match=MISTAKEN[expression]):
            boto3.client("dynamodb").update_item(TableName=TABLE, Key=Key("demo#s", "b").stored(), **parameters)


@pytest.mark.parametrize(("size", "fits"), [(404_000, True), (406_000, False)])
def test_an_item_has_at_most_four_hundred_kilobytes(tables: None, size: int, fits: bool) -> None:
    client: Any = boto3.client("dynamodb")
    key, half = Key("demo#s", "a").stored(), {"S": "x" * (size // 2)}
    client.put_item(TableName=TABLE, Item={**key, "first": half, "m": {"M": {}}})
    before, parameters = dump(), {"ExpressionAttributeNames": {"#second": "second"}, "ExpressionAttributeValues": {":half": half, **ONE}}
    with nullcontext() if fits else pytest.raises(ClientError, match="size"):
        client.update_item(TableName=TABLE, Key=key, UpdateExpression="SET n = :one, m.#second = :half", **parameters)
    assert (dump() == before) is not fits
    with nullcontext() if fits else pytest.raises(ClientError, match="size"):
        client.put_item(TableName=TABLE, Item={**key, "first": half, "m": {"M": {"second": half}}})


def test_what_an_update_leaves_depends_on_its_row_and_values(tables: None) -> None:
    client: Any = boto3.client("dynamodb")
    gone = {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}
    for name in ("a", "b"):
        client.put_item(TableName=TABLE, Item={**Key("demo#s", name).stored(), "map": {"M": {"list": {"L": []}}}, "gone": gone})
    change = "SET n = if_not_exists(n, :n) + :n, #a.#b = list_append(#a.#b, :l) REMOVE gone[2], gone[0] ADD m :n"
    for name, n in (("a", "1"), ("b", "20"), ("a", "300")):
        values = {":n": {"N": n}, ":l": {"L": [{"S": n}]}}
        more = {"ExpressionAttributeValues": values, "ExpressionAttributeNames": {"#a": "map", "#b": "list"}}
        client.update_item(TableName=TABLE, Key=Key("demo#s", name).stored(), UpdateExpression=change, **more)
    left = [[row[at] for at in ("n", "m", "map", "gone")] for row in dump().values()]
    assert left == [
        [{"N": "302"}, {"N": "301"}, {"M": {"list": {"L": [{"S": "1"}, {"S": "300"}]}}}, {"L": []}],
        [{"N": "40"}, {"N": "20"}, {"M": {"list": {"L": [{"S": "20"}]}}}, {"L": [{"S": "1"}]}],
    ]


CONDITION = "#a = :v AND (NOT #b BETWEEN :low AND :high OR contains(#c, :v))"
ROW: dict[str, Any] = {"a": {"S": "x"}, "b": {"N": "5"}, "c": {"SS": ["x", "y"]}, "d": {"N": "10"}}
ABC = {"#a": "a", "#b": "b", "#c": "c"}
X, Y, FIVE, TEN = {"S": "x"}, {"S": "y"}, {"N": "5"}, {"N": "10"}


@pytest.mark.parametrize(
    ("names", "values", "holds"),
    [
        (ABC, {":v": X, ":low": FIVE, ":high": TEN}, True),
        (ABC, {":v": Y, ":low": FIVE, ":high": TEN}, False),
        (ABC | {"#c": "d"}, {":v": X, ":low": FIVE, ":high": TEN}, False),
        (ABC | {"#c": "d"}, {":v": X, ":low": TEN, ":high": TEN}, True),
        (ABC | {"#a": "d"}, {":v": TEN, ":low": TEN, ":high": TEN}, True),
        (ABC | {"#a": "d"}, {":v": FIVE, ":low": TEN, ":high": TEN}, False),
    ],
)
def test_a_condition_depends_on_its_names_and_values(tables: None, names: dict[str, str], values: dict[str, Any], holds: bool) -> None:
    client: Any = boto3.client("dynamodb")
    key = Key("demo#s", "a").stored()
    parameters = {"ConditionExpression": CONDITION, "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    for _ in range(2):
        client.put_item(TableName=TABLE, Item={**key, **ROW})
        with nullcontext() if holds else pytest.raises(ClientError, match="conditional request failed"):
            client.delete_item(TableName=TABLE, Key=key, **parameters)
        assert len(dump()) == (not holds)


@pytest.mark.parametrize(
    ("mistaken", "mistake"), [({"ExpressionAttributeNames": {**ABC, "#z": "z"}}, "unused"), ({"ConditionExpression": "#a ="}, "#a =")]
)
def test_a_mistaken_condition_is_refused_each_time(tables: None, mistaken: dict[str, Any], mistake: str) -> None:
    values = {":v": X, ":low": FIVE, ":high": TEN}
    right: dict[str, Any] = {"ConditionExpression": CONDITION, "ExpressionAttributeNames": ABC, "ExpressionAttributeValues": values}
    parameters: dict[str, Any] = {"TableName": TABLE, "Item": {**Key("demo#s", "b").stored(), "a": X}}
    for _ in range(2):
        with pytest.raises(ClientError, match="conditional request failed"):
            boto3.client("dynamodb").put_item(**parameters, **right)
        with pytest.raises(Exception, match=mistake):
            boto3.client("dynamodb").put_item(**parameters, **{**right, **mistaken})


def plant(now: datetime) -> None:
    filled.append(now)
    dynamodb.transact([put(f"planted {now:%M}")])


filled: list[datetime] = []


@pytest.mark.parametrize("change", [put("new"), count("planted 00"), delete("planted 00")], ids=["stored", "changed", "deleted"])
def test_each_test_finds_the_rows_as_they_were_planted(tables: None, now: datetime, change: dict[str, Any]) -> None:
    fill_once(plant, now)
    assert {key.rpartition("#")[2]: item["n"]["N"] for key, item in dump().items()} == {"s planted 00": "0"}
    assert records() == 1
    dynamodb.transact([change])
    assert filled.count(now) == 1


def test_rows_of_another_moment_are_planted_anew_and_other_rows_stay(tables: None, now: datetime) -> None:
    dynamodb.transact([put("a")])
    fill_once(plant, now.replace(minute=1))
    assert {key.rpartition("#")[2] for key in dump()} == {"s a", "s planted 01"}
