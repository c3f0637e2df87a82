"""Exports an organisation as an archive: its rows, files, pictures and the names of its accounts, and no secret."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from chalicelib import clients
from chalicelib.rules import times
from chalicelib.tables import keys, organisation_rows
from chalicelib.tables.items import Item
from infra.operation.archive import ACCOUNTS, Manifest, Writer, as_line
from infra.operation.archive_accounts import accounts_of, lines_of, without_users
from infra.operation.archive_contents import portable


def export_organisation(org: str, path: Path, *, now: datetime) -> Manifest:
    """Write the archive of an organisation, under another name until it is complete. A concurrent change may be in it or not.

    Left out: what expires within a day (the table Memory), keys of Stripe, secrets of webhooks and their log, passwords.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    accounts = accounts_of(org)
    writer = Writer(unfinished, Manifest(org, times.written(now)))
    for name in organisation_rows.LASTING:
        writer.add_lines(f"rows/{name}.jsonl", (without_users(as_line(row), accounts) for row in _rows(org, name)))
    writer.add_lines(ACCOUNTS, lines_of(accounts))
    for bucket, key in organisation_rows.files(org):
        found = clients.s3().get_object(Bucket=organisation_rows.bucket_of(bucket), Key=key)
        writer.add_file(bucket, key, found["Body"].read())
    manifest = writer.close()
    unfinished.replace(path)
    return manifest


def _rows(org: str, name: str) -> Iterator[Item]:
    for row in organisation_rows.every(org, name):
        if not _is_left_out(org, row):
            yield portable(row)


def _is_left_out(org: str, row: Item) -> bool:
    partition = row["pk"]["S"]
    return partition in {keys.stripe_keys(org).pk, keys.import_marker(org).pk} or partition.startswith(f"{keys.webhooks(org)}#")
