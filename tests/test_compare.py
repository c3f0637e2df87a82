"""The comparison with pretix: its table, its ratios, what is counted as a program's use, and the e-mails that it waits for."""

import json
import os
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bench import processes
from bench.metered_stack import FILE, Meter, spent
from bench.pretix import mail_sink, programs
from bench.pretix.browser import Page
from bench.pretix.comparison import Measured, Row, keep, race_figures, table
from bench.pretix.work import Race, Used, race
from infra.local.npm import PackageMissingError


def test_a_ratio_says_how_many_times_less_rollbook_needs() -> None:
    assert Row("x", 30, 3, "ms").ahead == 10
    assert Row("x", 3, 30, "ms").ahead == 0.1
    assert Row("spots sold twice", 0, 0, "spots").ahead is None


def test_the_table_names_what_rollbook_needs_more_for() -> None:
    ahead, behind = table([Row("ahead", 30, 3, "ms"), Row("behind", 3, 4, "s")]).splitlines()[1:]
    assert ahead.split() == ["ahead", "30", "3", "ms", "10"]
    assert behind.split() == ["behind", "3", "4", "s", "0.75", "MORE", "than", "pretix"]


def test_processor_time_of_a_race_is_divided_by_the_bookings_that_were_accepted() -> None:
    found = list(race_figures("on pages", Race(Used(wall=4, processor=20, application=5), accepted=125, booked=125)).values())
    assert found == [(160.0, "ms"), (40.0, "ms"), (4, "s"), (25, "spots")]


def test_a_race_that_sold_too_few_is_no_figure() -> None:
    with pytest.raises(ValueError, match="only 99 of 100"):
        race_figures("on pages", Race(Used(4, 20), accepted=99, booked=99))


def test_rows_are_medians_of_each_contender(capsys: pytest.CaptureFixture[str]) -> None:
    found, pretix, rollbook = Measured(), Paper("pretix"), Paper("Rollbook")
    for ours in (1, 100, 2):
        found.add(pretix, {"x": (10 * ours, "s")})
        found.add(rollbook, {"x": (ours, "s")})
    assert found.rows(pretix, rollbook) == [Row("x", 20, 2, "s")]
    assert "Rollbook  x: 100 s" in capsys.readouterr().err


def test_results_are_kept_with_what_is_known_of_the_run_the_latest_first(tmp_path: Path) -> None:
    for rounds in (1, 3):
        keep([Row("x", 2, 1, "s")], {"rounds": rounds}, tmp_path / "results.json")
    latest, first = json.loads((tmp_path / "results.json").read_text())
    assert (latest["rounds"], first["rounds"]) == (3, 1)
    assert latest["rows"] == [{"what": "x", "pretix": 2, "rollbook": 1, "unit": "s"}]


def process(under: Path, number: int, *, used: str = "0 0 0 0", kilobytes: int = 0, children: str = "") -> None:
    """Write what the kernel says of a process."""
    (under / str(number) / "task" / str(number)).mkdir(parents=True)
    (under / str(number) / "task" / str(number) / "children").write_text(children)
    (under / str(number) / "stat").write_text(f"{number} (a name) with) S 1 1 1 0 -1 0 0 0 0 0 {used} 20 0 1 0")
    (under / str(number) / "smaps_rollup").write_text(f"Rss:  999999 kB\nPss:  {kilobytes} kB\nPss_Dirty: 7 kB\n")


def test_use_is_that_of_a_program_and_of_all_that_it_started_also_of_those_that_have_ended(tmp_path: Path) -> None:
    process(tmp_path, 1, used="100 20 3 4", kilobytes=10, children="2 3 ")
    process(tmp_path, 2, used="1000 0 0 0", kilobytes=5, children="4 ")
    process(tmp_path, 3)
    process(tmp_path, 4, used="0 10000 0 0", kilobytes=1)
    process(tmp_path, 5, used="9 9 9 9", kilobytes=9)
    assert list(processes.family([1], under=tmp_path)) == [1, 2, 4, 3]
    assert processes.processor_seconds([1], under=tmp_path) * processes.CLOCK == pytest.approx(11127)
    assert processes.memory([1], under=tmp_path) == 16 * 1024


def test_a_process_that_ends_meanwhile_uses_nothing(tmp_path: Path) -> None:
    assert (processes.processor_seconds([7], under=tmp_path), processes.memory([7], under=tmp_path)) == (0, 0)


def test_processor_time_of_a_real_program_that_ended_belongs_to_the_one_that_started_it() -> None:
    before = processes.processor_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert processes.processor_seconds([os.getpid()]) - before >= 0.25


def test_the_sink_takes_e_mails_and_keeps_their_addresses() -> None:
    with mail_sink.running() as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        client.sendmail("a@example.org", ["ben@example.org", "ana@example.org"], "Subject: Hello\r\n\r\n.\r\nQUIT\r\nHello.")
        client.sendmail("a@example.org", ["ben@example.org"], "Subject: Again\r\n\r\nHello.")
        assert sink.recipients == ["ben@example.org", "ana@example.org", "ben@example.org"]


def test_hidden_fields_of_a_page_are_sent_with_its_form() -> None:
    text = '<input type="hidden" name="key" value="a&amp;b"><input name="typed" value="x" type="text"><input type="hidden" name="empty">'
    assert Page("http://127.0.0.1/", 200, text).hidden == {"key": "a&b", "empty": ""}


def test_the_versions_compared_are_pinned_with_digests() -> None:
    wanted = dict(line.split("==") for line in programs.LOCK.with_suffix(".txt").read_text().splitlines())
    assert {name: programs.pinned(name) for name in wanted} == wanted
    pinned = [line for line in programs.LOCK.read_text().splitlines() if line[:1].isalnum()]
    assert len(pinned) > 50
    assert [line for line in pinned if not line.endswith("\\")] == []


def test_a_missing_program_is_named_with_its_package() -> None:
    with pytest.raises(PackageMissingError, match="no-such-program was not found\\. Install Debian's package"):
        programs.program("no-such-program")


class Paper:
    """A contender without processes that sells so many spots."""

    def __init__(self, name: str, sells: int = 0) -> None:
        self.name = name
        self.processes: list[int] = []
        self._left = sells
        self._mail = list[str]()
        self.calls = Counter[str]()

    def application_seconds(self) -> float:
        return 0

    def session(self, spots: int) -> str:
        return "one"

    def book(self, session: str, email: str, *, confirmed: bool = True) -> bool:
        self.calls["book"] += 1
        if not self._left:
            return False
        self._left -= 1
        self._mail.append(email)
        return True

    def read_roster(self, session: str) -> int:
        return len(self._mail)

    def recipients(self) -> Iterable[str]:
        return self._mail

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_a_race_ends_when_each_client_was_refused_once() -> None:
    paper = Paper("x", sells=40)
    found = race(paper)
    assert (found.accepted, found.booked, paper.calls["book"]) == (40, 40, 40 + 32)


def test_the_functions_of_a_stack_are_metered_in_every_thread_and_once_within_another(tmp_path: Path) -> None:
    meter = Meter(tmp_path / FILE)

    def busy() -> None:
        began = time.thread_time()
        while time.thread_time() - began < 0.02:
            pass

    within = meter.around(busy)
    meter.around(within)()
    thread = threading.Thread(target=within)
    thread.start()
    thread.join()
    busy()
    assert spent(tmp_path) == pytest.approx(0.04, abs=0.015)
