"""The server for MiniStack's DynamoDB: what SDKs send is answered in turn and noted, anything else ends the connection."""

import asyncio
import json
from typing import Any

import pytest

from infra.local import dynamodb_server
from infra.local.child import HOST

REGION = "eu-central-1"
UNKNOWN = json.dumps({"TableName": "no-such-table", "Key": {"pk": {"S": "a"}}})
TABLE = {
    "TableName": "trial",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
}


def request_for(operation: str, body: str, *, account: str = "111111111111") -> bytes:
    signed = f"AWS4-HMAC-SHA256 Credential={account}/20261122/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    lines = ["POST / HTTP/1.1", f"x-amz-target: DynamoDB_20120810.{operation}", f"Authorization: {signed}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()


async def responses(*requests: bytes, noted: list[str]) -> list[tuple[int, Any]]:
    """Send the requests on one connection, and return status and content of each answer."""
    server = await dynamodb_server.serve(HOST, 0, noted.append)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        writer.write(b"".join(requests))
        return [await response(reader) for _ in requests]
    finally:
        writer.close()
        server.close()


async def response(reader: asyncio.StreamReader) -> tuple[int, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(int(line.partition(":")[2]) for line in head.splitlines() if line.lower().startswith("content-length"))
    return int(head.split()[1]), json.loads(await reader.readexactly(length))


def test_requests_of_a_connection_are_answered_in_turn_each_in_the_account_that_signs_it() -> None:
    row = {"pk": {"S": "a"}}
    asks = [request_for("CreateTable", json.dumps(TABLE)), request_for("PutItem", json.dumps({"TableName": "trial", "Item": row}))]
    read = json.dumps({"TableName": "trial", "Key": row})
    noted: list[str] = []
    found = asyncio.run(responses(*asks, request_for("GetItem", read), request_for("GetItem", read, account="222222222222"), noted=noted))
    assert [status for status, _ in found] == [200, 200, 200, 400]
    assert found[2][1] == {"Item": row}
    assert found[3][1]["__type"].endswith("ResourceNotFoundException")
    assert noted == ["CreateTable", "PutItem", "GetItem", "GetItem"]


def test_a_request_that_fails_is_answered_and_the_next_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> Any:
        raise ValueError

    broken = {**dynamodb_server.SERVICES, "Broken": fails}
    monkeypatch.setattr(dynamodb_server, "SERVICES", broken)
    asks = request_for("GetItem", UNKNOWN).replace(b"DynamoDB_20120810", b"Broken"), request_for("GetItem", UNKNOWN)
    assert [status for status, _ in asyncio.run(responses(*asks, noted=[]))] == [500, 400]


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n\r\n", request_for("GetItem", "{}").replace(b"DynamoDB_20120810", b"Other")])
def test_anything_else_ends_the_connection(sent: bytes) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        asyncio.run(responses(sent, noted=[]))
