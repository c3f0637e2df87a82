"""Do what Chalice does not: mappings by ARN with all their settings, log retention, the public address, domain and firewall."""

from argparse import ArgumentParser, Namespace

from infra.deploying import changes, configuring, fronts, functions, mappings, recording, rest_apis, stacks
from infra.deploying.asking import add_asking, agreed, shown
from infra.deploying.changes import Change
from infra.deploying.configuring import Environment
from infra.deploying.stage import DeployingError, Stage


def add(parser: ArgumentParser) -> None:
    add_asking(parser)


def run(asked: Namespace) -> int:
    """Show what differs from what must be, and make it so."""
    stage = Stage(asked.stage)
    outputs, rest_api = stacks.outputs(stage), rest_apis.one(stage)
    there = functions.existing(stage)
    if not rest_api or len(there) < len(stage.functions):
        raise DeployingError(f"Not everything of stage {stage.name} is deployed yet: python -m infra functions --stage {stage.name}")
    want = configuring.configured(stage) | configuring.wanted(stage, outputs, rest_api=rest_api)
    planned = [
        *functions.environments(there, want),
        *mappings.plan(mappings.existing(stage), mappings.wanted(stage, outputs)),
        *functions.retentions(there, functions.log_groups(there)),
        *_front(outputs, rest_api),
    ]
    shown(f"Environment of stage {stage.name} in .chalice/config.json", configuring.differences(configuring.configured(stage), want))
    shown(f"Wiring of stage {stage.name}", [change.says for change in planned])
    if not agreed(asked):
        return 0 if asked.plan else 1
    _do(stage, want, planned)
    return 0


def _front(outputs: dict[str, str], rest_api: str) -> list[Change]:
    domain, firewall = outputs.get("Domain"), outputs.get("Firewall")
    return [
        *fronts.plan_domain(domain, leads_to=fronts.behind_domain(domain), rest_api=rest_api),
        *fronts.plan_firewall(firewall, stands_behind=fronts.behind_firewall(rest_api) if firewall else "", rest_api=rest_api),
    ]


def _do(stage: Stage, want: Environment, planned: list[Change]) -> None:
    """Make it so; last, Chalice remembers the mappings as they now are, or it would make them a second time."""
    configuring.write(stage, want)
    changes.apply(planned)
    recording.record(stage, recording.found(stage))
