"""A client of DynamoDB on the shorter way sends what botocore sends and understands what botocore understands."""

import json
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib import item_requests
from infra.local.stream_records import as_lambda_sends

KEY = {"pk": {"S": "demo#s"}, "sk": {"S": "a"}}
RAW = b"\x00\xff"
ITEM = {
    **KEY,
    "name": {"S": "Zoë"},
    "raw": {"B": RAW},
    "B": {"S": "an attribute that is named as bytes are"},
    "map": {"M": {"B": {"S": "x"}, "raw": {"B": RAW}, "many": {"L": [{"N": "1.5"}, {"B": RAW}, {"NULL": True}, {"BOOL": False}]}}},
}
WIRE = {
    **ITEM,
    "raw": {"B": "AP8="},
    "map": {"M": {"B": {"S": "x"}, "raw": {"B": "AP8="}, "many": {"L": [{"N": "1.5"}, {"B": "AP8="}, {"NULL": True}, {"BOOL": False}]}}},
}
VALUES = {"ExpressionAttributeValues": {":n": {"N": "1"}, ":raw": {"B": RAW}}}
PUT = {"Put": {"TableName": "t", "Item": ITEM, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
TOKEN = {"ClientRequestToken": "made by botocore where we give none"}
EXCHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("get_item", {"TableName": "t", "Key": KEY, "ConsistentRead": True}, {"Item": WIRE}),
    ("get_item", {"TableName": "t", "Key": KEY}, {}),
    ("put_item", {"TableName": "t", "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}, {}),
    ("update_item", {"TableName": "t", "Key": KEY, "UpdateExpression": "SET n = :n", **VALUES}, {"Attributes": WIRE}),
    ("delete_item", {"TableName": "t", "Key": KEY, "ReturnConsumedCapacity": "TOTAL"}, {"ConsumedCapacity": {"CapacityUnits": 0.5}}),
    ("query", {"TableName": "t", "Limit": 2}, {"Items": [WIRE, KEY], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": KEY}),
    ("scan", {"TableName": "t"}, {"Items": [], "Count": 0, "LastEvaluatedKey": None}),
    (
        "batch_get_item",
        {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": False}}},
        {"Responses": {"t": [WIRE]}, "UnprocessedKeys": {}},
    ),
    ("batch_write_item", {"RequestItems": {"t": [{"PutRequest": {"Item": ITEM}}]}}, {"UnprocessedItems": {}}),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "t", "Key": KEY}}]}, {"Responses": [{"Item": WIRE}, {}]}),
    ("transact_write_items", {"TransactItems": [PUT], **TOKEN}, {}),
    ("describe_table", {"TableName": "t"}, {"Table": {"TableName": "t", "CreationDateTime": 1795000000.5}}),
]
REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("put_item", {"TableName": "t", "Item": ITEM}, {"__type": "x#ConditionalCheckFailedException", "message": "No.", "Item": WIRE}),
    (
        "transact_write_items",
        {"TransactItems": [PUT], **TOKEN},
        {
            "__type": "x#TransactionCanceledException",
            "Message": "No.",
            "CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": WIRE}, {"Code": "None"}],
        },
    ),
    ("delete_item", {"TableName": "t", "Key": KEY}, {"__type": "x#ConditionalCheckFailedException", "message": "No.", "Item": None}),
    (
        "transact_write_items",
        {"TransactItems": [PUT], **TOKEN},
        {
            "__type": "x#TransactionCanceledException",
            "message": "No.",
            "CancellationReasons": [{"Code": "None", "Message": None, "Item": None}],
        },
    ),
    ("query", {"TableName": "t"}, {"__type": "x#ValidationException", "message": "Nonsense."}),
]


