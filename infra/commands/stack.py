"""Create or update the stage's CloudFormation stack, and write its outputs for the application, and its policies, to .chalice."""

from argparse import ArgumentParser, Namespace

from infra.deployment import policies, rest_apis, stacks, stage_config
from infra.deployment.confirm import add_options, is_confirmed, print_plan
from infra.deployment.stage import Stage


def add(parser: ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the templates; what is not set stays as it was"
    )


def run(asked: Namespace) -> int:
    """Show the changes of CloudFormation, make them, and write the stage's environment."""
    stage = Stage(asked.stage)
    proposed = stacks.propose(stage, dict(pair.split("=", 1) for pair in asked.set))
    print_plan(f"Stack {stage.stack}", proposed.changes)
    if proposed.changes:
        if not is_confirmed(asked):
            stacks.delete_change_set(stage, proposed)
            return 0 if asked.plan else 1
        stacks.execute(stage, proposed)
    return 0 if asked.plan else _configure(stage)


def _configure(stage: Stage) -> int:
    outputs = stacks.outputs(stage)
    wanted = stage_config.wanted(stage, outputs, rest_api=rest_apis.api_id(stage))
    print_plan(
        f"Environment of stage {stage.name} in .chalice/config.json", stage_config.differences(stage_config.configured(stage), wanted)
    )
    stage_config.write(stage, wanted)
    policies.write(stage, policies.rendered(policies.scope(stage, outputs)))
    return 0
