"""Restore the tables to a point in time, into new tables beside the old; then, with --switch, have the stage use them."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic_core import PydanticCustomError

from chalicelib.operations import reconcile
from chalicelib.rules import times
from chalicelib.tables import organisations
from infra.commands import wire
from infra.deployment import stage_config, tables
from infra.deployment.clients import client
from infra.deployment.confirm import add_options, is_confirmed, print_plan
from infra.deployment.stage import Stage
from infra.operation import restore
from infra.operation.environment import use_environment_of
from infra.operation.restore import NotRestorableError


def add(parser: ArgumentParser) -> None:
    add_options(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--to", metavar="TIME", help="the moment, such as 2026-11-24T16:00:00Z")
    what.add_argument("--switch", metavar="TABLES", help="use the tables whose names begin like this; rollbook-<stage> are the first ones")


def run(options: Namespace) -> int:
    """Show the changes of a restore or a switch, and make them. Both may be repeated."""
    stage = Stage(options.stage)
    return switch_tables(stage, options) if options.switch else restore_tables(stage, _moment(options.to), options)


def restore_tables(stage: Stage, moment: datetime, options: Namespace) -> int:
    """Restore the tables, and recount every session in them."""
    use_environment_of(stage)
    dynamodb = client("dynamodb")
    restore.check_restorable(dynamodb, stage, moment)
    made = restore.tables_of(stage, moment)
    print_plan("Tables that are made", (f"{made}-{name}" for name in restore.restorable_tables(stage)))
    if not is_confirmed(options, "This takes from minutes to hours, and changes nothing for anybody. Go on?"):
        return 0 if options.plan else 1
    for line in restore.restore(dynamodb, stage, moment, wait=time.sleep):
        print(line, flush=True)
    use_environment_of(stage, tables=made)
    print(f"{sum(1 for _ in _repaired())} repaired: every session adds up.")
    print(f"Nobody sees these tables yet. To use them: python -m infra restore --stage {stage.name} --switch {made}")
    return 0


def switch_tables(stage: Stage, options: Namespace) -> int:
    """Make the stage's functions use these tables and read their streams."""
    dynamodb = client("dynamodb")
    missing = restore.unusable_tables(dynamodb, stage, options.switch)
    if missing:
        raise NotRestorableError(f"Not there, or not ready: {', '.join(missing)}. python -m infra restore --stage {stage.name} --to …")
    before = stage_config.tables(stage)
    print_plan("Tables of the stage", [f"{before}-… → {options.switch}-…"] if before != options.switch else [])
    if not is_confirmed(options, "What people have done since then is out of sight after this, and stays in the old tables. Go on?"):
        return 0 if options.plan else 1
    tables.choose(stage, options.switch)
    options.yes = True
    return wire.run(options)


def _repaired() -> Iterator[reconcile.Drift]:
    for org in organisations.every():
        yield from reconcile.reconcile(org, now=datetime.now(UTC), repair=True)


def _moment(typed: str) -> datetime:
    try:
        return times.moment(typed)
    except PydanticCustomError as error:
        raise NotRestorableError(f"--to: {error.message()}") from None
