"""Give an organisation an owner: somebody of its staff at once, anybody else by an invitation. For one whose only owner is gone."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.rules.auth import INVITATION_LASTS
from infra.operation import create_organisation
from infra.operation.organisation import found_whole


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--name", help="as the e-mail greets the owner; without it, by the address")


def run(options: Namespace) -> int:
    """Make the address an owner, and print what happens next. It may be repeated: an invitation is then sent again."""
    organisation = found_whole(options.id)
    wanted = create_organisation.read_owner({"email": options.email, "name": options.name or options.email})
    owner = create_organisation.give_owner(organisation.org, wanted.email, wanted.name, now=datetime.now(UTC))
    if owner.status == "active":
        print(f"{owner.email} is an owner of {options.id}.")
    else:
        print(f"{owner.email} gets an e-mail with a link, good for {INVITATION_LASTS.days} days, and owns {options.id} once it is used.")
    return 0
