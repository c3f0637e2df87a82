"""Let somebody of yours look at everything of an organisation, to help: for the hours for which an owner has allowed it."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.operations import staff
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisation_refusals import AlreadyStaff, NoSupportWanted
from infra.operation import create_organisation
from infra.operation.organisation import found_whole

ROLE = "viewer"


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)
    parser.add_argument("--email", required=True, help="of the person who helps")
    parser.add_argument("--name", help="as the owners see it; without it, the address")


def run(options: Namespace) -> int:
    """Invite the person as a viewer whose access expires, and print when. Safe to repeat."""
    organisation = found_whole(options.id)
    person = create_organisation.read_owner({"email": options.email, "name": options.name or options.email})
    draft = StaffInput(email=person.email, name=person.name, role=ROLE)
    try:
        member = staff.admit_support(organisation.org, draft, now=datetime.now(UTC))
    except NoSupportWanted:
        print(f"No owner of {options.id} allows it now. An owner gives support access for some hours under Settings, Staff.")
        return 1
    except AlreadyStaff:
        print(f"{person.email} belongs to the staff of {options.id}, and needs no support access.")
        return 1
    print(
        f"{member.email} gets an e-mail with a link, and sees everything of {options.id} until {member.until:%Y-%m-%d %H:%M} UTC, "
        "or until an owner ends it. Owners see that under Settings, Staff, and in the audit log."
    )
    return 0
