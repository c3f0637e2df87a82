"""Everything that Chalice does not do, as it must be. What would have to change for that is the plan of `wire`, and what `check` finds."""

from dataclasses import dataclass

from infra.deploying import configuring, fronts, functions, mappings, rest_apis, stacks
from infra.deploying.changes import Change
from infra.deploying.configuring import Environment
from infra.deploying.stage import DeployingError, Stage


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the functions must know, and what else would have to change."""

    environment: Environment
    changes: list[Change]


def needed(stage: Stage) -> Wiring:
    """Return how the stage must be wired."""
    outputs, rest_api = stacks.outputs(stage), rest_apis.one(stage)
    there = functions.existing(stage)
    missing = set(stage.functions.values()) - there.keys()
    if missing or not rest_api:
        names = ", ".join(sorted(missing)) or "the API"
        raise DeployingError(f"Not deployed yet: {names}. python -m infra functions --stage {stage.name}")
    environment = configuring.configured(stage) | configuring.wanted(stage, outputs, rest_api=rest_api)
    planned = [
        *functions.environments(there, environment),
        *mappings.plan(mappings.existing(stage), mappings.wanted(stage, outputs)),
        *functions.retentions(there, functions.log_groups(there)),
        *_front(outputs, rest_api),
    ]
    return Wiring(environment, planned)


def _front(outputs: dict[str, str], rest_api: str) -> list[Change]:
    domain, firewall = outputs.get("Domain"), outputs.get("Firewall")
    return [
        *fronts.plan_domain(domain, leads_to=fronts.behind_domain(domain), rest_api=rest_api),
        *fronts.plan_firewall(firewall, stands_behind=fronts.behind_firewall(rest_api) if firewall else "", rest_api=rest_api),
    ]
