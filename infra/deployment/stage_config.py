"""The stage's section in `.chalice/config.json`, the only file that Chalice reads.

It holds the outputs of the stack as the application's environment, and no secrets.
Other entries of the section and of its environment are unchanged.
"""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from infra.deployment.stage import API_STAGE, CHALICE, Stage

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


def configured(stage: Stage) -> Environment:
    """Return the stage's environment as Chalice would give it to the functions; empty when the stage has none."""
    section = json.loads(CONFIG.read_text())["stages"].get(stage.name, {})
    return dict(section.get("environment_variables", {}))


def architecture(stage: Stage) -> str:
    """Return the architecture of the stage's functions, in Lambda's words."""
    config = json.loads(CONFIG.read_text())
    return str(config["stages"].get(stage.name, {}).get("lambda_architecture") or config["lambda_architecture"])


def wanted(stage: Stage, outputs: dict[str, str], *, rest_api: str | None) -> Environment:
    """Return the environment variables for the stack, the tables' current streams, and the API if it exists."""
    environment = {"ROLLBOOK_STAGE": stage.name}
    environment |= {name: outputs[output] for name, output in OF_OUTPUTS.items()}
    environment |= {name: stream(stage, table) for name, table in STREAMS.items()}
    address = public_url(outputs, rest_api, region=boto3.Session().region_name)
    return environment | ({PUBLIC_URL: address} if address else {})


def public_url(outputs: dict[str, str], rest_api: str | None, *, region: str) -> str:
    """Return where people reach the pages: under the stage's own domain, else under the API's address; empty before there is one."""
    if outputs.get("Domain"):
        return f"https://{outputs['Domain']}"
    return f"https://{rest_api}.execute-api.{region}.amazonaws.com/{API_STAGE}" if rest_api else ""


def stream(stage: Stage, table: str) -> str:
    """Return the ARN of a table's current stream: the stack's output is outdated after the table was recreated."""
    described = boto3.client("dynamodb").describe_table(TableName=table_name(stage, table))["Table"]
    return described["LatestStreamArn"]


def table_name(stage: Stage, table: str) -> str:
    """Return the name of a table of the stage. Tables that were restored from a backup have other names."""
    return f"{tables(stage)}-{table}"


def tables(stage: Stage) -> str:
    """Return the prefix of the stage's tables: `rollbook-prod`, or that of restored ones."""
    return configured(stage).get(TABLES) or stage.stack


def differences(have: Environment, want: Environment) -> list[str]:
    """Return what would change, line by line."""
    return [f"{name}: {have.get(name) or 'not set'} → {value}" for name, value in want.items() if have.get(name) != value]


def write(stage: Stage, want: Environment) -> None:
    """Put these variables into the stage's section, and leave everything else as it is."""
    config: dict[str, Any] = json.loads(CONFIG.read_text())
    environment = config["stages"].setdefault(stage.name, {}).setdefault("environment_variables", {})
    environment.update(want)
    CONFIG.write_text(json.dumps(config, indent=2) + "\n")


def write_policy_files(stage: Stage, files: Mapping[str, str]) -> None:
    """Have Chalice read these policies, by handler, for this stage alone."""
    config: dict[str, Any] = json.loads(CONFIG.read_text())
    handlers = config["stages"].setdefault(stage.name, {}).setdefault("lambda_functions", {})
    for handler, file in files.items():
        handlers.setdefault(handler, {})["iam_policy_file"] = file
    CONFIG.write_text(json.dumps(config, indent=2) + "\n")
