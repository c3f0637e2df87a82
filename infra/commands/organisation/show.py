"""Show an organisation: its settings, its owners, and what it uses."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from infra.operation.organisation import described, found


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)


def run(options: Namespace) -> int:
    """Print it, a fact a line."""
    for name, value in described(found(options.id), now=datetime.now(UTC)):
        print(f"{name:<16}{value}")
    return 0
