"""Delete the stage's functions and API, and its organisations' configuration sets of SES. The stack stays, with all data."""

import subprocess
from argparse import ArgumentParser, Namespace

from infra.commands.functions import CHALICE
from infra.deployment import changes, deployed_state, fronts, rest_apis, stacks
from infra.deployment.confirm import print_plan, typed_answer
from infra.deployment.stage import PROJECT, Stage
from infra.operation import configuration_sets


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)
    parser.add_argument("--yes", action="store_true", help="go on without asking")


def run(options: Namespace) -> int:
    """Ask for the stage's name, let Chalice delete its resources, and list the remaining ones."""
    stage = Stage(options.stage)
    there = deployed_state.existing_resources(stage)
    mappings, sets = _mappings(stage), configuration_sets.existing(stage.stack)
    print_plan(f"Stage {stage.name} loses", [*there, *(change.says for change in mappings), *_lines(sets)])
    if not (there or sets or deployed_state.recorded_resources(stage)):
        print("Nothing of it is in this account and region. Is its name right, are AWS_PROFILE and AWS_DEFAULT_REGION?")
        return 0
    if (there or sets) and not options.yes and typed_answer(f"Type {stage.name} to delete them: ") != stage.name:
        print("Nothing was deleted.")
        return 1
    changes.apply(mappings)
    deployed_state.record_resources(stage, there)
    status = subprocess.run([*CHALICE, "delete", "--stage", stage.name], cwd=PROJECT, check=False).returncode
    if not status:
        for name in sets:
            configuration_sets.delete_set(name)
        print(
            f"Left: the stack {stage.stack} with its tables, accounts, files, queues and key, and the logs of the functions and the API.\n"
            f"make deploy STAGE={stage.name} brings the application back{_under(mappings)}."
        )
    return status


def _under(mappings: list[changes.Change]) -> str:
    return ", under its domain as before" if mappings else "; the API gets a new address"


def _lines(sets: list[str]) -> list[str]:
    """Return the sets as a line, since there may be thousands."""
    return [f"{len(sets)} configuration sets of organisations, one a second: {sets[0]} and so on"] if sets else []


def _mappings(stage: Stage) -> list[changes.Change]:
    """Return what ends the domain's way to the API: API Gateway deletes no API that a domain leads to. `wire` makes it again."""
    stack = stacks.described(stage)
    domain = stacks.outputs(stage).get("Domain") if stack else None
    rest_api = rest_apis.api_id(stage)
    return fronts.plan_no_domain(domain, leads_to=fronts.api_of_domain(domain), rest_api=rest_api)
