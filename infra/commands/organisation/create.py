"""Create an organisation, and invite its owner by e-mail. Until somebody has joined, the same command sends a new link, also elsewhere."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.config import config
from chalicelib.languages import SUPPORTED
from chalicelib.rules.auth import INVITATION_LASTS
from infra.operation import create_organisation
from infra.operation.configuration_sets import NoMoreSetsError, give_set

OPTIONS = ("id", "name", "owner_email", "owner_name", "time_zone", "currency", "locale")


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True, help="what it is called in addresses of pages; it cannot be changed")
    parser.add_argument("--name", required=True)
    parser.add_argument("--owner-email", required=True)
    parser.add_argument("--owner-name", help="as the first e-mail greets the owner; without it, by the address")
    parser.add_argument("--time-zone", default="Europe/Paris")
    parser.add_argument("--currency", default="EUR")
    parser.add_argument("--locale", choices=SUPPORTED, default="en")


def _give_set(org: str) -> None:
    """Give it a configuration set where SES lets the operator; the organisation is made either way."""
    try:
        give_set(org)
    except (NoMoreSetsError, ClientError, BotoCoreError) as fault:
        print(f"It sends by the configuration set of the stage, as it has none of its own: {fault}")


def run(options: Namespace) -> int:
    """Create the organisation, unless somebody has joined one with this id, and print the next step."""
    given = {name: getattr(options, name) for name in OPTIONS} | {"owner_name": options.owner_name or options.owner_email}
    wanted = create_organisation.read_options(given)
    earlier = create_organisation.read_earlier(wanted.id)
    owner = create_organisation.create_organisation(wanted, now=datetime.now(UTC))
    _give_set(wanted.id)
    if earlier:
        print(f"{wanted.id} was there, as {earlier.name}, without anybody who has joined. Its name and its settings stay.")
        print(f"{owner.email} gets an e-mail with a new link, good for {INVITATION_LASTS.days} days; links of before are void.")
    else:
        print(
            f"{wanted.id} is made. {owner.email} gets an e-mail with a link, good for {INVITATION_LASTS.days} days, to choose a password."
        )
    print(f"After that the owner signs in at {config().public_url}/, and does everything else there.")
    return 0
