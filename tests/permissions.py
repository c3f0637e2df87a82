"""What a function asks AWS for in a test on moto, its role must permit, or the test fails as the function would.

Which function it is, is seen from who called: the handler's own module, or the router of the API.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from chalicelib.settings import Settings

PROJECT = Path(__file__).parent.parent
HANDLERS = {
    "chalicelib/web/routing.py": "api_handler",
    "chalicelib/events/rosters.py": "on_rosters",
    "chalicelib/events/messages.py": "on_messages",
    "chalicelib/events/deliveries.py": "on_deliveries",
    "chalicelib/events/jobs.py": "on_jobs",
    "chalicelib/events/schedules.py": "run_schedules",
    "chalicelib/operations/codes/changing.py:return_uses_on": "on_rosters",
    "chalicelib/operations/discounts/using.py:give_back_on": "on_rosters",
    "chalicelib/operations/invitations/keeping.py:sweep": "run_schedules",
    "chalicelib/operations/waitlist/attending.py:attend_all": "run_schedules",
    "chalicelib/operations/messages/sending.py:send": "on_messages",
    "chalicelib/operations/messages/sending.py:redrive": "on_messages",
    "chalicelib/operations/jobs/working.py:go_on": "on_jobs",
    "chalicelib/operations/reminding.py:remind": "run_schedules",
    "chalicelib/operations/reconciling.py:reconcile": "run_schedules",
}
"""Where each function's work begins: in a module, or in a function of a module that others use too."""
IN_TRANSACTIONS = {
    "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem",
}  # fmt: skip
OF_FILES = {
    "HeadObject": "GetObject", "ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject", "ListObjectVersions": "ListBucketVersions",
}  # fmt: skip
OF_BATCHES = {"SendMessageBatch": "SendMessage"}


@dataclass(frozen=True, slots=True)
class Need:
    """An action on a thing, as IAM names them: the thing by the end of its ARN."""

    action: str
    thing: str


def enforce() -> None:
    """From now on fail whatever the calling function's policy does not permit. What no function calls is the test's own business."""
    call = vars(BaseClient)["_make_api_call"]

    def permitted(client: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
        function = _calling()
        if function and client.meta.service_model.operation_model(operation).auth_type != "none":
            _check(function, client.meta.service_model.signing_name, operation, asked)
        return call(client, operation, asked)

    BaseClient._make_api_call = permitted  # type: ignore[attr-defined]
    key: Callable[[Settings], str] = vars(Settings)["link_key"].fget

    def link_key(given: Settings) -> str:
        """Return what tests are given, where a deployment asks for a secret."""
        if function := _calling():
            _check(function, "secretsmanager", "GetSecretValue", {"SecretId": f"rollbook-{given.stage}-link-key"})
        return key(given)

    Settings.link_key = property(link_key)  # type: ignore[assignment]


def _check(function: str, service: str, operation: str, asked: dict[str, Any]) -> None:
    for need in needs(service, operation, asked):
        assert permits(function, need), (
            f"{function} needs {need.action} on {need.thing}: .chalice/{policy_file(function)} does not permit it"
        )


def _calling() -> str | None:
    """Return the function whose code is being run; what a test does in the midst of one is none's."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(f"{PROJECT}/tests/"):
            return None
        if "/chalicelib/" in name:
            place = name[name.rindex("chalicelib/") :]
            if found := HANDLERS.get(place) or HANDLERS.get(f"{place}:{frame.f_code.co_name}"):
                return found
        frame = frame.f_back  # type: ignore[assignment]
    return None


def needs(service: str, operation: str, asked: dict[str, Any]) -> Iterator[Need]:
    """Yield what IAM checks for a call."""
    match service:
        case "dynamodb":
            yield from _of_tables(operation, asked)
        case "s3":
            bucket, key = asked["Bucket"], asked.get("Key") or asked.get("Prefix") or "any"
            action = OF_FILES.get(operation, operation)
            yield Need(f"s3:{action}", bucket if action.startswith("List") else f"{bucket}/{key}")
        case "sqs":
            yield Need(f"sqs:{OF_BATCHES.get(operation, operation)}", asked["QueueUrl"].rpartition("/")[2])
        case "secretsmanager":
            yield Need(f"secretsmanager:{operation}", f"secret:{asked['SecretId']}-AbCdEf")
        case "cognito-idp":
            yield Need(f"cognito-idp:{operation}", f"userpool/{asked.get('UserPoolId', 'any')}")
        case "ses":
            yield Need(f"ses:{operation}", f"identity/{parseaddr(asked['FromEmailAddress'])[1]}")
            if "ConfigurationSetName" in asked:
                yield Need(f"ses:{operation}", f"configuration-set/{asked['ConfigurationSetName']}")
        case _:
            yield Need(f"{service}:{operation}", "any")


def _of_tables(operation: str, asked: dict[str, Any]) -> Iterator[Need]:
    for item in asked.get("TransactItems", ()):
        for kind, of in item.items():
            yield Need(f"dynamodb:{IN_TRANSACTIONS[kind]}", f"table/{of['TableName']}")
    for table in asked.get("RequestItems", ()):
        yield Need(f"dynamodb:{operation}", f"table/{table}")
    if "TableName" in asked:
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        yield Need(f"dynamodb:{operation}", f"table/{asked['TableName']}{index}")


@cache
def permits(function: str, need: Need) -> bool:
    return any(
        need.action in statement["Action"] and any(fnmatchcase(need.thing, thing) for thing in things(statement))
        for statement in statements(function)
    )


def things(statement: dict[str, Any]) -> list[str]:
    """Return what a statement is about: the ends of its ARNs."""
    return [arn.split(":", 5)[-1] for arn in statement["Resource"]]


@cache
def statements(function: str) -> tuple[dict[str, Any], ...]:
    """Return the policy of a function."""
    return tuple(json.loads((PROJECT / ".chalice" / policy_file(function)).read_text())["Statement"])


@cache
def policy_file(function: str) -> str:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    return str(config["lambda_functions"][function]["iam_policy_file"])
