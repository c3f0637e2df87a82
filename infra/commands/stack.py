"""Make or update the stage's CloudFormation stack, and note in .chalice/config.json what the application must know of it."""

from argparse import ArgumentParser, Namespace

from infra.deploying import configuring, rest_apis, stacks
from infra.deploying.asking import add_asking, agreed, shown
from infra.deploying.stage import Stage


def add(parser: ArgumentParser) -> None:
    add_asking(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the templates; what is not set stays as it was"
    )


def run(asked: Namespace) -> int:
    """Show what CloudFormation would do, do it, and write the stage's environment."""
    stage = Stage(asked.stage)
    proposed = stacks.propose(stage, dict(pair.split("=", 1) for pair in asked.set))
    shown(f"Stack {stage.stack}", proposed.changes)
    if proposed.changes:
        if not agreed(asked):
            stacks.drop(stage, proposed)
            return 0 if asked.plan else 1
        stacks.execute(stage, proposed)
    return 0 if asked.plan else _configure(stage)


def _configure(stage: Stage) -> int:
    wanted = configuring.wanted(stage, stacks.outputs(stage), rest_api=rest_apis.one(stage))
    shown(f"Environment of stage {stage.name} in .chalice/config.json", configuring.differences(configuring.configured(stage), wanted))
    configuring.write(stage, wanted)
    return 0
