"""Write Chalice's memory of the stage, .chalice/deployed/<stage>.json, from what exists in the account."""

from argparse import ArgumentParser, Namespace

from infra.deploying import recording
from infra.deploying.asking import add_asking, agreed, shown
from infra.deploying.stage import Stage


def add(parser: ArgumentParser) -> None:
    add_asking(parser)


def run(asked: Namespace) -> int:
    """Show what would be remembered that is not, and write it."""
    stage = Stage(asked.stage)
    have, there = recording.recorded(stage), recording.found(stage)
    forgotten = [f"{name}: is gone" for name in have.keys() - there.keys()]
    shown(f"{stage.state_file.name} in .chalice/deployed", [*(f"{name}: is there" for name in recording.unknown(have, there)), *forgotten])
    if have == there:
        return 0
    if agreed(asked):
        recording.record(stage, there)
        return 0
    return 0 if asked.plan else 1
