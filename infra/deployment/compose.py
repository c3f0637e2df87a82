"""One stack of all templates. Each file is also a complete template, which tests and the local stack read.

The names of the stage's resources are written out: CloudFormation imports what exists already by a static name only.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from infra.deployment.stage import DeployingError, Stage

TEMPLATES = Path(__file__).parent.parent
STAGE = "Stage"
"""The parameter that every file has. The composed template has the stage's name in its place."""
MOST = 51_200
"""Bytes that CloudFormation takes in a request."""

Template = dict[str, Any]


def body(stage: Stage, account: str = "") -> str:
    """Return the composed template as CloudFormation is given it."""
    written = json.dumps(composed(stage, account), separators=(",", ":"))
    if len(written.encode()) > MOST:
        raise DeployingError(f"The composed template has {len(written)} bytes; CloudFormation takes {MOST}.")
    return written


def composed(stage: Stage, account: str = "") -> Template:
    """Return the templates of `infra` as one, for one stage. Without an account, CloudFormation fills it into the names of buckets."""
    whole: Template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Rollbook: everything of a stage that Chalice does not make.",
    }
    known = {STAGE: stage.name} | ({"AWS::AccountId": account} if account else {})
    for path in files():
        for section, values in yaml.safe_load(path.read_text()).items():
            if isinstance(values, dict):
                settings = {name: value for name, value in values.items() if name != STAGE}
                _merge(whole.setdefault(section, {}), _written_out(settings, known), f"{section} of {path.name}")
    return whole


def files() -> list[Path]:
    return sorted(TEMPLATES.glob("*.yaml"))


def _merge(into: dict[str, Any], values: dict[str, Any], where: str) -> None:
    for name, value in values.items():
        if name in into:
            raise DeployingError(f"{name} in {where} is in another template already.")
        into[name] = value


def _written_out(node: Any, known: dict[str, str]) -> Any:
    """Return the node with the known placeholders filled in. Text in which none is left needs no function any more."""
    if isinstance(node, list):
        return [_written_out(item, known) for item in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"Fn::Sub"}:
        text = node["Fn::Sub"]
        for name, value in known.items():
            text = text.replace(f"${{{name}}}", value)
        return {"Fn::Sub": text} if "${" in text else text
    return {key: _written_out(value, known) for key, value in node.items()}