class Wire:
    """Notes the requests of a client, and answers each with the same."""

    def __init__(self, client: Any, response: bytes, status: int = 200) -> None:
        self.sent: list[AWSPreparedRequest] = []
        self._answer, self._status = response, status
        client.meta.events.register_first("before-send", self._answered, unique_id="wire")

    def _answered(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.sent.append(request)
        raw: Any = BytesIO(self._answer)
        raw.stream = lambda **_: iter([self._answer])
        headers: Any = {"x-amzn-RequestId": "r1", "Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, self._status, headers, raw)


@pytest.fixture
def both() -> tuple[Any, Any]:
    return both_of("dynamodb")


def both_of(service: Any) -> tuple[Any, Any]:
    """Return a client on the shorter way, and one of botocore's."""
    short, plain = (
        boto3.client(
            service,
            region_name="eu-central-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=Config(parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 1}),
        )
        for _ in range(2)
    )
    item_requests.shorten(short)
    return short, plain


def exchanged(client: Any, method: str, parameters: dict[str, Any], response: bytes, status: int = 200) -> tuple[Any, ...]:
    """Return what the client sent, and what it understood."""
    wire = Wire(client, response, status)
    try:
        understood = getattr(client, method)(**parameters)
    except ClientError as refused:
        understood = type(refused).__name__, refused.response, str(refused)
    (request,) = wire.sent
    headers = {name: request.headers[name] for name in ("X-Amz-Target", "Content-Type")}
    body: Any = request.body
    return request.method, request.url, headers, json.loads(body), understood


@pytest.mark.parametrize(("method", "parameters", "response"), EXCHANGES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_same_is_sent_and_understood(both: tuple[Any, Any], method: str, parameters: dict[str, Any], response: dict[str, Any]) -> None:
    short, plain = (exchanged(client, method, parameters, json.dumps(response).encode()) for client in both)
    assert short == plain


@pytest.mark.parametrize(("method", "parameters", "response"), REFUSALS, ids=lambda value: value if isinstance(value, str) else "")
def test_refusals_are_the_same(both: tuple[Any, Any], method: str, parameters: dict[str, Any], response: dict[str, Any]) -> None:
    short, plain = (exchanged(client, method, parameters, json.dumps(response).encode(), 400) for client in both)
    assert short == plain
    assert short[-1][1]["Error"]["Code"] == response["__type"].partition("#")[2]


def test_records_of_a_stream_are_those_that_lambda_sends() -> None:
    change = {"SequenceNumber": "1", "ApproximateCreationDateTime": 1795000000.5, "Keys": KEY, "NewImage": WIRE}
    response = {"NextShardIterator": "next", "Records": [{"eventID": "e", "eventName": "INSERT", "dynamodb": change}]}
    clients, written = both_of("dynamodbstreams"), json.dumps(response).encode()
    short, plain = (exchanged(client, "get_records", {"ShardIterator": "i"}, written) for client in clients)
    assert short[:-1] == plain[:-1]
    ((sent,), (as_before,)) = ([as_lambda_sends(record, "arn") for record in each[-1]["Records"]] for each in (short, plain))
    assert sent == as_before == {**response["Records"][0], "eventSourceARN": "arn"}  # type: ignore[dict-item]


def test_a_service_that_is_out_of_order_is_a_fault_of_botocore(both: tuple[Any, Any]) -> None:
    short, plain = (exchanged(client, "get_item", {"TableName": "t", "Key": KEY}, b"<html>", 503) for client in both)
    assert short == plain


def test_requests_are_signed_each_and_share_no_headers(both: tuple[Any, Any]) -> None:
    short, _ = both
    wire = Wire(short, b"{}")
    for name in ("a", "b"):
        short.get_item(TableName=name, Key=KEY)
    bodies: list[Any] = [request.body for request in wire.sent]
    assert [json.loads(body)["TableName"] for body in bodies] == ["a", "b"]
    assert all(request.headers["Authorization"] for request in wire.sent)
    assert wire.sent[0].headers is not wire.sent[1].headers


def test_what_dynamodb_cannot_store_is_refused(both: tuple[Any, Any]) -> None:
    with pytest.raises(TypeError, match="set cannot be sent"):
        both[0].put_item(TableName="t", Item={"pk": {"S": {"a set"}}})


@pytest.mark.parametrize(
    "other",
    [
        SimpleNamespace(meta=SimpleNamespace(service_model=SimpleNamespace(metadata={"protocol": "json"})), _serializer=object()),
        SimpleNamespace(
            meta=SimpleNamespace(service_model=SimpleNamespace(metadata={"protocol": "smithy-rpc-v2-cbor"})),
            **{part: object() for part in item_requests.PARTS},
        ),
    ],
)
def test_a_botocore_that_is_built_otherwise_is_left_as_it_is(other: Any) -> None:
    before = dict(vars(other))
    item_requests.shorten(other)
    assert vars(other) == before
