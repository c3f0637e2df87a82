"""What would have to change for everything that Chalice does not do to be as it must: the plan of `wire`, and findings of `check`."""

from collections.abc import Iterable
from dataclasses import dataclass

from infra.deployment import api_gateway, fronts, functions, invocations, log_groups, mappings, policies, rest_apis, stacks, stage_config
from infra.deployment.changes import Change
from infra.deployment.policies import Policy
from infra.deployment.stage import API, DeployingError, Stage
from infra.deployment.stage_config import Environment


@dataclass(frozen=True, slots=True)
class Wiring:
    """The environment and the policies of the functions, and the other pending changes."""

    environment: Environment
    policies: dict[str, Policy]
    changes: list[Change]


def needed(stage: Stage) -> Wiring:
    """Return how the stage must be wired."""
    outputs, rest_api = stacks.outputs(stage), rest_apis.api_id(stage)
    there = functions.existing(stage)
    missing = set(stage.functions.values()) - there.keys()
    if missing or not rest_api:
        names = ", ".join(sorted(missing)) or "the API"
        raise DeployingError(f"Not deployed yet: {names}. python -m infra functions --stage {stage.name}")
    environment = stage_config.configured(stage) | stage_config.wanted(stage, outputs, rest_api=rest_api)
    allowed = policies.rendered(policies.scope(stage, outputs))
    planned = [
        *policies.plan(stage, policies.existing(stage), allowed),
        *functions.environments(there, environment),
        *mappings.plan(mappings.existing(stage), mappings.wanted(stage, outputs)),
        *invocations.plan(invocations.existing(stage, outputs), invocations.wanted(stage, outputs)),
        *_logs(stage, there),
        *_api(stage, rest_api, arn=there[stage.function(API)]["FunctionArn"]),
        *_front(outputs, rest_api),
    ]
    return Wiring(environment, allowed, planned)


def _logs(stage: Stage, names: Iterable[str]) -> list[Change]:
    of_api = api_gateway.log_group(stage)
    have = log_groups.existing(functions.log_group(stage.stack), of_api)
    return log_groups.plan([*(functions.log_group(name) for name in names), of_api], have)


def _api(stage: Stage, rest_api: str, *, arn: str) -> list[Change]:
    """Return the API's settings besides its routes, for the region and account of its function."""
    found, (region, account) = api_gateway.existing(rest_api), arn.split(":")[3:5]
    group = api_gateway.log_group(stage)
    return [
        *api_gateway.plan_responses(found, rest_api=rest_api),
        *api_gateway.plan_log_role(api_gateway.log_role(), account=account),
        *api_gateway.plan_access_log(found, rest_api=rest_api, group=group, region=region, account=account),
        *api_gateway.plan_throttles(found, rest_api=rest_api),
    ]


def _front(outputs: dict[str, str], rest_api: str) -> list[Change]:
    domain, firewall = outputs.get("Domain"), outputs.get("Firewall")
    return [
        *fronts.plan_domain(domain, leads_to=fronts.api_of_domain(domain), rest_api=rest_api),
        *fronts.plan_firewall(firewall, current=fronts.firewall_arn(rest_api) if firewall else "", rest_api=rest_api),
    ]
