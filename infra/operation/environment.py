"""A command that runs the application's operations has the environment of the stage's functions and the operator's permissions."""

import os

import boto3

from chalicelib import clients
from chalicelib.config import config
from infra.deployment import stage_config
from infra.deployment.stage import DeployingError, Stage


class StageUnknownError(DeployingError):
    """The stage does not exist here. The text names the remedy."""


def use_environment_of(stage: Stage, *, tables: str = "") -> None:
    """Make this process work on the stage, or on other tables than those of the stage."""
    environment = stage_config.configured(stage)
    if not environment.get("ROLLBOOK_STAGE"):
        raise StageUnknownError(
            f"There is no {stage_config.file(stage)}. If the stage is deployed, write it: python -m infra stack --stage {stage.name}"
        )
    region = boto3.Session().region_name
    chosen = {stage_config.TABLES: tables or stage_config.tables(stage)}
    os.environ.update(environment | chosen | ({"AWS_REGION": region} if region else {}))
    config.cache_clear()
    clients.forget()
