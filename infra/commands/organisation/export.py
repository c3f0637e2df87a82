"""Export an organisation as an archive: JSON lines and files, with a manifest. It takes long where there are many organisations."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from infra.operation.export_organisation import export_organisation
from infra.operation.organisation import found_whole


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)
    parser.add_argument("--to", type=Path, metavar="FILE", help="<id>.zip unless told")


def run(options: Namespace) -> int:
    """Write the archive, and say what it has and what it has not."""
    organisation, path = found_whole(options.id), options.to or Path(f"{options.id}.zip")
    manifest = export_organisation(organisation.org, path, now=datetime.now(UTC))
    for name, said in manifest.parts.items():
        if "lines" in said:
            print(f"{said['lines']:>9} {name}")
    print(f"{sum(name.startswith('files/') for name in manifest.parts):>9} files and pictures")
    print(f"{path} has everything that lasts, but no passwords, keys of Stripe or secrets of webhooks. Keep it as safe as the tables.")
    if not organisation.suspended_at:
        print("What changed meanwhile may be missing: to move an organisation, suspend it first, and export it then.")
    return 0
