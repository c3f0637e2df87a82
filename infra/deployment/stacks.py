"""The stage's CloudFormation stack: a change set is made, shown, and then executed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, WaiterError

from infra.deployment import compose
from infra.deployment.clients import client
from infra.deployment.compose import Template
from infra.deployment.stage import APP, DeployingError, Stage
from infra.deployment.survivors import Survivor

NOT_MADE_YET = {"REVIEW_IN_PROGRESS"}
CANNOT_BE_UPDATED = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
POLL_SECONDS = 5
WAITERS = {"CREATE": "stack_create_complete", "UPDATE": "stack_update_complete", "IMPORT": "stack_import_complete"}


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What CloudFormation would do. Without changes there is nothing to execute."""

    name: str
    kind: str
    """`CREATE`, `UPDATE` or `IMPORT`."""
    changes: list[str]


def outputs(stage: Stage) -> dict[str, str]:
    """Return the outputs of the stack."""
    stack = described(stage)
    if not stack:
        raise DeployingError(f"There is no stack {stage.stack}. Make it: python -m infra stack --stage {stage.name}")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def described(stage: Stage) -> dict[str, Any] | None:
    """Return the stack as CloudFormation describes it; None before it was made. Raises DeployingError if it cannot be used any more."""
    try:
        stack = dict(client("cloudformation").describe_stacks(StackName=stage.stack)["Stacks"][0])
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    if stack["StackStatus"] in CANNOT_BE_UPDATED:
        raise DeployingError(
            f"{stage.stack} is {stack['StackStatus']}. Read why in its events, remove the cause, delete the stack, and deploy again:\n"
            f"  aws cloudformation delete-stack --stack-name {stage.stack}\n"
            "Tables, accounts, buckets and the key stay, and the next deploy takes them over."
        )
    return None if stack["StackStatus"] in NOT_MADE_YET else stack


def propose(stage: Stage, account: str, given: dict[str, str]) -> ChangeSet:
    """Create a change set from the templates and parameters. A parameter that is not given keeps its value.

    A new table that exists already, since an update that made it was rolled back, is imported.
    """
    stack = described(stage)
    wanted = parameters(compose.composed(stage, account), given, values(stack))
    template, tags = compose.body(stage, account), [{"Key": "app", "Value": APP}, {"Key": "stage", "Value": stage.name}]
    kind = "UPDATE" if stack else "CREATE"
    return _change_set(stage, kind, TemplateBody=template, Parameters=wanted, Tags=tags, ImportExistingResources=True)


def propose_import(stage: Stage, survivors: list[Survivor], template: Template) -> ChangeSet:
    """Create a change set that makes the stack of existing resources alone."""
    imported = [survivor.as_import for survivor in survivors]
    return _change_set(stage, "IMPORT", TemplateBody=json.dumps(template), ResourcesToImport=imported)


def values(stack: dict[str, Any] | None) -> dict[str, str]:
    """Return the values of the stack's parameters."""
    return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in (stack or {}).get("Parameters", [])}


def parameters(template: Template, given: dict[str, str], before: dict[str, str]) -> list[Any]:
    """Return each parameter for CloudFormation: the given value, else the previous one, else the template's default."""
    unknown = given.keys() - template["Parameters"].keys()
    if unknown:
        raise DeployingError(f"No such parameter: {', '.join(sorted(unknown))}. There are {', '.join(sorted(template['Parameters']))}.")
    now = before | given
    if now.get("Domain") and not now.get("Certificate"):
        raise DeployingError("A Domain needs its Certificate: --set Certificate=arn:aws:acm:…")
    return list(_parameters(template, given, before))


def execute(stage: Stage, proposed: ChangeSet) -> None:
    """Execute the change set and wait until it is complete."""
    cloudformation = client("cloudformation")
    cloudformation.execute_change_set(ChangeSetName=proposed.name)
    waiter: Any = cloudformation.get_waiter(WAITERS[proposed.kind])
    try:
        waiter.wait(StackName=stage.stack, WaiterConfig={"Delay": POLL_SECONDS, "MaxAttempts": 360})
    except WaiterError as error:
        raise DeployingError("\n".join([f"{stage.stack} failed: {error}", *_failures(cloudformation, stage)])) from error
    cloudformation.update_termination_protection(EnableTerminationProtection=True, StackName=stage.stack)


def delete_change_set(stage: Stage, proposed: ChangeSet) -> None:
    """Delete the change set."""
    client("cloudformation").delete_change_set(ChangeSetName=proposed.name)


def change_lines(changes: Iterable[dict[str, Any]]) -> list[str]:
    """Return a change set's changes as lines; replacements and removals are highlighted."""
    return [_line(change["ResourceChange"]) for change in changes]


def _parameters(template: Template, given: dict[str, str], before: dict[str, str]) -> Iterator[dict[str, Any]]:
    for name, declared in template["Parameters"].items():
        if name in given:
            yield {"ParameterKey": name, "ParameterValue": given[name]}
        elif name in before:
            yield {"ParameterKey": name, "UsePreviousValue": True}
        elif "Default" not in declared:
            raise DeployingError(f"{name} is needed: --set {name}=…  ({declared['Description']})")


def _change_set(stage: Stage, kind: str, **content: Any) -> ChangeSet:
    cloudformation: Any = client("cloudformation")
    name = cloudformation.create_change_set(StackName=stage.stack, ChangeSetName=f"{stage.stack}-{uuid4()}", ChangeSetType=kind, **content)[
        "Id"
    ]
    return ChangeSet(name, kind, _changes(cloudformation, name))


def _changes(cloudformation: Any, name: str) -> list[str]:
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=name, WaiterConfig={"Delay": min(2, POLL_SECONDS)})
    except WaiterError as error:
        reason = cloudformation.describe_change_set(ChangeSetName=name).get("StatusReason", "")
        cloudformation.delete_change_set(ChangeSetName=name)
        if any(words in reason for words in NO_CHANGES):
            return []
        raise DeployingError(f"CloudFormation does not take the template: {reason or error}") from error
    pages = cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=name)
    return change_lines(change for page in pages for change in page["Changes"])


def _line(change: dict[str, Any]) -> str:
    line = f"{change['Action']} {change['LogicalResourceId']} ({change['ResourceType']})"
    harm = change.get("Replacement") in {"True", "Conditional"} or change["Action"] == "Remove"
    return f"{line}  <<< replaces or removes what is there" if harm else line


def _failures(cloudformation: Any, stage: Stage) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stage.stack)["StackEvents"]
    return [
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    ]
