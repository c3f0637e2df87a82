"""Exports an organisation as an archive: its rows, files, pictures and the names of its accounts, and no secret."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from chalicelib import clients
from chalicelib.rules import times
from chalicelib.tables import keys, organisation_rows
from chalicelib.tables.items import Item, stored
from infra.operation.archive import ACCOUNTS, Manifest, Writer, as_line
from infra.operation.archive_accounts import accounts_of, lines_of, without_users

TECHNICAL = (organisation_rows.IMPORTED, organisation_rows.LEAVING, "written_by", "deleted_by")
"""Technical attributes, which say who wrote a row last and how."""
SECRETS = ("secret", "old_secret", "old_secret_until", "older_secrets")
"""Of a webhook; they are encrypted with the key of the deployment."""
OF_THE_OPERATOR = ("suspended_at", "deletes_at", "support_until", "configuration_set")
"""Attributes of the organisation's row that say what the operator of this deployment does with it, or may do."""


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
            yield _portable(row)


def _is_left_out(org: str, row: Item) -> bool:
    partition = row["pk"]["S"]
    return partition in {keys.stripe_keys(org).pk, keys.import_marker(org).pk} or partition.startswith(f"{keys.webhooks(org)}#")


def _portable(row: Item) -> Item:
    """Return the row without what belongs to the deployment that it lies in."""
    sort_key = row["sk"]["S"] if "sk" in row else ""
    gone: tuple[str, ...] = TECHNICAL
    changed: Item = {}
    if sort_key.startswith(keys.WEBHOOK) and row["pk"]["S"].endswith("#webhooks"):
        gone, changed = (*TECHNICAL, *SECRETS), {"active": stored(False)}
    if sort_key == keys.organisation("").sk:
        gone, changed = (*TECHNICAL, *OF_THE_OPERATOR), {"online_payment": stored(False)}
        if row.get("public_billing") == stored("online"):
            changed["public_billing"] = stored("invoice")  # As an organisation has it that takes its keys away.
    return {**{name: value for name, value in row.items() if name not in gone}, **changed}
