"""Create an organisation, and invite its owner by e-mail."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.rules.accounts import INVITATION_LASTS
from chalicelib.settings import settings
from infra.deploying.stage import Stage
from infra.operating import founding
from infra.operating.acting import act_as

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
    """Make the organisation, unless there is one of that id, and say what happens next."""
    given = {name: getattr(asked, name) for name in OPTIONS} | {"owner_name": asked.owner_name or asked.name}
    wanted = founding.read(given)
    act_as(Stage(asked.stage))
    owner = founding.found(wanted, now=datetime.now(UTC))
    print(f"{wanted.id} is made. {owner.email} gets an e-mail with a link, good for {INVITATION_LASTS.days} days, to choose a password.")
    print(f"After that the owner signs in at {settings().public_url}/, and does everything else there.")
    return 0
