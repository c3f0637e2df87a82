"""Make the settings that Chalice does not: policies, mappings by ARN, log retention, the public address, domain and firewall."""

from argparse import ArgumentParser, Namespace

from infra.deployment import changes, deployed_state, policies, stage_config, wire_plan
from infra.deployment.confirm import add_options, is_confirmed, print_plan
from infra.deployment.stage import Stage


def add(parser: ArgumentParser) -> None:
    add_options(parser)


def run(options: Namespace) -> int:
    """Show the differences from the wanted settings, and remove them. Last, record the mappings for Chalice."""
    stage = Stage(options.stage)
    needed = wire_plan.needed(stage)
    written = stage_config.differences(stage_config.configured(stage), needed.environment)
    print_plan(f"Environment of the functions in .chalice/stages/{stage.name}.json", written)
    print_plan(f"Wiring of stage {stage.name}", [change.says for change in needed.changes])
    if (written or needed.changes) and not is_confirmed(options):
        return 0 if options.plan else 1
    if not options.plan:
        stage_config.write(stage, needed.environment)
        policies.write(stage, needed.policies)
        changes.apply(needed.changes)
        deployed_state.record_resources(stage, deployed_state.existing_resources(stage))
    return 0
