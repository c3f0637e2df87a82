"""Import an organisation from an archive, under its id, where there is none. Repeated after an interruption, it goes on."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from infra.operation.import_organisation import import_organisation


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--from", type=Path, required=True, dest="archive", metavar="FILE")


def run(options: Namespace) -> int:
    """Check the archive, import it, and print the remaining steps."""
    for line in import_organisation(options.archive, now=datetime.now(UTC)):
        print(line, flush=True)
    print("Imported. What did not come along:")
    print("  passwords: staff and customers without an account here choose one with “Forgot password”; so does two-step sign-in begin anew")
    print("  links in e-mails that another stage sent: they are signed with that stage's key; resend what still matters")
    print("  keys of Stripe, and webhooks: an owner enters the keys, and gives each webhook a new secret and switches it on")
    return 0
