"""moto's tables without HTTP between them and botocore.

A request to DynamoDB is checked and written by botocore as always; then the handler of moto gets it directly, instead of through a signed
HTTP request, of which moto makes another one, and whose answer both write and read once more: two thirds of a test's processor time.
Requests that a test wants to see on the wire, and those at which moto fails, take the long way.
"""

import json
import uuid
from base64 import b64decode
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.endpoint import Endpoint
from moto.core.exceptions import JsonRESTError
from moto.core.models import botocore_stubber
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models.utilities import dynamo_to_dict
from moto.dynamodb.responses import DynamoHandler, DynamoResult

ITEMS = {
    "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems",
    "TransactWriteItems",
}  # fmt: skip
ANSWERED = SimpleNamespace(status_code=200)
_over_http: Any = Endpoint._send_request  # type: ignore[attr-defined]


def speed_up(account: str, region: str) -> None:
    """Hand requests of this process about items to moto directly, while it is in DynamoDB's place."""

    def send(self: Any, asked: dict[str, Any], operation: Any) -> Any:
        if _goes_directly(self, operation, region):
            try:
                return ANSWERED, _answer(operation, _read(asked["body"]), account, region)
            except JsonRESTError as refusal:
                return _refused(self, operation, refusal)
            except Exception:
                return _over_http(self, asked, operation)
        return _over_http(self, asked, operation)

    Endpoint._send_request = send  # type: ignore[attr-defined]


def _goes_directly(endpoint: Any, operation: Any, region: str) -> bool:
    return (
        botocore_stubber.enabled
        and operation.name in ITEMS
        and endpoint.host == f"https://dynamodb.{region}.amazonaws.com"
        and _wire(endpoint._event_emitter._emitter, operation.name) == [botocore_stubber]
    )


def _wire(events: Any, operation: str) -> list[Any]:
    """Return who is told of a request before it is sent."""
    name = f"before-send.dynamodb.{operation}"
    if name not in events._lookup_cache:
        events._lookup_cache[name] = events._handlers.prefix_search(name)
    return list(events._lookup_cache[name])


def _read(body: bytes) -> Any:
    return json.loads(body, object_hook=_with_bytes if b'"B"' in body else None)


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": b64decode(value["B"])} if isinstance(value.get("B"), str) else value


def _answer(operation: Any, asked: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    handler = DynamoHandler()
    handler.body = handler.params = asked
    handler.current_account, handler.region = account, region
    said = getattr(handler, _method(operation.name))()
    # A DynamoResult has converted what it says already.
    plain: Any = said.result if isinstance(said, DynamoResult) else dynamo_to_dict(said.result)
    answer = {name: plain[name] for name in operation.output_shape.members if plain.get(name) is not None}
    headers = {"x-amzn-requestid": uuid.uuid4().hex}
    known = {"RequestId": headers["x-amzn-requestid"], "HTTPStatusCode": 200, "HTTPHeaders": headers, "RetryAttempts": 0}
    return {**answer, "ResponseMetadata": known}


def _refused(endpoint: Any, operation: Any, refusal: JsonRESTError) -> tuple[Any, dict[str, Any]]:
    """Return the answer that botocore reads in a refusal."""
    said = {"headers": {"x-amzn-requestid": uuid.uuid4().hex}, "status_code": refusal.code, "body": refusal.description.encode()}
    parser = endpoint._response_parser_factory.create_parser(operation.metadata["protocol"])
    parsed = parser.parse(said, operation.output_shape)
    endpoint._add_modeled_error_fields(said, parsed, operation, parser)
    return SimpleNamespace(status_code=refusal.code), {**parsed, "ResponseMetadata": {**parsed["ResponseMetadata"], "RetryAttempts": 0}}


@cache
def _method(operation: str) -> str:
    return camelcase_to_underscores(operation)
