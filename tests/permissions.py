"""Every call that a Lambda function makes to AWS in a test must be permitted by that function's policy, or the test fails.

The calling function is found on the call stack, by the modules and functions in which each handler's work begins.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from fnmatch import fnmatchcase
from functools import cache
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from botocore.client import BaseClient

from chalicelib.config import Config, config
from infra.deployment import policies
from infra.deployment.policies import Scope
from infra.deployment.stage import Stage
from infra.rehearsal.leading_keys import leading_keys

PROJECT = Path(__file__).parent.parent
IN_TRANSACTIONS = {
    "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem",
}  # fmt: skip
OF_FILES = {
    "HeadObject": "GetObject", "ListObjectsV2": "ListBucket", "DeleteObjects": "DeleteObject", "ListObjectVersions": "ListBucketVersions",
}  # fmt: skip
OF_BATCHES = {"SendMessageBatch": "SendMessage"}
_origins: dict[str | CodeType, str] = {}


@dataclass(frozen=True, slots=True)
class Need:
    """An action and a resource, as IAM names them; the resource by the end of its ARN, and the partition keys of rows."""

    action: str
    thing: str
    keys: tuple[str, ...] = ()


def beginnings() -> dict[object, str]:
    """Return the entry points of the handlers: modules, or functions of modules that several handlers use.

    They are imported objects, so that a moved or renamed one fails here instead of dropping a check.
    """
    from chalicelib.api.webhook_data import data_of
    from chalicelib.events import audit, deliveries, jobs, messages, rosters, schedules, webhooks
    from chalicelib.operations import cancellation, migrate_rows, reconcile, recount, reminders
    from chalicelib.operations.invitations import lifecycle
    from chalicelib.operations.jobs import run
    from chalicelib.operations.messages import mailer, outbox
    from chalicelib.operations.waitlist import advance_all
    from chalicelib.operations.webhooks.queue import queue_overdue
    from chalicelib.operations.webhooks.send import send as post_attempt
    from chalicelib.web import router

    return {
        router: "api_handler",
        rosters: "on_rosters",
        messages: "on_messages",
        audit.handle: "on_records",
        deliveries: "on_deliveries",
        jobs: "on_jobs",
        webhooks: "on_webhooks",
        post_attempt: "on_webhooks",
        data_of: "on_webhooks",
        schedules: "run_schedules",
        cancellation.complete_cancellation: "on_rosters",
        cancellation.complete_next: "on_jobs",
        lifecycle.sweep: "run_schedules",
        advance_all: "run_schedules",
        migrate_rows.migrate_rows: "on_jobs",
        outbox.send: "on_messages",
        mailer: "on_messages",
        run.run_step: "on_jobs",
        reminders.remind: "run_schedules",
        reconcile.reconcile: "on_jobs",
        recount.run_step: "on_jobs",
        recount.begin: "run_schedules",
        queue_overdue: "run_schedules",
    }


def origin_of(beginning: object) -> str | CodeType:
    """Return the mark of an entry point in a stack frame: a module's file, or a function's code. Raises TypeError for anything else."""
    origin: str | CodeType
    if isinstance(beginning, ModuleType) and beginning.__file__:
        source = origin = beginning.__file__
    elif isinstance(beginning, FunctionType):
        origin = unwrap(beginning).__code__
        source = unwrap(beginning).__code__.co_filename
    else:
        raise TypeError(f"{beginning!r} is neither a module nor a function")
    if not source.startswith(f"{PROJECT}/chalicelib/"):
        raise TypeError(f"{beginning!r} is not defined in chalicelib, but in {source}")
    return origin


@cache
def enforce() -> None:
    """Fail every later call that the calling function's policy does not permit. Calls of the tests themselves are not checked.

    Calling it again changes nothing. Raises ImportError, AttributeError or TypeError when an entry point cannot be found.
    """
    _origins.update({origin_of(beginning): handler for beginning, handler in beginnings().items()})
    BaseClient._unchecked_api_call = vars(BaseClient)["_make_api_call"]  # type: ignore[attr-defined]

    def permitted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        function = _calling()
        if function and client.meta.service_model.operation_model(operation).auth_type != "none":
            _check(function, client.meta.service_model.signing_name, operation, parameters)
        return client._unchecked_api_call(operation, parameters)  # type: ignore[attr-defined]

    BaseClient._make_api_call = permitted  # type: ignore[attr-defined]
    key: Callable[[Config], str] = vars(Config)["link_key"].fget

    def link_key(given: Config) -> str:
        """Return the link key of the tests; only a deployment reads it from a secret."""
        if function := _calling():
            _check(function, "secretsmanager", "GetSecretValue", {"SecretId": f"rollbook-{given.stage}-link-key"})
        return key(given)

    Config.link_key = property(link_key)  # type: ignore[assignment]


def _check(function: str, service: str, operation: str, parameters: dict[str, Any]) -> None:
    allowed = scope(config())
    for need in needs(service, operation, parameters):
        assert permits(function, need, allowed), (
            f"{function} needs {need.action} on {need.thing}: .chalice/{policy_file(function)} does not permit it"
        )


@cache
def scope(of: Config) -> Scope:
    """Return what the policies are rendered for in a test: the resources that its configuration names, and no others."""
    stage = Stage(of.stage)
    return Scope(stage, "eu-central-1", "123456789012", of.tables, of.user_pool or "any", of.imports_bucket, of.pictures_bucket, of.sender)


def _calling() -> str | None:
    """Return the Lambda function whose code is on the call stack; None when the test itself makes the call."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(f"{PROJECT}/tests/"):
            return None
        if found := _origins.get(code.co_filename) or _origins.get(code):
            return found
        frame = frame.f_back  # type: ignore[assignment]
    return None


