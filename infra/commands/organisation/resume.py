"""Let a suspended organisation go on. Its paused e-mails and jobs leave now."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.operations import organisations
from infra.operation.organisation import found_whole


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)


def run(options: Namespace) -> int:
    """Resume it. Repeated after an interruption, it finishes its work."""
    organisations.resume(found_whole(options.id).org, now=datetime.now(UTC))
    print(f"{options.id} goes on. Its webhooks follow within an hour.")
    return 0
