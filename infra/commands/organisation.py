"""Create an organisation, and invite its owner by e-mail."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.config import config
from chalicelib.rules.auth import INVITATION_LASTS
from infra.deployment.stage import Stage
from infra.operation import create_organisation
from infra.operation.environment import use_environment_of

OPTIONS = ("id", "name", "owner_email", "owner_name", "time_zone", "currency", "locale")


def add(parser: ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", required=True)
    create = kinds.add_parser("create", help=__doc__, description=__doc__)
    create.add_argument("--stage", required=True)
    create.add_argument("--id", required=True, help="what it is called in addresses of pages; it cannot be changed")
    create.add_argument("--name", required=True)
    create.add_argument("--owner-email", required=True)
    create.add_argument("--owner-name", help="the organisation's name unless told")
    create.add_argument("--time-zone", default="Europe/Paris")
    create.add_argument("--currency", default="EUR")
    create.add_argument("--locale", choices=("en", "fr"), default="en")


def run(asked: Namespace) -> int:
    """Create the organisation, unless the id is taken, and print the next step."""
    given = {name: getattr(asked, name) for name in OPTIONS} | {"owner_name": asked.owner_name or asked.name}
    wanted = create_organisation.read_options(given)
    use_environment_of(Stage(asked.stage))
    owner = create_organisation.create_organisation(wanted, now=datetime.now(UTC))
    print(f"{wanted.id} is made. {owner.email} gets an e-mail with a link, good for {INVITATION_LASTS.days} days, to choose a password.")
    print(f"After that the owner signs in at {config().public_url}/, and does everything else there.")
    return 0
