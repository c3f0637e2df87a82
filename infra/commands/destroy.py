"""Delete the stage's functions and API. The stack stays, with everything that people have entered."""

import subprocess
from argparse import ArgumentParser, Namespace

from infra.commands.functions import CHALICE
from infra.deploying import recording
from infra.deploying.asking import answered, shown
from infra.deploying.stage import PROJECT, Stage


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)
    parser.add_argument("--yes", action="store_true", help="go on without asking")


def run(asked: Namespace) -> int:
    """Ask for the stage's name, have Chalice delete all that there is of what it made, and say what is left."""
    stage = Stage(asked.stage)
    there = recording.found(stage)
    shown(f"Stage {stage.name} loses", there)
    if there and not asked.yes and answered(f"Type {stage.name} to delete them: ") != stage.name:
        print("Nothing was deleted.")
        return 1
    recording.record(stage, there)
    status = subprocess.run([*CHALICE, "delete", "--stage", stage.name], cwd=PROJECT, check=False).returncode
    if not status:
        print(
            f"Left: the stack {stage.stack} with its tables, accounts, files, queues and key, and the functions' logs.\n"
            f"make deploy STAGE={stage.name} brings the application back; the API gets a new address."
        )
    return status
