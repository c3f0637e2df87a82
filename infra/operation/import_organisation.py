"""Imports an organisation from its archive, where there is none with its id. After an interruption it goes on; every step may run twice.

Until the last step the organisation is suspended and not listed, so nobody sees half of it, and nothing is sent.
"""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.webhooks import SECRET_BYTES, new_secret
from chalicelib.tables import dynamodb, keys, organisation_rows, webhooks
from chalicelib.tables.actor import unnamed
from chalicelib.tables.conditions import ALWAYS, NEW, THERE, equals
from chalicelib.tables.items import Item, item, plain, stored
from infra.deployment.stage import DeployingError
from infra.operation import archive_contents
from infra.operation.archive import ACCOUNTS, Reader, as_row
from infra.operation.archive_accounts import opened, read_accounts, with_users


class NotImportableError(DeployingError):
    """The archive cannot be imported here. The text names the remedy."""


def import_organisation(path: Path, *, now: datetime) -> Iterator[str]:
    """Check the archive, then import the organisation, and print each part. Raises BadArchiveError before it writes."""
    archive = Reader(path)
    archive_contents.check(archive)
    org = archive.manifest.organisation
    _begin(org, _digest(archive), now)
    users = opened(read_accounts(archive.lines(ACCOUNTS)))
    yield f"{len(users)} accounts"
    yield f"{_bring_files(archive)} files"
    (settings,) = (row for row in _rows(archive, "records", users) if row["sk"]["S"] == keys.organisation(org).sk)
    _bring(org, "records", {**settings, "suspended_at": stored(times.written(now))})
    for name in organisation_rows.LASTING:
        number = 0
        for row in _rows(archive, name, users):
            if row["pk"]["S"] != org or row.get("sk") != settings["sk"]:
                _bring(org, name, row)
            number += 1
        yield f"{number} rows of {name}"
    _finish(org, settings)


def _rows(archive: Reader, name: str, users: dict[str, str]) -> Iterator[Item]:
    return (archive_contents.portable(as_row(with_users(line, users))) for line in archive.lines(f"rows/{name}.jsonl"))


def _bring(org: str, name: str, row: Item) -> None:
    if row["pk"]["S"] == keys.webhooks(org):
        row = {**row, "secret": stored(webhooks.encrypted(new_secret(secrets.token_bytes(SECRET_BYTES)), org))}
    try:
        organisation_rows.bring(name, row)
    except organisation_rows.NotImported:
        raise NotImportableError(
            f"{org} has rows here that this archive did not bring. An organisation is imported where nothing of it is left: "
            "organisation delete removes one."
        ) from None


def _bring_files(archive: Reader) -> int:
    number = 0
    for bucket, key, content in archive.files():
        clients.s3().put_object(Bucket=organisation_rows.bucket_of(bucket), Key=key, Body=content)
        number += 1
    return number


def _begin(org: str, digest: str, now: datetime) -> None:
    """Mark the import. Raises NotImportableError when the organisation exists, unless an import of the same archive has begun it."""
    marker, table = keys.import_marker(org), config().records_table
    there = dynamodb.get(table, keys.organisation(org))
    begun = dynamodb.get(table, marker)
    if begun and plain(begun)["digest"] != digest:
        raise NotImportableError(f"Another archive of {org} was begun to be imported here. Go on with that one, or delete {org} first.")
    if there and not begun:
        raise NotImportableError(f"{org} is there already. Import it where it is not, or delete it first: organisation delete --id {org}")
    try:
        dynamodb.put(table, {**marker.stored(), **item({"digest": digest, "at": times.written(now)})}, NEW | equals("digest", digest))
    except dynamodb.ConditionFailed:
        raise NotImportableError(f"Another import of {org} has just begun.") from None


def _finish(org: str, settings: Item) -> None:
    """Let the organisation go on, list it, and remove the marker, in one transaction; nothing once that was done."""
    table = config().records_table
    settings = {**settings, organisation_rows.IMPORTED: stored(True)}
    with unnamed(), suppress(dynamodb.TransactionFailed):
        dynamodb.transact(
            [
                dynamodb.put_write(table, settings, THERE),
                dynamodb.put_write(table, keys.organisation_listed(org).stored(), ALWAYS),
                dynamodb.delete_write(table, keys.import_marker(org), THERE),
            ]
        )


def _digest(archive: Reader) -> str:
    return "-".join(str(said["sha256"])[:16] for _, said in sorted(archive.manifest.parts.items()))[:400]
