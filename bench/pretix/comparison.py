"""The comparison: each piece of work by pretix, then by Rollbook, round after round; a table, and its results with date and versions."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from bench import processes
from bench.pretix import work
from bench.pretix.contender import Contender
from bench.pretix.work import CODES, FREED, PEOPLE, SPOTS, WAITING, Race, Used

ROUNDS = 3
MILLI, MEGABYTE = 1_000, 1_000_000


@dataclass(frozen=True)
class Row:
    """A figure of both contenders; less is better in each."""

    what: str
    pretix: float
    rollbook: float
    unit: str

    @property
    def ahead(self) -> float | None:
        """How many times less Rollbook needs; below 1 it needs more. None if there is nothing to divide by."""
        return self.pretix / self.rollbook if self.rollbook else None


Figures = dict[str, tuple[float, str]]
"""A figure and its unit, by what it is."""


def compare(pretix: Contender, rollbook: Contender, chosen: Iterable[str] = (), *, rounds: int = ROUNDS) -> Sequence[Row]:
    """Have both do the chosen work, or all of it, in turns, and return the rows of the table: the medians of the rounds."""
    both, found = (pretix, rollbook), Measured()
    for one in both:
        found.add(one, {"memory, started": (_memory(one), "MB")})
    jobs = _jobs()
    for name, one in product([*(chosen or jobs)] * rounds, both):
        found.add(one, jobs[name](one))
    for one in both:
        found.add(one, {"memory, after all of this": (_memory(one), "MB")})
    return found.rows(pretix, rollbook)


def _jobs() -> dict[str, Callable[[Contender], Figures]]:
    """Return the pieces of work by name, in their order."""
    large_session = cache(lambda one: work.full_session(one, PEOPLE))
    return {
        "race": lambda one: race_figures("through the API", work.race(one)),
        "pages": lambda one: race_figures("on pages", work.race(one, on_pages=True)),
        "invitation": lambda one: used_figures("an invitation until its e-mail is there", work.invitation(one)),
        "codes": lambda one: used_figures(f"{CODES:,} codes created", work.codes(one)),
        "waitlist": _waitlist_figures,
        "roster": lambda one: used_figures(f"a roster of {PEOPLE} read", work.roster(one, large_session(one))),
    }


class Measured:
    """All that was measured, in its order."""

    def __init__(self) -> None:
        self._values = dict[tuple[str, str], list[float]]()
        self._units = dict[str, str]()

    def add(self, contender: Contender, figures: Figures) -> None:
        """Keep the figures of a piece of work, and say them: a run takes minutes."""
        for what, (value, unit) in figures.items():
            print(f"{contender.name:9} {what}: {value:.4g} {unit}", file=sys.stderr, flush=True)
            self._units[what] = unit
            self._values.setdefault((contender.name, what), []).append(value)

    def rows(self, pretix: Contender, rollbook: Contender) -> Sequence[Row]:
        """Return a row for each figure, with the medians."""
        return [
            Row(what, median(self._values[pretix.name, what]), median(self._values[rollbook.name, what]), unit)
            for what, unit in self._units.items()
        ]


def race_figures(how: str, race: Race) -> Figures:
    """Return the figures of a race. Raises ValueError if it did not accept as many as there are spots: then nothing is comparable."""
    if race.accepted < SPOTS:
        raise ValueError(f"only {race.accepted} of {SPOTS} bookings were accepted")
    named, each = f"race for {SPOTS} spots {how}", race.used.each(race.accepted)
    return {
        f"{named}: processor time of an accepted booking": (each.processor * MILLI, "ms"),
        f"{named}: of it, the application's": (each.application * MILLI, "ms"),
        f"{named}: until the last confirmation is there": (race.used.wall, "s"),
        f"{named}: spots sold twice": (race.booked - SPOTS, "spots"),
    }


def used_figures(what: str, used: Used) -> Figures:
    return {
        f"{what}: time": (used.wall, "s"),
        f"{what}: processor time": (used.processor * MILLI, "ms"),
        f"{what}: of it, the application's": (used.application * MILLI, "ms"),
    }


def _waitlist_figures(contender: Contender) -> Figures:
    joined, offered = work.waitlist(contender)
    return {
        **used_figures(f"a waitlist of {WAITING} joined", joined),
        **used_figures(f"{FREED} spots freed until {FREED} offers are there", offered),
    }


def _memory(contender: Contender) -> float:
    return processes.memory(contender.processes) / MEGABYTE


def table(rows: Iterable[Row]) -> str:
    """Return the rows as text, with what Rollbook is slower in named so."""
    rows = list(rows)
    width = max(len(row.what) for row in rows)
    head = f"{'':{width}}  {'pretix':>10}  {'Rollbook':>10}         times less"
    return "\n".join([head, *(_line(row, width) for row in rows)])


def _line(row: Row, width: int) -> str:
    ratio = "" if row.ahead is None else f"{row.ahead:.2g}" + ("" if row.ahead >= 1 else "  MORE than pretix")
    return f"{row.what:{width}}  {row.pretix:>10.4g}  {row.rollbook:>10.4g}  {row.unit:5}  {ratio}".rstrip()


def keep(rows: Iterable[Row], about: dict[str, Any], results: Path) -> None:
    """Write the rows with the facts about the run, before those of earlier runs."""
    earlier = json.loads(results.read_text()) if results.exists() else []
    results.write_text(json.dumps([{**about, "rows": [asdict(row) for row in rows]}, *earlier], indent=1, ensure_ascii=False))