def needs(service: str, operation: str, parameters: dict[str, Any]) -> Iterator[Need]:
    """Yield the actions and resources that IAM checks for a call."""
    match service:
        case "dynamodb":
            yield from _of_tables(operation, parameters)
        case "s3":
            bucket, key = parameters["Bucket"], parameters.get("Key") or parameters.get("Prefix") or "any"
            action = OF_FILES.get(operation, operation)
            yield Need(f"s3:{action}", bucket if action.startswith("List") else f"{bucket}/{key}")
        case "sqs":
            yield Need(f"sqs:{OF_BATCHES.get(operation, operation)}", parameters["QueueUrl"].rpartition("/")[2])
        case "secretsmanager":
            yield Need(f"secretsmanager:{operation}", f"secret:{parameters['SecretId']}-AbCdEf")
        case "cognito-idp":
            yield Need(f"cognito-idp:{operation}", f"userpool/{parameters.get('UserPoolId', config().user_pool or 'any')}")
        case "ses" if operation == "GetAccount":
            yield Need("ses:GetAccount", "*")
        case "ses":
            yield Need(f"ses:{operation}", f"identity/{parseaddr(parameters['FromEmailAddress'])[1]}")
            if "ConfigurationSetName" in parameters:
                yield Need(f"ses:{operation}", f"configuration-set/{parameters['ConfigurationSetName']}")
        case _:
            yield Need(f"{service}:{operation}", "any")


def _of_tables(operation: str, parameters: dict[str, Any]) -> Iterator[Need]:
    for item in parameters.get("TransactItems", ()):
        for kind, of in item.items():
            yield Need(f"dynamodb:{IN_TRANSACTIONS[kind]}", f"table/{of['TableName']}", tuple(leading_keys(of)))
    for table, of in parameters.get("RequestItems", {}).items():
        yield Need(f"dynamodb:{operation}", f"table/{table}", tuple(leading_keys({"RequestItems": {table: of}})))
    if "TableName" in parameters:
        index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
        yield Need(f"dynamodb:{operation}", f"table/{parameters['TableName']}{index}", tuple(leading_keys(parameters)))


def permits(function: str, need: Need, allowed: Scope) -> bool:
    """Return whether a statement allows it and none denies it."""
    about = statements_about(function, need.action, need.thing, allowed)
    effects = {
        statement["Effect"]
        for statement in about
        if all(_fulfilled(operator, condition, need) for operator, condition in statement.get("Condition", {}).items())
    }
    return effects == {"Allow"}


@cache
def statements_about(function: str, action: str, thing: str, allowed: Scope) -> tuple[dict[str, Any], ...]:
    """Return the statements that name the action and the resource."""
    return tuple(
        statement
        for statement in statements(function, allowed)
        if any(fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatchcase(thing, pattern) for pattern in things(statement))
    )


def _fulfilled(operator: str, condition: dict[str, Any], need: Need) -> bool:
    """Return whether a condition holds. The resources of a test are all in its one account."""
    match operator, condition:
        case "StringEquals", {"aws:ResourceAccount": _}:
            return True
        case "ForAnyValue:StringLike", {"dynamodb:LeadingKeys": patterns}:
            return any(fnmatchcase(key, pattern) for key in need.keys for pattern in patterns)
    raise AssertionError(f"no policy has a condition such as {operator} {condition}")


def things(statement: dict[str, Any]) -> list[str]:
    """Return the resources of a statement, by the ends of their ARNs."""
    return [arn.split(":", 5)[-1] for arn in statement["Resource"]]


@cache
def statements(function: str, allowed: Scope) -> tuple[dict[str, Any], ...]:
    """Return the statements of a function's policy."""
    return tuple(policies.render(function, allowed)["Statement"])


@cache
def policy_file(function: str) -> str:
    chalice = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    return str(chalice["lambda_functions"][function]["iam_policy_file"])
