"""Delete an organisation: first it is suspended for 30 days; after that, the same command deletes everything of it for good."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.operations import organisations
from chalicelib.rules.organisations import Organisation
from chalicelib.tables import organisations as table
from chalicelib.tables.organisation_rows import MOST_SCANNED
from infra.deployment.confirm import typed_answer
from infra.operation.delete_organisation import delete_organisations
from infra.operation.organisation import found

SURE = "delete"


def add(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--id")
    which.add_argument("--due", action="store_true", help="delete all whose 30 days are over, and ask nothing; for a schedule of yours")


def run(options: Namespace) -> int:
    """Ask twice, and mark the organisation; or delete it, once its 30 days are over. Repeated after an interruption, it goes on."""
    now = datetime.now(UTC)
    if options.due:
        return _delete([org for org in map(found, table.every()) if _is_due(org, now)], now)
    organisation = found(options.id)
    if _is_due(organisation, now):
        return _delete([organisation], now) if _is_sure(organisation, "Everything of it will be deleted at once, for good.") else 1
    if organisation.deletes_at is None:
        if not _is_sure(organisation, "It will be suspended at once, and may be deleted in 30 days."):
            return 1
        organisation = organisations.ask_deletion(organisation.org, now=now)
    print(
        f"{options.id} is suspended, and may be deleted from {organisation.deletes_at:%Y-%m-%d %H:%M} UTC on: "
        "run this command again then.\n"
        f"Until then organisation resume --id {options.id} brings it back as it was, and organisation export still works."
    )
    return 0


def _is_due(organisation: Organisation, now: datetime) -> bool:
    return organisation.deletes_at is not None and organisation.deletes_at <= now


def _is_sure(organisation: Organisation, what: str) -> bool:
    print(f"{organisation.org}: {organisation.name}, since {organisation.created_at:%Y-%m-%d}. {what}")
    if typed_answer(f"Type {organisation.org} to go on: ") == organisation.org and typed_answer(f"Type {SURE}, if you are sure: ") == SURE:
        return True
    print("Nothing was changed.")
    return False


def _delete(due: list[Organisation], now: datetime) -> int:
    for first in range(0, len(due), MOST_SCANNED):
        for line in delete_organisations([one.org for one in due[first : first + MOST_SCANNED]], now=now):
            print(line, flush=True)
    if not due:
        print("No organisation is due.")
    return 0
