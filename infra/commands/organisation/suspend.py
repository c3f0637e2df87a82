"""Suspend an organisation: its staff, keys and webhooks rest, nobody books, and no bulk e-mail leaves. Families still see and cancel."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.operations import organisations
from infra.operation.organisation import found_whole


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)


def run(options: Namespace) -> int:
    """Suspend it. It may be repeated."""
    organisations.suspend(found_whole(options.id).org, now=datetime.now(UTC))
    print(f"{options.id} is suspended. Nothing of it is lost: organisation resume --id {options.id} lets it go on.")
    return 0
