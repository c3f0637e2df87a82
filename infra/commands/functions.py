"""Run `chalice deploy` for the stage, unless that would make things twice; schedules that were paused stay so."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace

from infra.deploying import configuring, functions, recording, schedules
from infra.deploying.asking import add_asking, agreed, shown
from infra.deploying.stage import PROJECT, DeployingError, Stage

CHALICE = [sys.executable, "-c", "from chalice.cli import main; main()"]


def add(parser: ArgumentParser) -> None:
    add_asking(parser)


def run(asked: Namespace) -> int:
    """Show which functions would be made or updated, and have Chalice do it."""
    stage = Stage(asked.stage)
    _refuse_unless_ready(stage)
    there = functions.existing(stage)
    shown("Functions and API", [f"{'update' if name in there else 'make'} {name}" for name in stage.functions.values()])
    if not agreed(asked):
        return 0 if asked.plan else 1
    with schedules.as_they_were(stage):
        return subprocess.run([*CHALICE, "deploy", "--stage", stage.name], cwd=PROJECT, check=False).returncode


def _refuse_unless_ready(stage: Stage) -> None:
    missing = [name for name in configuring.NEEDED if name != configuring.PUBLIC_URL and not configuring.configured(stage).get(name)]
    if missing:
        raise DeployingError(
            f".chalice/config.json does not say {', '.join(missing)} for stage {stage.name}: python -m infra stack --stage {stage.name}"
        )
    unknown = recording.unknown(recording.recorded(stage), recording.found(stage))
    if unknown:
        raise DeployingError(
            f"{', '.join(unknown)} of stage {stage.name}: there already, but not as {stage.state_file.name} in .chalice/deployed says. "
            "Chalice would make them a second time.\n"
            "The file was lost, is an old one, or a deploy died half-way. Have it written from what there is, then deploy again:\n"
            f"  python -m infra adopt --stage {stage.name}"
        )
