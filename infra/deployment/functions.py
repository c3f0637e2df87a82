"""The stage's functions: which there are, their environment, their logs."""

from typing import Any

from infra.deployment.changes import Change
from infra.deployment.clients import client
from infra.deployment.stage import Stage
from infra.deployment.stage_config import TABLES, Environment


def existing(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the configurations of the existing functions, by name."""
    ours = set(stage.functions.values())
    pages = client("lambda").get_paginator("list_functions").paginate()
    found = [dict(function) for page in pages for function in page["Functions"]]
    return {function["FunctionName"]: function for function in found if function["FunctionName"] in ours}


def environments(have: dict[str, dict[str, Any]], want: Environment) -> list[Change]:
    """Return the changes that give every function this environment."""
    return [
        Change(
            f"{name} learns {', '.join(sorted(key for key in want.keys() | given.keys() if want.get(key) != given.get(key)))}",
            "lambda",
            "update_function_configuration",
            {"FunctionName": name, "Environment": {"Variables": want}},
        )
        for name, configuration in have.items()
        if (given := configuration.get("Environment", {}).get("Variables", {})) != want
    ]


def restored_tables(stage: Stage) -> str:
    """Return the prefix of the tables that the stage's functions use; empty for those of the stack."""
    api = existing(stage).get(stage.functions["api_handler"], {})
    return str(api.get("Environment", {}).get("Variables", {}).get(TABLES, ""))


def log_group(function: str) -> str:
    return f"/aws/lambda/{function}"
