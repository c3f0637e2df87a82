"""One stack of all templates. Each file is also a complete template, which tests and the local stack read."""

import json
from pathlib import Path
from typing import Any

import yaml

from infra.deployment.stage import DeployingError

TEMPLATES = Path(__file__).parent.parent
SHARED = {"Stage"}
"""Parameters that several templates have, all in the same words."""
MOST = 51_200
"""Bytes that CloudFormation takes in a request."""

Template = dict[str, Any]


def body() -> str:
    """Return the composed template as CloudFormation is given it."""
    written = json.dumps(composed(), separators=(",", ":"))
    if len(written.encode()) > MOST:
        raise DeployingError(f"The composed template has {len(written)} bytes; CloudFormation takes {MOST}.")
    return written


def composed() -> Template:
    """Return the templates of `infra` as one."""
    whole: Template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Rollbook: everything of a stage that Chalice does not make.",
    }
    for path in files():
        for section, entries in yaml.safe_load(path.read_text()).items():
            if isinstance(entries, dict):
                _merge(whole.setdefault(section, {}), entries, f"{section} of {path.name}")
    return whole


def files() -> list[Path]:
    return sorted(TEMPLATES.glob("*.yaml"))


def _merge(into: dict[str, Any], entries: dict[str, Any], where: str) -> None:
    for name, entry in entries.items():
        if name in into and not (name in SHARED and into[name] == entry):
            raise DeployingError(f"{name} in {where} is in another template already.")
        into[name] = entry
