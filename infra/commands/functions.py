"""Run `chalice deploy` for the stage, unless it would create resources twice. Paused schedules stay paused."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace

from infra.deployment import deployed_state, functions, policies, schedules, stacks, stage_config, wheels
from infra.deployment.confirm import add_options, is_confirmed, print_plan
from infra.deployment.stage import PROJECT, DeployingError, Stage

CHALICE = [sys.executable, "-m", "infra.chalice"]


def add(parser: ArgumentParser) -> None:
    add_options(parser)


def run(options: Namespace) -> int:
    """Show which functions would be created or updated, and run Chalice."""
    stage = Stage(options.stage)
    _refuse_unless_ready(stage)
    there = functions.existing(stage)
    print_plan("Functions and API", [f"{'update' if name in there else 'make'} {name}" for name in stage.functions.values()])
    if not is_confirmed(options):
        return 0 if options.plan else 1
    policies.write(stage, policies.rendered(policies.scope(stage, stacks.outputs(stage))))
    with wheels.verified(stage) as environment, schedules.as_they_were(stage):
        return subprocess.run([*CHALICE, "deploy", "--stage", stage.name], cwd=PROJECT, env=environment, check=False).returncode


def _refuse_unless_ready(stage: Stage) -> None:
    missing = [name for name in stage_config.NEEDED if name != stage_config.PUBLIC_URL and not stage_config.configured(stage).get(name)]
    if missing:
        raise DeployingError(f"{stage_config.file(stage)} does not say {', '.join(missing)}: python -m infra stack --stage {stage.name}")
    unknown = deployed_state.unrecorded_names(deployed_state.recorded_resources(stage), deployed_state.existing_resources(stage))
    if unknown:
        raise DeployingError(
            f"{', '.join(unknown)} of stage {stage.name}: there already, but not as {stage.state_file.name} in .chalice/deployed says. "
            "Chalice would make them a second time.\n"
            "The file was lost, is an old one, or a deploy died half-way. Have it written from what there is, then deploy again:\n"
            f"  python -m infra adopt --stage {stage.name}"
        )
