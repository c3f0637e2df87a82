"""The processor time and the memory of programs, with all programs that they started."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

CLOCK = os.sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")
GONE = (FileNotFoundError, ProcessLookupError)
"""A process may end while it is looked at."""


def processor_seconds(processes: Iterable[int], *, under: Path = PROCESSES) -> float:
    """Return the processor time that they have used so far, also in programs that they started and that have ended."""
    return sum(_ticks(under / str(process)) for process in family(processes, under=under)) / CLOCK


def used_so_far() -> float:
    """Return the processor time of this process and of all that it started: of a measurement and its database."""
    return processor_seconds([os.getpid()])


def memory(processes: Iterable[int], *, under: Path = PROCESSES) -> int:
    """Return their memory in bytes. A page that several processes share counts once: each has its part of it."""
    return sum(_proportional_size(under / str(process)) for process in family(processes, under=under))


def family(processes: Iterable[int], *, under: Path = PROCESSES) -> Iterator[int]:
    """Yield the processes and all that they started."""
    for process in processes:
        yield process
        with suppress(*GONE):
            for task in (under / str(process) / "task").iterdir():
                with suppress(*GONE):
                    yield from family(map(int, (task / "children").read_text().split()), under=under)


def _ticks(process: Path) -> int:
    """Return its ticks in user and system mode, and those of children that ended and that it waited for (proc(5), fields 14 to 17)."""
    with suppress(*GONE):
        return sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
    return 0


def _proportional_size(process: Path) -> int:
    with suppress(*GONE):
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
