"""A command that does what the application does has the environment of the stage's functions, and the operator's own rights."""

import os

import boto3

from chalicelib import clients
from chalicelib.settings import settings
from infra.deploying import configuring
from infra.deploying.stage import DeployingError, Stage


class StageUnknownError(DeployingError):
    """There is no such stage here. The text says what to do."""


def act_as(stage: Stage, *, tables: str = "") -> None:
    """Let what follows in this process be done in the stage, or in other tables than the stage has now."""
    environment = configuring.configured(stage)
    if not environment.get("ROLLBOOK_STAGE"):
        raise StageUnknownError(
            f".chalice/config.json has no stage {stage.name}. If it is deployed, write it there: python -m infra stack --stage {stage.name}"
        )
    region = boto3.Session().region_name
    chosen = {configuring.TABLES: tables or environment.get(configuring.TABLES, "")}
    os.environ.update(environment | chosen | ({"AWS_REGION": region} if region else {}))
    settings.cache_clear()
    clients.forget()
