"""The contents of an archive: rows and files of its organisation, with nothing that belongs to a deployment.

The operator who imports an archive may not know who made it. A row of another organisation in it could make anybody an owner there.
"""

from collections.abc import Iterator

from chalicelib.rules.organisations import fit_for_id
from chalicelib.tables import keys, organisation_rows
from chalicelib.tables.items import Item, stored
from infra.operation.archive import ACCOUNTS, BadArchiveError, Reader, as_row
from infra.operation.archive_accounts import read_accounts

TECHNICAL = (organisation_rows.IMPORTED, organisation_rows.LEAVING, "written_by", "deleted_by")
"""Technical attributes, which say who wrote a row last and how."""
SECRETS = ("secret", "old_secret", "old_secret_until", "older_secrets")
"""Of a webhook; they are encrypted with the key of the deployment."""
OF_THE_OPERATOR = ("suspended_at", "deletes_at", "support_until", "configuration_set")
"""Attributes of the organisation's row that say what the operator of this deployment does with it, or may do."""
PARTITIONS = {
    "codes": ("listed", "funnel"),
    "messages": ("recipient", "session"),
    "rosters": ("calendar", "booker", "orders", "due"),
    "records": ("directory",),
}
"""The attributes of each table that are an organisation's partitions of its indexes. Those of the clock, which all share, begin with a
hash, and so do those of waitlists among `due`; `user` is an account, and `due` in Records is shared, too."""
BUCKETS = ("imports", "pictures")
PARTS = {ACCOUNTS, *(f"rows/{name}.jsonl" for name in organisation_rows.LASTING)}
"""The parts of every archive; the others are files."""


def portable(row: Item) -> Item:
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


def check(archive: Reader) -> None:
    """Raise BadArchiveError unless the archive has an organisation with its settings, and nothing of another one."""
    org, parts = archive.manifest.organisation, set(archive.manifest.parts)
    if not fit_for_id(org) or PARTS - parts:
        raise _incomplete(archive)
    for part in parts - PARTS:
        if not part.startswith(tuple(f"files/{bucket}/{org}/" for bucket in BUCKETS)):
            raise _foreign(archive, part)
    if sum(map(_is_settings, _checked_rows(archive))) != 1:
        raise _incomplete(archive)
    try:
        read_accounts(archive.lines(ACCOUNTS))
    except (ValueError, KeyError, TypeError):
        raise _unreadable(archive, ACCOUNTS) from None


def _checked_rows(archive: Reader) -> Iterator[tuple[str, Item]]:
    """Yield (table, row) of each row. Raises BadArchiveError for a line that is no row, and for one of another organisation."""
    for name in organisation_rows.LASTING:
        part = f"rows/{name}.jsonl"
        try:
            for line in archive.lines(part):
                row = as_row(line)
                if not _is_of(archive.manifest.organisation, name, row):
                    raise _foreign(archive, part)
                yield name, row
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _unreadable(archive, part) from None


def _is_of(org: str, name: str, row: Item) -> bool:
    """Whether the row lies in a partition of the organisation, in each index too; or there in one of the clock, which all share."""
    indexed = [row[by]["S"] for by in PARTITIONS[name] if by in row]
    return _is_partition_of(row["pk"]["S"], org) and all(_is_partition_of(by, org) or by.startswith("#") for by in indexed)


def _is_partition_of(partition: str, org: str) -> bool:
    return partition == org or partition.startswith(f"{org}#")


def _is_settings(found: tuple[str, Item]) -> bool:
    name, row = found
    return name == "records" and row["sk"]["S"] == keys.organisation("").sk


def _incomplete(archive: Reader) -> BadArchiveError:
    return BadArchiveError(f"{archive.path} has no organisation, or not all of it. organisation export writes one. Nothing was imported.")


def _foreign(archive: Reader, part: str) -> BadArchiveError:
    org = archive.manifest.organisation
    return BadArchiveError(f"{archive.path}: {part} has what does not belong to {org}. Nothing was imported.")


def _unreadable(archive: Reader, part: str) -> BadArchiveError:
    return BadArchiveError(f"{archive.path}: {part} has a line that cannot be read. Nothing was imported.")
