"""`python -m bench.pretix`"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import figures, stack
from bench.pretix import RESULTS, programs, service
from bench.pretix.comparison import ROUNDS, compare, keep, table
from bench.pretix.rollbook import Rollbook
from bench.pretix.shop import Shop
from infra.local.npm import PackageMissingError

READABLE_ON_THE_WAY = 0o711
"""PostgreSQL's user must pass through the folder."""


def main(rounds: int, chosen: Sequence[str]) -> int:
    """Print the table. Fails if pretix cannot be had here."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        folder.chmod(READABLE_ON_THE_WAY)
        try:
            with service.running(folder / "pretix") as pretix, stack.running(folder / "rollbook", module="bench.metered_stack") as rollbook:
                rows = compare(Shop(pretix), Rollbook(rollbook, folder / "rollbook"), chosen, rounds=rounds)
        except PackageMissingError as missing:
            print(missing)
            return 1
    print(table(rows))
    keep(rows, {**_about(), "rounds": rounds}, RESULTS)
    return 0


def _about() -> dict[str, object]:
    """Return the date, the commit and the versions of a run."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": figures.commit(),
        "pretix": programs.pinned("pretix"),
        "versions": [programs.version(programs.program(name)) for name in ("postgres", "redis-server")],
        "python": sys.version.split()[0],
        "processors": os.cpu_count(),
        "workers of gunicorn": service.WORKERS,
        "load of the machine": os.getloadavg(),
    }


if __name__ == "__main__":
    sys.exit(main(int(os.environ.get("ROUNDS") or ROUNDS), os.environ.get("WORK", "").split()))
