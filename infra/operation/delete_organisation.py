"""Deletes organisations for good: accounts, files, and their rows in every table. Their own rows go last, so it may be interrupted.

It runs with the operator's rights, because no function may scan a table: some rows, such as e-mails, no partition and no index leads to.
Every table is read for all of them together, and once more to prove that nothing is left.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import repeat

from chalicelib import clients
from chalicelib.operations import organisations
from chalicelib.operations.auth import user_pool
from chalicelib.tables import erasure, keys, memberships, organisation_rows
from chalicelib.tables.items import Item, plain
from infra.deployment.stage import DeployingError
from infra.operation.configuration_sets import delete_set

TABLES = (*organisation_rows.LASTING, "memory")
MOST_PASSES = 10


class NotDeletedError(DeployingError):
    """Something of the organisation keeps coming. The text names the remedy."""


def delete_organisations(orgs: Sequence[str], *, now: datetime) -> Iterator[str]:
    """Delete everything of organisations whose thirty days are over, and say each part. Raises NotFound, NotYetDeletable, Busy.

    At most `organisation_rows.MOST_SCANNED` at once.
    """
    for org in orgs:
        for line in _begin(org, now):
            yield f"{org}: {line}"
    yield from _delete_rows(orgs)
    for org in orgs:
        _end(org)
        yield f"{org} is deleted. Backups of the tables have it for 35 more days."


def _begin(org: str, now: datetime) -> Iterator[str]:
    """Delete what lies outside of the tables."""
    if configuration_set := organisations.begin_deletion(org, now=now).configuration_set:
        delete_set(configuration_set)
        yield "its configuration set of SES"
    yield f"{_close_accounts(org)} accounts"
    yield f"{_delete_files(org)} files and pictures"


def _delete_rows(orgs: Sequence[str]) -> Iterator[str]:
    """Go over the tables until nothing is found: what was on its way when it began may arrive meanwhile."""
    for _ in range(MOST_PASSES):
        dropped = {name: sum(map(_drop, repeat(name), organisation_rows.scanned(orgs, name))) for name in TABLES}
        yield from (f"{number} rows of {name}" for name, number in dropped.items() if number)
        if not any(dropped.values()):
            return
    raise NotDeletedError(f"New rows of {', '.join(orgs)} keep coming. Look what writes them, then run the command again.")


def _drop(name: str, row: Item) -> bool:
    """Delete a row, but an organisation's own, and say whether."""
    if name == "records" and row["sk"]["S"] == keys.organisation("").sk:
        return False
    organisation_rows.drop(name, row)
    return True


def _end(org: str) -> None:
    organisation_rows.drop("records", keys.organisation_listed(org).stored())
    organisation_rows.drop("records", keys.organisation(org).stored())


def _close_accounts(org: str) -> int:
    """Close the accounts of staff and customers who belong to no other organisation, and return how many."""
    closed = 0
    for row in organisation_rows.every(org, "records"):
        values = plain(row)
        if values["sk"].startswith((keys.STAFF_MEMBER, keys.CUSTOMER)) and values.get("user"):
            closed += _close(org, values["user"], values["email"])
    return closed


def _close(org: str, user: str, email: str) -> bool:
    if any(belongs.org != org for belongs in memberships.of_user(user).belongings):
        return False
    erasure.delete_reset(user)
    if user_pool.user_of(email) == user:
        user_pool.close(email)
        return True
    return user_pool.close_user(user)


def _delete_files(org: str) -> int:
    number = 0
    for bucket, key in organisation_rows.files(org):
        clients.s3().delete_object(Bucket=organisation_rows.bucket_of(bucket), Key=key)
        number += 1
    return number
