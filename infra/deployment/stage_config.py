"""The settings of a stage, in `.chalice/stages/<stage>.json`: what `stages` in Chalice's configuration has of it.

They are the outputs of the stack as the application's environment, and no secrets. Git ignores the files, so that a deployment changes
nothing that a later version changes too; `infra/chalice.py` puts them into what Chalice reads.
Other entries of the section and of its environment are unchanged.
"""

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from infra.deployment.clients import client
from infra.deployment.stage import API_STAGE, CHALICE, Stage
from infra.deployment.tables import chosen

CONFIG = CHALICE / "config.json"
OF_OUTPUTS = {
    "ROLLBOOK_SENDER": "Sender",
    "ROLLBOOK_USER_POOL": "UserPool",
    "ROLLBOOK_USER_POOL_CLIENT": "UserPoolClient",
    "ROLLBOOK_CONFIGURATION_SET": "ConfigurationSet",
    "ROLLBOOK_JOBS_QUEUE": "JobsQueue",
    "ROLLBOOK_WEBHOOKS_QUEUE": "WebhooksQueue",
    "ROLLBOOK_IMPORTS_BUCKET": "ImportsBucket",
    "ROLLBOOK_PICTURES_BUCKET": "PicturesBucket",
}
STREAMS = {"ROLLBOOK_ROSTERS_STREAM": "rosters", "ROLLBOOK_MESSAGES_STREAM": "messages", "ROLLBOOK_RECORDS_STREAM": "records"}
PUBLIC_URL = "ROLLBOOK_PUBLIC_URL"
TABLES = "ROLLBOOK_TABLES"
NEEDED = ["ROLLBOOK_STAGE", PUBLIC_URL, *OF_OUTPUTS, *STREAMS]

Environment = dict[str, str]
Section = dict[str, Any]


def file(stage: Stage) -> Path:
    """Return the file of the stage's settings."""
    return CONFIG.parent / "stages" / f"{stage.name}.json"


def chalice_config() -> Section:
    """Return Chalice's configuration with the settings of every stage.

    A stand-in for AWS on this computer runs functions for its processor.
    """
    config: Section = json.loads(CONFIG.read_text())
    for path in sorted((CONFIG.parent / "stages").glob("*.json")):
        config["stages"][path.stem] = json.loads(path.read_text())
    if os.environ.get("AWS_ENDPOINT_URL"):
        config["lambda_architecture"] = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    return config


def section(stage: Stage) -> Section:
    """Return the settings of the stage. Deployments before these files existed have them in `.chalice/config.json`."""
    found: Section = chalice_config()["stages"].get(stage.name, {})
    return found


def configured(stage: Stage) -> Environment:
    """Return the stage's environment as Chalice would give it to the functions; empty when the stage has none."""
    return dict(section(stage).get("environment_variables", {}))


def architecture(stage: Stage) -> str:
    """Return the architecture of the stage's functions, in Lambda's words."""
    return str(section(stage).get("lambda_architecture") or chalice_config()["lambda_architecture"])


def wanted(stage: Stage, outputs: dict[str, str], *, rest_api: str | None) -> Environment:
    """Return the environment variables for the stack, the tables' current streams, and the API if it exists."""
    environment = {"ROLLBOOK_STAGE": stage.name}
    environment |= {name: outputs[output] for name, output in OF_OUTPUTS.items()}
    environment |= {name: stream(stage, table) for name, table in STREAMS.items()}
    address = public_url(outputs, rest_api, region=boto3.Session().region_name)
    return environment | {name: value for name, value in {PUBLIC_URL: address, TABLES: chosen(stage)}.items() if value}


def public_url(outputs: dict[str, str], rest_api: str | None, *, region: str) -> str:
    """Return where people reach the pages: under the stage's own domain, else under the API's address; empty before there is one."""
    if outputs.get("Domain"):
        return f"https://{outputs['Domain']}"
    return f"https://{rest_api}.execute-api.{region}.amazonaws.com/{API_STAGE}" if rest_api else ""


def stream(stage: Stage, table: str) -> str:
    """Return the ARN of a table's current stream: the stack's output is outdated after the table was recreated."""
    described = client("dynamodb").describe_table(TableName=table_name(stage, table))["Table"]
    return described["LatestStreamArn"]


def table_name(stage: Stage, table: str) -> str:
    """Return the name of a table of the stage. Tables that were restored from a backup have other names."""
    return f"{tables(stage)}-{table}"


def tables(stage: Stage) -> str:
    """Return the prefix of the stage's tables: `rollbook-prod`, or that of restored ones.

    Earlier versions noted a switch in the settings of one computer only.
    """
    return chosen(stage) or configured(stage).get(TABLES) or stage.stack


def differences(have: Environment, want: Environment) -> list[str]:
    """Return what would change, line by line."""
    return [f"{name}: {have.get(name) or 'not set'} → {value}" for name, value in want.items() if have.get(name) != value]


def write(stage: Stage, want: Environment) -> None:
    """Put these variables into the stage's settings, and leave everything else as it is."""
    found = section(stage)
    found.setdefault("environment_variables", {}).update(want)
    _write(stage, found)


def write_policy_files(stage: Stage, files: Mapping[str, str]) -> None:
    """Have Chalice read these policies, by handler, for this stage alone."""
    found = section(stage)
    handlers = found.setdefault("lambda_functions", {})
    for handler, name in files.items():
        handlers.setdefault(handler, {})["iam_policy_file"] = name
    _write(stage, found)


def _write(stage: Stage, found: Section) -> None:
    file(stage).parent.mkdir(exist_ok=True)
    file(stage).write_text(json.dumps(found, indent=2) + "\n")
