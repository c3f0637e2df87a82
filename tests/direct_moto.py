"""moto's tables without botocore and HTTP between them and the application.

A request about items goes to the handler of moto as it would be read off the wire. botocore would look through its events, find the
address, write, sign and read each request, and moto once more: two thirds of a test's processor time. Requests that a test listens to,
and those at which moto fails, take the long way. A parameter that DynamoDB does not know fails the test.
"""

import json
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.client import BaseClient
from moto.core.exceptions import JsonRESTError
from moto.core.models import botocore_stubber
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from tests.moto_items import plain

ITEMS = {
    "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems",
    "TransactWriteItems",
}  # fmt: skip
SDK = {"botocore", "boto3", "moto", "aws_lambda_powertools"}
HEARD = "heard by a test"
IN_FULL = {"S", "N", "BOOL", "NULL"}
"""Values that need no look inside."""


def speed_up(account: str, region: str) -> None:
    """Hand requests of this process about items to moto directly, while it is in DynamoDB's place, after any check of permissions."""
    name = "_unchecked_api_call" if hasattr(BaseClient, "_unchecked_api_call") else "_make_api_call"
    through_botocore = getattr(BaseClient, name)

    def ask(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation not in ITEMS or not _goes_directly(client, region):
            return through_botocore(client, operation, parameters)
        model = _model(client, operation)
        _check(model.input_shape, parameters)
        try:
            return _response(model, _written(parameters), account, region)
        except JsonRESTError as refusal:
            raise _refused(client, model, refusal) from None
        except Exception:
            return through_botocore(client, operation, parameters)

    setattr(BaseClient, name, ask)


def _goes_directly(client: Any, region: str) -> bool:
    return (
        botocore_stubber.enabled
        and client._endpoint.host == f"https://dynamodb.{region}.amazonaws.com"
        and not _is_heard(client.meta.events._emitter)
    )


def _is_heard(events: Any) -> bool:
    """Whether a test listens to the client. botocore forgets what is remembered of it here when listeners come or go."""
    if HEARD not in events._lookup_cache:
        events._lookup_cache[HEARD] = any(not _is_of_sdk(listener) for listener in _listeners(events._handlers._root))
    return bool(events._lookup_cache[HEARD])


def _is_of_sdk(listener: Any) -> bool:
    return str(getattr(listener, "__module__", "")).partition(".")[0] in SDK


def _listeners(node: dict[str, Any]) -> Iterator[Any]:
    """Yield everybody in botocore's tree of listeners."""
    if listening := node["values"]:
        yield from (*listening.first, *listening.middle, *listening.last)
    for below in node["children"].values():
        yield from _listeners(below)


_models: dict[str, Any] = {}


def _model(client: Any, operation: str) -> Any:
    """Return the description of an operation, the same for each client."""
    if operation not in _models:
        _models[operation] = client.meta.service_model.operation_model(operation)
    return _models[operation]


def _written(parameters: Mapping[str, Any]) -> Any:
    """Return the request as moto would read it. Raises TypeError or ValueError for what botocore writes in another way."""
    written = json.dumps({name: value for name, value in parameters.items() if value is not None}, default=_as_text)
    return json.loads(written, object_hook=_with_bytes if '"B"' in written else None)


def _as_text(value: Any) -> str:
    return b64encode(value).decode()


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": b64decode(value["B"])} if isinstance(value.get("B"), str) else value


def _check(shape: Any, said: Any) -> None:
    """Raise KeyError for a parameter or a type of a value that DynamoDB does not know."""
    match shape.type_name:
        case "structure":
            members = shape.members
            for name, value in said.items():
                member = members[name]
                if name not in IN_FULL and value is not None:
                    _check(member, value)
        case "list":
            for value in said:
                _check(shape.member, value)
        case "map":
            for value in said.values():
                _check(shape.value, value)


def _response(model: Any, parameters: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    handler = DynamoHandler()
    handler.body = handler.params = parameters
    handler.current_account, handler.region = account, region
    said = getattr(handler, _method(model.name))()
    # A DynamoResult has converted what it says already.
    found: Any = said.result if isinstance(said, DynamoResult) else plain(said.result)
    response = {name: found[name] for name in model.output_shape.members if found.get(name) is not None}
    headers = {"x-amzn-requestid": uuid.uuid4().hex}
    known = {"RequestId": headers["x-amzn-requestid"], "HTTPStatusCode": 200, "HTTPHeaders": headers, "RetryAttempts": 0}
    return {**response, "ResponseMetadata": known}


def _refused(client: Any, model: Any, refusal: JsonRESTError) -> Exception:
    """Return the exception that botocore raises for a refusal."""
    said = {"headers": {"x-amzn-requestid": uuid.uuid4().hex}, "status_code": refusal.code, "body": refusal.description.encode()}
    parser = client._response_parser
    parsed = parser.parse(said, model.output_shape)
    client._endpoint._add_modeled_error_fields(said, parsed, model, parser)
    response = {**parsed, "ResponseMetadata": {**parsed["ResponseMetadata"], "RetryAttempts": 0}}
    refused: Exception = client.exceptions.from_code(parsed["Error"]["Code"])(response, model.name)
    return refused


@cache
def _method(operation: str) -> str:
    return camelcase_to_underscores(operation)
