"""List the organisations with what they use. Each organisation's own rows are counted, so it takes a while where there are many."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.tables import organisations as table
from infra.operation.organisation import found, line_of


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--names", action="store_true", help="only ids and names, and count nothing")


def run(options: Namespace) -> int:
    """Print a line for each organisation as soon as it is counted, by id."""
    now, number = datetime.now(UTC), 0
    for org in table.every():
        print(line_of(found(org), now=None if options.names else now), flush=True)
        number += 1
    print(f"{number} in all." if number else "There is no organisation yet: python -m infra organisation create")
    return 0
