"""Commands for operators: `python -m infra reconcile`."""

import argparse
import sys

from chalicelib.rules.actor import OPERATOR
from chalicelib.tables.actor import acting
from infra import commands, refusals
from infra.deployment.stage import Stage

INTERRUPTED = "Interrupted. Run the command again to go on: what is done already stays."


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return 0, or 1 when something needs attention. A refusal is a sentence that says what to do."""
    known = dict(commands.every())
    options = _parser(known).parse_args(arguments)
    try:
        _check_stage(options)
        with acting(OPERATOR):
            return known[options.command].run(options)
    except refusals.KINDS as fault:
        print(refusals.sentence_of(fault), file=sys.stderr)
        return 1


def _parser(known: dict[str, commands.Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    kinds = parser.add_subparsers(dest="command", required=True)
    for name, command in known.items():
        command.add(kinds.add_parser(name, help=command.__doc__, description=command.__doc__))
    return parser


def _check_stage(options: argparse.Namespace) -> None:
    """Refuse a name that no stage can have before anything is said or done. Raises DeployingError."""
    if getattr(options, "stage", None) is not None:
        Stage(options.stage)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(f"\n{INTERRUPTED}")
