"""Write Chalice's record of the stage, .chalice/deployed/<stage>.json, from the resources in the account."""

from argparse import ArgumentParser, Namespace

from infra.deployment import deployed_state
from infra.deployment.confirm import add_options, is_confirmed, print_plan
from infra.deployment.stage import Stage


def add(parser: ArgumentParser) -> None:
    add_options(parser)


def run(options: Namespace) -> int:
    """Show the resources that the record lacks, and write it."""
    stage = Stage(options.stage)
    have, there = deployed_state.recorded_resources(stage), deployed_state.existing_resources(stage)
    forgotten = [f"{name}: is gone" for name in have.keys() - there.keys()]
    print_plan(
        f"{stage.state_file.name} in .chalice/deployed",
        [*(f"{name}: is there" for name in deployed_state.unrecorded_names(have, there)), *forgotten],
    )
    if have == there:
        return 0
    if is_confirmed(options):
        deployed_state.record_resources(stage, there)
        return 0
    return 0 if options.plan else 1
