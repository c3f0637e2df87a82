"""`Idempotency-Key`: the same request is answered once, by Powertools' idempotency over our Memory table.

A retry under the same key gets the first answer for 24 hours. While it is worked on it is refused, and after a crash the request runs again
under the same identity, which the operations recognise. Refusals of what was sent (4xx other than 409 and 410) are not kept: a corrected
request deserves a fresh look, but another body under a used key is refused.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib import clients, telemetry
from chalicelib.api.answers import Answer, problem
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.settings import settings
from chalicelib.web.call import Call
from chalicelib.web.refusals import InProgress, KeyReused, status_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

KEPT_SECONDS = 24 * 3600
WORKED_ON_MILLISECONDS = 30_000
KEPT_REFUSALS = {409, 410}


class _Again(Exception):
    """Carries a refusal past Powertools, so that nothing is kept of it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def new_key() -> str:
    return secrets.token_hex(16)


def once(call: Call, given: str, user: str, do: Callable[[str], Answer]) -> Answer:
    """Return what `do` answers, or what it answered to the same request before. Raises InProgress, KeyReused; Busy if it cannot be kept."""
    from aws_lambda_powertools.utilities.idempotency.exceptions import (
        IdempotencyAlreadyInProgressError,
        IdempotencyInconsistentStateError,
        IdempotencyPersistenceLayerError,
        IdempotencyValidationError,
    )

    replayed: list[bool] = []
    try:
        packed = _kept(call, do, replayed)(request={"identity": identity(call, given, user), "body": _digest(call.body)})
    except IdempotencyAlreadyInProgressError:
        raise InProgress from None
    except IdempotencyValidationError:
        raise KeyReused from None
    except (IdempotencyPersistenceLayerError, IdempotencyInconsistentStateError):
        telemetry.failed()
        raise Busy from None
    except _Again as again:
        raise again.refusal from None
    again_header = {"Idempotent-Replayed": "true"} if replayed else {}
    return Answer(packed["status"], packed["body"], {**packed["headers"], **again_header}, packed["kind"])


def _kept(call: Call, do: Callable[[str], Answer], replayed: list[bool]) -> Callable[..., dict[str, Any]]:
    """Return `do` as Powertools keeps it; a replay is noted in `replayed`."""
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function

    def note_replay(answer: Any, _record: "DataRecord") -> Any:
        replayed.append(True)
        return answer

    config = IdempotencyConfig(
        event_key_jmespath="identity",
        payload_validation_jmespath="body",
        expires_after_seconds=KEPT_SECONDS,
        lambda_context=_Deadline(),  # type: ignore[arg-type]
        response_hook=note_replay,  # type: ignore[arg-type]
    )
    layer = DynamoDBPersistenceLayer(
        table_name=settings().memory_table, key_attr="pk", expiry_attr="forget_at", boto3_client=clients.dynamodb()
    )
    prefix = f"{call.params.get('org', '-')}#idempotency"

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="request", persistence_store=layer, config=config, key_prefix=prefix
    )
    def kept(*, request: dict[str, str]) -> dict[str, Any]:
        return _packed(do, request["identity"])

    return kept  # type: ignore[no-any-return]


def identity(call: Call, given: str, user: str) -> str:
    """Return what names a request and its retries: the same for no other user, route or thing."""
    return _digest(json.dumps([given, user, call.method, call.route, sorted(call.params.items())]).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Deadline:
    """Stands for the Lambda context: after this time a crashed request may run again."""

    def get_remaining_time_in_millis(self) -> int:
        return WORKED_ON_MILLISECONDS


def _packed(do: Callable[[str], Answer], identity: str) -> dict[str, Any]:
    try:
        answer = do(identity)
    except Refusal as refusal:
        if status_of(refusal) not in KEPT_REFUSALS:
            raise _Again(refusal) from None
        answer = problem(refusal)
    return {"status": answer.status, "body": answer.text(), "headers": dict(answer.headers), "kind": answer.kind}
