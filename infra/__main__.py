"""Commands for operators: `python -m infra reconcile`."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.rules.actor import OPERATOR
from chalicelib.rules.refusals import Refusal
from chalicelib.tables.actor import acting
from infra import commands
from infra.deployment.stage import DeployingError


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return 0, or 1 when something needs attention."""
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    kinds = parser.add_subparsers(dest="command", required=True)
    known = dict(commands.every())
    for name, command in known.items():
        command.add(kinds.add_parser(name, help=command.__doc__, description=command.__doc__))
    asked = parser.parse_args(arguments)
    try:
        with acting(OPERATOR):
            return known[asked.command].run(asked)
    except (DeployingError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    except Refusal as refusal:
        print(refusal.sentence % refusal.data(), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
