"""The functions' policies: templates in `.chalice`, rendered for one stage, so that no function reaches another stage's resources.

Chalice reads the rendered files; they lie beside the templates, and Git ignores them.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment import stage_config
from infra.deployment.changes import Change
from infra.deployment.clients import client
from infra.deployment.stage import HANDLERS, PROJECT, Stage

TEMPLATES = PROJECT / ".chalice"
IDENTITY = "${Identity}"
"""A resource with this placeholder stands for one resource per identity that SES may have verified for the sender."""

Policy = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """The only resources of an account that the functions of a stage may reach."""

    stage: Stage
    region: str
    account: str
    tables: str
    """The prefix of the table names. Tables restored from a backup have another prefix than the stage's first ones."""
    user_pool: str
    bucket: str
    pictures: str
    """The bucket of pictures."""
    sender: str


def scope(stage: Stage, outputs: dict[str, str]) -> Scope:
    """Return the scope of a stage: the stack's resources, and the tables that are in use."""
    region, account = outputs["JobsQueueArn"].split(":")[3:5]
    buckets = outputs["ImportsBucket"], outputs["PicturesBucket"]
    return Scope(stage, region, account, stage_config.tables(stage), outputs["UserPool"], *buckets, outputs["Sender"])


def rendered(scope: Scope) -> dict[str, Policy]:
    """Return the policies of a stage, by handler. Raises KeyError if a template has an unknown placeholder."""
    return {handler: render(handler, scope) for handler in HANDLERS}


def render(handler: str, scope: Scope) -> Policy:
    """Return the policy of one function."""
    policy: Policy = json.loads((TEMPLATES / template_name(handler)).read_text())
    for statement in policy["Statement"]:
        statement["Resource"] = [arn for resource in statement["Resource"] for arn in _resources(resource, scope)]
    values = {
        "Region": scope.region,
        "Account": scope.account,
        "Stage": scope.stage.name,
        "Function": scope.stage.function(handler),
        "Tables": scope.tables,
        "UserPool": scope.user_pool,
        "Bucket": scope.bucket,
        "Pictures": scope.pictures,
    }
    filled: Policy = json.loads(Template(json.dumps(policy)).substitute(values))
    return filled


def identities(sender: str) -> list[str]:
    """Return what SES may have verified for a sender: the address, its domain, or a domain above it."""
    labels = sender.partition("@")[2].split(".")
    return [sender, *(".".join(labels[above:]) for above in range(max(len(labels) - 1, 1)))]


def template_name(handler: str) -> str:
    """Return the name of a function's template: `policy-rosters.json` for `on_rosters`."""
    return f"policy-{re.sub('^(on|run)_|_handler$', '', handler)}.json"


def rendered_name(handler: str, stage: Stage) -> str:
    """Return the name of the rendered file: `policy-rosters.prod.json`."""
    return template_name(handler).replace(".json", f".{stage.name}.json")


def write(stage: Stage, policies: dict[str, Policy]) -> None:
    """Write the rendered files, and name them in the stage's section of Chalice's configuration."""
    for handler, policy in policies.items():
        Path(stage.config_folder, rendered_name(handler, stage)).write_text(json.dumps(policy, indent=2) + "\n")
    stage_config.write_policy_files(stage, {handler: rendered_name(handler, stage) for handler in policies})


def existing(stage: Stage) -> dict[str, Policy | None]:
    """Return the policies that the functions' roles have, by handler."""
    return {handler: _of_role(stage.role(handler)) for handler in HANDLERS}


def plan(stage: Stage, have: dict[str, Policy | None], want: dict[str, Policy]) -> list[Change]:
    """Return the changes that give every function its policy."""
    return [_change(stage.role(handler), policy) for handler, policy in want.items() if have[handler] != policy]


def _change(role: str, policy: Policy) -> Change:
    arguments = {"RoleName": role, "PolicyName": role, "PolicyDocument": json.dumps(policy, indent=2)}
    return Change(f"{role} gets the policy of its stage", "iam", "put_role_policy", arguments)


def _of_role(role: str) -> Policy | None:
    """Return the policy that Chalice gives a role under the role's own name; None without one."""
    try:
        found: Any = client("iam").get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise
    return dict(found)


def _resources(arn: str, scope: Scope) -> Iterator[str]:
    if IDENTITY not in arn:
        yield arn
        return
    for identity in identities(scope.sender):
        yield arn.replace(IDENTITY, identity)
