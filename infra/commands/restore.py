"""Restore the tables to a point in time, into new tables beside the old; then, with --switch, have the stage use them."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
from pydantic_core import PydanticCustomError

from chalicelib.operations import reconciling
from chalicelib.rules import times
from chalicelib.tables import organisations
from infra.commands import wire
from infra.deploying import configuring
from infra.deploying.asking import add_asking, agreed, shown
from infra.deploying.stage import Stage
from infra.operating import restoring
from infra.operating.acting import act_as
from infra.operating.restoring import NotRestorableError


def add(parser: ArgumentParser) -> None:
    add_asking(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--to", metavar="TIME", help="the moment, such as 2026-11-24T16:00:00Z")
    what.add_argument("--switch", metavar="TABLES", help="use the tables whose names begin like this; rollbook-<stage> are the first ones")


def run(asked: Namespace) -> int:
    """Show what would be made or switched, and do it. Both can be done again."""
    stage = Stage(asked.stage)
    return switched(stage, asked) if asked.switch else restored(stage, _moment(asked.to), asked)


def restored(stage: Stage, moment: datetime, asked: Namespace) -> int:
    """Make the tables, and recount every session in them."""
    act_as(stage)
    dynamodb = boto3.client("dynamodb")
    restoring.check_reach(dynamodb, stage, moment)
    tables = restoring.tables_of(stage, moment)
    shown("Tables that are made", (f"{tables}-{name}" for name in restoring.kept(stage)))
    if not agreed(asked, "This takes from minutes to hours, and changes nothing for anybody. Go on?"):
        return 0 if asked.plan else 1
    for line in restoring.restore(dynamodb, stage, moment, wait=time.sleep):
        print(line, flush=True)
    act_as(stage, tables=tables)
    print(f"{sum(1 for _ in _repaired())} repaired: every session adds up.")
    print(f"Nobody sees these tables yet. To use them: python -m infra restore --stage {stage.name} --switch {tables}")
    return 0


def switched(stage: Stage, asked: Namespace) -> int:
    """Have the stage's functions use these tables, and read their streams."""
    dynamodb = boto3.client("dynamodb")
    missing = restoring.missing(dynamodb, stage, asked.switch)
    if missing:
        raise NotRestorableError(f"Not there, or not ready: {', '.join(missing)}. python -m infra restore --stage {stage.name} --to …")
    before = configuring.configured(stage).get(configuring.TABLES, stage.stack)
    shown("Tables of the stage", [f"{before}-… → {asked.switch}-…"] if before != asked.switch else [])
    if not agreed(asked, "What people have done since then is out of sight after this, and stays in the old tables. Go on?"):
        return 0 if asked.plan else 1
    configuring.write(stage, {configuring.TABLES: asked.switch})
    asked.yes = True
    return wire.run(asked)


def _repaired() -> Iterator[reconciling.Drift]:
    for org in organisations.every():
        yield from reconciling.reconcile(org, now=datetime.now(UTC), repair=True)


def _moment(typed: str) -> datetime:
    try:
        return times.moment(typed)
    except PydanticCustomError as error:
        raise NotRestorableError(f"--to: {error.message()}") from None
