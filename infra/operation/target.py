"""The target of a command: a deployed stage, or the local stack on this machine."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from chalicelib import clients
from chalicelib.config import config
from infra.deployment.stage import DeployingError, Stage
from infra.local.state import running_environment
from infra.operation.environment import use_environment_of

FOLDER = "ROLLBOOK_STATE"


class NotRunningError(DeployingError):
    """No local stack runs on this state folder. The text names the remedy."""


def add_options(parser: ArgumentParser) -> None:
    """Declare the options that name the target."""
    targets = parser.add_mutually_exclusive_group(required=True)
    targets.add_argument("--stage", help="a deployed stage")
    targets.add_argument("--local", action="store_true", help=f"the local stack that runs on .local, or on the folder that {FOLDER} names")


def use(options: Namespace) -> None:
    """Direct this process to the target, as the operator. Raises NotRunningError, or DeployingError for an unknown stage."""
    if options.stage:
        use_environment_of(Stage(options.stage))
    else:
        _use_local(Path(os.environ.get(FOLDER) or ".local"))


def _use_local(folder: Path) -> None:
    found = running_environment(folder)
    if found is None:
        raise NotRunningError(f"No local stack runs on {folder}. Start it with make run, or name the folder that it runs on: {FOLDER}=…")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(found)
    config.cache_clear()
    clients.forget()
