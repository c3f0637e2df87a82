"""The order in which the processes take the groups of tests."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.xdist_scheduler import BROWSER, DEPLOYMENT, SECONDS, SERVER, TOGETHER, Sharing

FILE = "a file"
TIMED = [f"tests/live/ledger/test_races.py::test_{number}" for number in range(4)]
TESTS = [
    *(f"tests/api/test_{file}.py::test_{number}" for file in ("one", "other") for number in range(4)),
    *(f"tests/live/browser/test_journeys.py::test_{number}" for number in range(4)),
    *(f"tests/live/deployed/test_booking.py::test_{number}" for number in range(4)),
    *(f"tests/live/http/test_codes.py::test_{number}" for number in range(4)),
    *TIMED,
]


class Process:
    """Notes what it is told to run."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: list[str] = []
        self.shutting_down = False

    def send_runtest_some(self, indexes: list[int]) -> None:
        self.given += [TESTS[index] for index in indexes]

    def shutdown(self) -> None:
        self.shutting_down = True

    def groups(self) -> list[str]:
        return list(dict.fromkeys(next((why for prefix, why in TOGETHER.items() if name.startswith(prefix)), FILE) for name in self.given))


def started(number: int) -> tuple[Sharing, list[Process]]:
    """Return a scheduler of so many processes that has handed out the first groups."""
    config: Any = SimpleNamespace(getvalue=lambda _: ["popen"] * number, option=SimpleNamespace(loadscopereorder=False))
    scheduler = Sharing(config)
    processes = [Process(f"gw{index}") for index in range(number)]
    for process in processes:
        scheduler.add_node(process)
        scheduler.add_node_collection(process, TESTS)
    scheduler.schedule()
    return scheduler, processes


def complete(scheduler: Sharing, process: Process, tests: list[str]) -> None:
    for name in tests:
        scheduler.mark_test_complete(process, TESTS.index(name))


def test_what_is_timed_comes_first_with_one_file_beside_it_and_then_the_longest_groups() -> None:
    scheduler, (first, second, third) = started(3)
    assert (first.groups(), second.groups(), third.groups()) == ([SECONDS], [FILE], [])
    complete(scheduler, first, TIMED[:1])
    assert (second.groups(), third.groups()) == ([FILE], [])
    complete(scheduler, first, TIMED[1:])
    assert first.groups() == [SECONDS, DEPLOYMENT]
    assert {BROWSER, SERVER} >= {*third.groups()} != set()
    complete(scheduler, second, TESTS[:4])
    assert {*second.groups(), *third.groups()} == {FILE, BROWSER, SERVER}


def test_two_processes_never_hold_still() -> None:
    _, processes = started(2)
    assert [process.groups() for process in processes] == [[SECONDS], [FILE]]


def test_all_but_two_hold_still_for_what_is_timed() -> None:
    scheduler, processes = started(4)
    assert [process.groups() for process in processes] == [[SECONDS], [FILE], [], []]
    complete(scheduler, processes[0], TIMED)
    assert all(process.groups() for process in processes)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_each_test_runs_once(number: int) -> None:
    scheduler, processes = started(number)
    ran: list[str] = []
    while not scheduler.tests_finished or any(set(process.given) - set(ran) for process in processes):
        for process in processes:
            fresh = [name for name in process.given if name not in ran][:1]
            ran += fresh
            complete(scheduler, process, fresh)
    assert sorted(ran) == sorted(TESTS)
