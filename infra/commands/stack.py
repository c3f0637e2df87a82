"""Create or update the stage's CloudFormation stack, and write its outputs for the application, and its policies, to .chalice."""

from argparse import ArgumentParser, Namespace

from infra.deployment import functions, identities, policies, rest_apis, stacks, stage_config, survivors, tables
from infra.deployment.clients import client
from infra.deployment.confirm import add_options, is_confirmed, print_plan
from infra.deployment.stacks import ChangeSet
from infra.deployment.stage import DeployingError, Stage


def add(parser: ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the templates; what is not set stays as it was"
    )


def run(options: Namespace) -> int:
    """Show the changes of CloudFormation, make them, and write the stage's environment.

    A new stack first takes over what an earlier one left: tables, buckets, accounts and the key.
    """
    stage = Stage(options.stage)
    given = identities.without_known(stage, read_pairs(options.set))
    account = client("sts").get_caller_identity()["Account"]
    left = [] if stacks.described(stage) else survivors.existing(stage, account)
    if left and not _is_made(stage, stacks.propose_import(stage, left, survivors.template(stage, account, left)), options):
        return 0 if options.plan else 1
    if not _is_made(stage, stacks.propose(stage, account, given), options):
        return 0 if options.plan else 1
    return 0 if options.plan else configure(stage)


def read_pairs(words: list[str]) -> dict[str, str]:
    """Return parameters given as `Name=value`. Raises DeployingError for a word without `=`."""
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise DeployingError(
            f"{wrong[0]!r} is not Name=value. make splits SET at blanks; for a value with blanks, use the command itself:\n"
            "  python -m infra deploy --stage … --set 'Name=a value'"
        )
    return dict(word.split("=", 1) for word in words)


def _is_made(stage: Stage, proposed: ChangeSet, options: Namespace) -> bool:
    """Show the change set and execute it if it is confirmed. True also if there is nothing to do."""
    print_plan(f"Stack {stage.stack}", proposed.changes)
    if not proposed.changes:
        return True
    if not is_confirmed(options):
        stacks.delete_change_set(stage, proposed)
        return False
    stacks.execute(stage, proposed)
    return True


def configure(stage: Stage) -> int:
    """Write the settings of the stage and its policies. It keeps to restored tables, which every computer knows from then on."""
    outputs = stacks.outputs(stage)
    if not tables.chosen(stage) and (restored := _restored(stage)):
        tables.choose(stage, restored)
    wanted = stage_config.wanted(stage, outputs, rest_api=rest_apis.api_id(stage))
    print_plan(
        f"Environment of the functions in .chalice/stages/{stage.name}.json",
        stage_config.differences(stage_config.configured(stage), wanted),
    )
    stage_config.write(stage, wanted)
    policies.write(stage, policies.rendered(policies.scope(stage, outputs)))
    return 0


def _restored(stage: Stage) -> str:
    """Return the tables that an earlier version switched to, when only this computer and the functions knew; empty for the first ones."""
    used = stage_config.configured(stage).get(stage_config.TABLES) or functions.restored_tables(stage)
    return used if used != stage.stack else ""
