"""Commands for whoever runs Rollbook: `python -m infra reconcile`."""

import argparse
import sys
from datetime import UTC, datetime

from chalicelib.operations import reconciling
from chalicelib.tables import organisations


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return 0, or 1 when something was found that needs a look."""
    commands = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    kinds = commands.add_subparsers(dest="command", required=True)
    reconcile = kinds.add_parser("reconcile", help="recount every session and report drift")
    reconcile.add_argument("--org", help="only this organisation")
    reconcile.add_argument("--repair", action="store_true", help="repair what is found; it may be run again")
    asked = commands.parse_args(arguments)
    return _reconcile(asked.org, repair=asked.repair)


def _reconcile(org: str | None, *, repair: bool) -> int:
    found = 0
    for name in [org] if org else organisations.every():
        for drift in reconciling.reconcile(name, now=datetime.now(UTC), repair=repair):
            found += 1
            print(f"{name} session {drift.session}: {drift.kind} {drift.thing}{' (repaired)' if repair else ''}")
    print(f"{found} found" if found else "Every session adds up.")
    return 1 if found and not repair else 0


if __name__ == "__main__":
    sys.exit(main())
