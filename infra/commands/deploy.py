"""Deploy the stage: stack, functions, wire, check, stopping at the first failure. It may be repeated."""

from argparse import ArgumentParser, Namespace

from infra.commands import check, functions, stack, wire
from infra.deployment.stage import DeployingError

FAULTS = "The stage is deployed, but not as it must be: do what check says, then run check again."


def add(parser: ArgumentParser) -> None:
    stack.add(parser)


def run(asked: Namespace) -> int:
    """Run every step, or with --plan show the changes of each."""
    return _planned(asked) if asked.plan else _deployed(asked)


def _deployed(asked: Namespace) -> int:
    for name, step in {"stack": stack, "functions": functions, "wire": wire, "check": check}.items():
        print(f"\n── {name}", flush=True)
        if step.run(asked):
            print(FAULTS if step is check else f"Stopped at {name}. Once that is mended, deploy again: nothing is done twice.")
            return 1
    return 0


def _planned(asked: Namespace) -> int:
    try:
        return stack.run(asked) or functions.run(asked) or wire.run(asked)
    except DeployingError as error:
        print(f"What follows cannot be seen before the steps above are taken. {error}")
        return 0
