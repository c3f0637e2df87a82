"""Give organisations a configuration set of SES of their own, so that AWS counts bounces and complaints of each apart.

Sets that are gone are made again: `destroy` deletes them with the stage.
"""

from argparse import ArgumentParser, Namespace

from chalicelib.config import config
from chalicelib.tables import organisations as table
from infra.operation.configuration_sets import existing, give_set
from infra.operation.organisation import found


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", help="one organisation; without it, all that have none")


def run(options: Namespace) -> int:
    """Make the sets that are missing, at SES's pace, and print each. It may be interrupted and repeated."""
    there = existing(config().configuration_set)
    known = [found(options.id)] if options.id else [found(org) for org in table.every()]
    for organisation in known:
        if organisation.configuration_set not in there:
            print(f"{organisation.org}: {give_set(organisation.org) or 'sends by the set of the stage'}", flush=True)
    print(f"{sum(organisation.configuration_set in there for organisation in known)} of {len(known)} had one.")
    return 0
