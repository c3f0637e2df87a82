"""DynamoDB's requests about items on a shorter way through botocore.

botocore walks through its model of DynamoDB for every value that it writes and reads, and asks its rules for the address of every request:
together a quarter of what a request costs. But for bytes, items are the same JSON in Python and on the wire, so that JSON's own writer and
reader do. All else stays botocore's: connection, signature, retries, events, the words of refusals.
"""

import json
from base64 import b64decode, b64encode
from functools import cache
from typing import Any

PARTS = ("_serializer", "_endpoint", "_ruleset_resolver")
OPERATIONS = {
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
    "GetRecords",  # Of streams, which the local stack reads itself.
}
RECORDS = "GetRecordsOutput"
"""A stream's records stay as they are on the wire, which is how Lambda hands them to a function."""
REFUSALS = {"ConditionalCheckFailedException": "Item", "TransactionCanceledException": "CancellationReasons"}
"""The member of a refusal that has the items as they were."""
ANSWERS = {f"{operation}Output" for operation in OPERATIONS}


def shorten(client: Any) -> None:
    """Let a client of DynamoDB or its streams, one that does not validate parameters, take the shorter way.

    One of a botocore that is built otherwise, or speaks no JSON, is left as it is: which one Lambda's runtime has is AWS's decision.
    """
    if client.meta.service_model.metadata.get("protocol") != "json" or not all(getattr(client, part, None) for part in PARTS):
        return
    client._serializer = _Writer(client._serializer)
    client._endpoint._response_parser_factory = _Readers(client._endpoint._response_parser_factory)
    client._ruleset_resolver.construct_endpoint = _remembered(client._ruleset_resolver.construct_endpoint)


def _remembered(construct: Any) -> Any:
    """Return botocore's rules for the address, asked once: for tables that are named, it depends on region and account only."""
    found: list[Any] = []

    def construct_endpoint(**parameters: Any) -> Any:
        if not found:
            found.append(construct(**parameters))
        return found[0]

    return construct_endpoint


class _Writer:
    """Writes requests: what belongs to an operation as botocore has written it once, and the request itself as JSON."""

    def __init__(self, botocores: Any) -> None:
        self._botocores = botocores
        self._forms: dict[str, dict[str, Any]] = {}

    def serialize_to_request(self, parameters: Any, operation: Any) -> dict[str, Any]:
        if operation.name not in OPERATIONS:
            return self._botocores.serialize_to_request(parameters, operation)  # type: ignore[no-any-return]
        form = self._forms.get(operation.name)
        if form is None:
            form = self._forms[operation.name] = self._botocores.serialize_to_request({}, operation)
        return {**form, "headers": dict(form["headers"]), "body": _JSON.encode(parameters).encode()}


class _Readers:
    """Makes the readers of answers, one for each protocol."""

    def __init__(self, botocores: Any) -> None:
        self.create_parser = cache(lambda protocol: _Reader(botocores.create_parser(protocol)))


class _Reader:
    """Reads answers: their metadata, and the words of refusals, as botocore does."""

    def __init__(self, botocores: Any) -> None:
        self._botocores = botocores

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        name = getattr(shape, "name", "")
        if name in REFUSALS:
            return self._refusal(response, shape, REFUSALS[name])
        if response["status_code"] >= 300 or name not in ANSWERS:
            return self._botocores.parse(response, shape)
        known = self._botocores.parse({**response, "body": b"{}"}, shape)
        return {**known, **_present(_read(response["body"]) if name != RECORDS else json.loads(response["body"]))}

    def _refusal(self, response: dict[str, Any], shape: Any, member: str) -> dict[str, Any]:
        content = _read(response["body"])
        items = content.pop(member, None)
        words: dict[str, Any] = self._botocores.parse({**response, "body": _JSON.encode(content).encode()}, shape)
        return words | _present({member: [_present(reason) for reason in items] if isinstance(items, list) else items})


def _read(body: bytes) -> dict[str, Any]:
    return json.loads(body or b"{}", object_hook=_with_bytes if b'"B"' in body else None)  # type: ignore[no-any-return]


def _present(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members that are not null, as botocore does."""
    return {name: value for name, value in members.items() if value is not None}


def _text_of(value: Any) -> str:
    """Return bytes as DynamoDB takes them."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} cannot be sent to DynamoDB")


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute's value, bytes as Python has them. An attribute of the name B is no text, but a value with its kind."""
    return {"B": b64decode(value["B"])} if isinstance(value.get("B"), str) else value


_JSON = json.JSONEncoder(default=_text_of, separators=(",", ":"), check_circular=False)
