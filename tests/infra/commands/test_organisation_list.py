"""An operator lists organisations with what they use. Nothing of one is counted for another, and no table is scanned."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import customers, organisations, registrations, sessions, usage
from chalicelib.rules.actor import OPERATOR
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.jobs import Job, JobStatus
from chalicelib.rules.quotas import Quotas
from chalicelib.rules.usage import MailCount, Usage
from chalicelib.tables import audit, files, jobs
from chalicelib.tables import usage as table
from infra.__main__ import main
from infra.local import state
from infra.operation import target

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def two(staged: None, bucket: str) -> None:
    """Two organisations; `ab` has one thing of each kind, and `abc`, whose id begins with the same letters, has none."""
    for org in ("ab", "abc"):
        organisations.create(org, f"The {org}", now=NOW)
    starts = NOW + timedelta(days=1)
    meeting = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat()}
    draft: dict[str, Any] = {"title": "Pottery", "meetings": [meeting], "time_zone": "Europe/Paris", "spots_total": 5}
    draft["tiers"] = [{"id": "t1", "name": "Child", "price": {"amount": 0, "currency": "EUR"}}]
    made = sessions.create_session("ab", SessionInput.model_validate(draft), key="s", now=NOW).session
    customers.create_customer("ab", CustomerInput(name="Ana", email="ana@example.org"), key="c", now=NOW)
    person = {"name": "Ana", "email": "ana@example.org"}
    added = {"new_customer": person, "participants": [{"name": "Zoé"}], "tier": "t1", "billing": {"method": "later"}}
    registrations.add("ab", made.id, AddInput.model_validate(added), by="", key="r", now=NOW)
    files.put("ab/downloads/x.csv", b"x" * 2 * 1024**2, "text/csv")
    audit.add(AuditEntry("ab", "e1", NOW, OPERATOR, "session.created", AuditSubject("session", made.id)))
    table.count_mails("ab", now=NOW - timedelta(days=31), sent=50)
    table.count_mails("ab", now=NOW - timedelta(days=29), sent=3, bounced=1)
    table.count_mails("ab", now=NOW, sent=2, complained=1)


def test_the_use_of_an_organisation_is_its_own(two: None) -> None:
    used, other = usage.read("ab", now=NOW), usage.read("abc", now=NOW)
    assert (used.sessions, used.registrations, used.customers, used.stored, used.last_activity) == (1, 1, 1, 2 * 1024**2, NOW)
    assert (used.mails.sent, used.mails.bounced, used.mails.complained) == (5, 1, 1)
    assert other == Usage(0, 0, 0, MailCount(), 0, None)


def test_they_are_listed_a_line_each_and_no_table_is_scanned(two: None, capsys: pytest.CaptureFixture[str]) -> None:
    scans = []
    clients.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: scans.append(model.name))
    assert main(["organisation", "list", "--stage", "test"]) == 0
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.split()[:3] == ["ab", "The", "ab"]
    assert "1 sessions" in first
    assert "1 registrations" in first
    assert "2.0 MB" in first
    assert "0 sessions" in second
    assert "never" in second
    assert last == "2 in all."
    assert "Scan" not in scans


def test_names_alone_count_nothing(two: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["organisation", "list", "--stage", "test", "--names"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["ab", "The", "ab"],
        ["abc", "The", "abc"],
        ["2", "in", "all."],
    ]


def test_one_is_shown_with_its_owners(two: None, capsys: pytest.CaptureFixture[str]) -> None:
    main(["organisation", "owner", "--stage", "test", "--id", "ab", "--email", "ana@ab.test"])
    assert main(["organisation", "show", "--stage", "test", "--id", "ab"]) == 0
    told = capsys.readouterr().out
    assert "ana@ab.test (invited, has not joined)" in told
    assert "The ab" in told


def test_one_is_shown_with_its_failed_jobs(two: None, capsys: pytest.CaptureFixture[str]) -> None:
    show = ["organisation", "show", "--stage", "test", "--id", "ab"]
    assert main(show) == 0
    assert "failed jobs     none in 30 days" in capsys.readouterr().out
    now = datetime.now(UTC)
    past: dict[int, JobStatus] = {1: "failed", 2: "done", 40: "failed"}
    for days, status in past.items():
        at = now - timedelta(days=days)
        jobs.create(Job("ab", f"j{days}", "mailing", total=1, by="u1", created_at=at, moved_at=at, status=status), {0: ["x"]})
    assert main(show) == 0
    assert f"failed jobs     mailing of {now - timedelta(days=1):%Y-%m-%d} in 30 days" in capsys.readouterr().out


def test_the_local_stack_is_reached_by_the_environment_that_it_noted(
    tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(target.FOLDER, str(tmp_path))
    organisations.create("demo", "Demo", now=NOW)
    state.write_environment(tmp_path)
    with monkeypatch.context() as elsewhere, state.exclusive_use(tmp_path):
        elsewhere.setenv("ROLLBOOK_STAGE", "another")
        assert main(["organisation", "list", "--local", "--names"]) == 0
        assert config().stage == "test"
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize("noted", [True, False])
def test_a_local_stack_that_does_not_run_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], noted: bool
) -> None:
    monkeypatch.setenv(target.FOLDER, str(tmp_path))
    if noted:
        state.write_environment(tmp_path)
    assert main(["organisation", "list", "--local"]) == 1
    assert "Start it with make run" in capsys.readouterr().err


def test_limits_are_set_shown_and_lifted(two: None, capsys: pytest.CaptureFixture[str]) -> None:
    limits = ["organisation", "limits", "--stage", "test", "--id", "ab"]
    assert main([*limits, "--mails-a-day", "500", "--customers", "0"]) == 0
    assert main([*limits, "--mails-a-day", "none"]) == 0
    assert main(limits) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "ab may have: 500 e-mails a day, 0 customers, any number of sessions."
    assert second == third == "ab may have: any number of e-mails a day, 0 customers, any number of sessions."
    assert organisations.read("abc").quotas == Quotas()
    with pytest.raises(SystemExit):
        main([*limits, "--sessions", "-1"])


def test_a_suspended_one_says_so_in_the_list_until_it_is_resumed(two: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["organisation", "suspend", "--stage", "test", "--id", "ab"]) == 0
    main(["organisation", "list", "--stage", "test"])
    main(["organisation", "show", "--stage", "test", "--id", "ab"])
    assert capsys.readouterr().out.count("suspended") == 3
    assert main(["organisation", "resume", "--stage", "test", "--id", "ab"]) == 0
    assert organisations.read("ab").suspended_at is None
