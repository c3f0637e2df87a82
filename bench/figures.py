"""A figure: its name, its result and its goal."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"
MOST_RUNS = 50
"""So many runs are kept, the latest first."""


@dataclass(frozen=True)
class Figure:
    """`reached` is None for a figure without a goal, which serves as a comparison."""

    id: str
    what: str
    value: float
    unit: str
    goal: str = ""
    reached: bool | None = None


def at_most(id_: str, what: str, value: float, most: float, unit: str) -> Figure:
    return Figure(id_, what, round(value, 3), unit, f"≤ {most:g}", value <= most)


def at_least(id_: str, what: str, value: float, least: float, unit: str) -> Figure:
    return Figure(id_, what, round(value, 3), unit, f"≥ {least:g}", value >= least)


def show(figures: Iterable[Figure], *, results: Path = RESULTS) -> None:
    """Print the figures as a table, and write them as JSON before those of earlier runs, with date and commit."""
    figures = list(figures)
    width = max(len(figure.what) for figure in figures)
    for figure in figures:
        verdict = {True: "reached", False: "NOT REACHED", None: ""}[figure.reached]
        print(f"{figure.id:4} {figure.what:{width}}  {figure.value:>10g} {figure.unit:12} {figure.goal:10} {verdict}")
    run = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit(), "figures": [asdict(figure) for figure in figures]}
    results.write_text(json.dumps([run, *_earlier(results)][:MOST_RUNS], indent=1, ensure_ascii=False))


def _earlier(results: Path) -> list[object]:
    """Return the runs that are kept. A file of another shape is begun anew."""
    found = json.loads(results.read_text()) if results.exists() else []
    return [run for run in found if "figures" in run]


def commit() -> str:
    """Return the commit that was measured, with a + if files differ from it; empty outside a clone."""
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    found = subprocess.run(command, cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    return found.stdout.strip()
