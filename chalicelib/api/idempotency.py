"""`Idempotency-Key`: a request and its retries get one answer. Uses Powertools' idempotency with our Memory table.

A retry with the same key gets the first answer for 24 hours. While the first request is running, a retry is refused; after a crash, the
request runs again under the same identity, which the operations recognise. Refusals of the input (4xx other than 409 and 410) are not
stored, so that a corrected request can succeed; another body with a used key is refused.

An answer is stored encrypted under the identity of its request, of which only a digest is stored: who has the tables, and even the link
key, reads no name, address or link in it. So nothing needs to be removed from it when a person is erased.
"""

import hashlib
import json
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib import clients, telemetry
from chalicelib.api.responses import ApiResponse, problem
from chalicelib.config import config as environment
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.tables.encryption import decrypt, encrypt
from chalicelib.web.call import Call
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import InProgress, KeyReused, status_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
    from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION_SECONDS = 24 * 3600
WORKED_ON_MILLISECONDS = 30_000
STORED_REFUSALS = {409, 410}


class _Again(Exception):
    """Carries a refusal past Powertools, so that it is not stored."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def new_key() -> str:
    return secrets.token_hex(16)


def once(call: Call, given: str, user: str, do: Callable[[str], ApiResponse]) -> ApiResponse:
    """Return the answer of `do`, or its stored answer to the same request. Raises InProgress, KeyReused, Busy when storing fails."""
    from aws_lambda_powertools.utilities.idempotency.exceptions import (
        IdempotencyAlreadyInProgressError,
        IdempotencyInconsistentStateError,
        IdempotencyPersistenceLayerError,
        IdempotencyValidationError,
    )

    replayed: list[bool] = []
    try:
        request_identity = identity(call, given, user)
        packed = _replayable(call, do, replayed)(request={"identity": request_identity, "body": _digest(call.body)})
    except IdempotencyAlreadyInProgressError:
        raise InProgress from None
    except IdempotencyValidationError:
        raise KeyReused from None
    except (IdempotencyPersistenceLayerError, IdempotencyInconsistentStateError):
        telemetry.record_failure()
        raise Busy from None
    except _Again as again:
        raise again.refusal from None
    again_header = {"Idempotent-Replayed": "true"} if replayed else {}
    return ApiResponse(packed["status"], _body(packed, request_identity), {**packed["headers"], **again_header}, packed["kind"])


def _replayable(call: Call, do: Callable[[str], ApiResponse], replayed: list[bool]) -> Callable[..., dict[str, Any]]:
    """Return `do` wrapped by Powertools; a replay is noted in `replayed`."""
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

    def note_replay(response: Any, _record: "DataRecord") -> Any:
        replayed.append(True)
        return response

    config = IdempotencyConfig(
        event_key_jmespath="identity",
        payload_validation_jmespath="body",
        expires_after_seconds=RETENTION_SECONDS,
        lambda_context=_Deadline(),  # type: ignore[arg-type]
        response_hook=note_replay,  # type: ignore[arg-type]
    )
    prefix = f"{call.params.get('org', '-')}#idempotency"
    layer = copy(_layer(clients.dynamodb(), environment().memory_table))  # Powertools keeps the prefix of this request in it.

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="request", persistence_store=layer, config=config, key_prefix=prefix
    )
    def stored(*, request: dict[str, str]) -> dict[str, Any]:
        return _packed(do, request["identity"], locale_of(call))

    return stored  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _layer(client: "DynamoDBClient", table: str) -> "DynamoDBPersistenceLayer":
    """Return Powertools' access to our table, made once: each one made adds an event handler to the client for as long as that lives."""
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    return DynamoDBPersistenceLayer(table_name=table, key_attr="pk", expiry_attr="forget_at", boto3_client=client)


def identity(call: Call, given: str, user: str) -> str:
    """Return the identity of a request and its retries. Another user, route or resource gives another identity."""
    return _digest(json.dumps([given, user, call.method, call.route, sorted(call.params.items())]).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Deadline:
    """Replaces the Lambda context: after this time a crashed request may run again."""

    def get_remaining_time_in_millis(self) -> int:
        return WORKED_ON_MILLISECONDS


def _sealed(body: str, identity: str) -> str:
    """Return the body compressed, since an item of DynamoDB has at most 400 KB, and encrypted."""
    return encrypt(b64encode(zlib.compress(body.encode())).decode(), of=identity).decode()


def _body(packed: dict[str, Any], identity: str) -> str:
    """Return the body of a stored answer. An earlier release has stored some neither encrypted nor compressed."""
    body = decrypt(packed["body"].encode(), of=identity) if packed.get("encrypted") else packed["body"]
    return zlib.decompress(b64decode(body)).decode() if packed.get("zipped") else body


def _packed(do: Callable[[str], ApiResponse], identity: str, locale: str) -> dict[str, Any]:
    try:
        response = do(identity)
    except Refusal as refusal:
        if status_of(refusal) not in STORED_REFUSALS:
            raise _Again(refusal) from None
        response = problem(refusal, locale)
    stored = {"status": response.status, "headers": dict(response.headers), "kind": response.kind}
    return {**stored, "body": _sealed(response.text(), identity), "encrypted": True, "zipped": True}
