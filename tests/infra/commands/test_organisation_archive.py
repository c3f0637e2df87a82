"""R19: an organisation, exported and imported elsewhere, is the same: its archive there equals the first. Nothing follows its arrival."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zipfile import ZipFile

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import audit, messages, rosters
from chalicelib.operations import organisations
from chalicelib.operations.auth import user_pool as pool
from chalicelib.tables import clock, dynamodb, keys, organisation_rows, webhooks
from chalicelib.tables import organisations as table
from chalicelib.tables.items import Item
from infra.__main__ import main
from infra.deployment import stage_config
from infra.operation.archive import Manifest, Reader, Writer, as_row
from infra.operation.archive_contents import PARTS
from infra.operation.organisation import described
from infra.templates import create_sign_in
from tests.api.tenants import Office
from tests.environment import forget
from tests.http import call
from tests.infra.commands.conftest import PASSWORD
from tests.operations.simulated_aws import Stream

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def export(path: Path) -> Manifest:
    assert main(["organisation", "export", "--stage", "test", "--id", "demo", "--to", str(path)]) == 0
    return Reader(path).manifest


def import_from(path: Path) -> int:
    return main(["organisation", "import", "--stage", "test", "--from", str(path)])


@pytest.fixture
def elsewhere(demo: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Manifest]:
    """The archive of demo, and then another deployment: empty tables and buckets, another pool."""
    path = tmp_path / "demo.zip"
    manifest = export(path)
    leave_nothing()
    found, client = create_sign_in(clients.cognito(), "test")
    _use_pool(monkeypatch, found, client)
    return path, manifest


def leave_nothing() -> None:
    """Empty every table and every bucket."""
    for name in (*organisation_rows.LASTING, "memory"):
        for row in dynamodb.scan(TableName=organisation_rows.table_of(name)):
            organisation_rows.drop(name, row)
    for org in ("demo", "demonstration"):
        for of, key in organisation_rows.files(org):
            clients.s3().delete_object(Bucket=organisation_rows.bucket_of(of), Key=key)


def _use_pool(monkeypatch: pytest.MonkeyPatch, found: str, client: str) -> None:
    monkeypatch.setenv("ROLLBOOK_USER_POOL", found)
    monkeypatch.setenv("ROLLBOOK_USER_POOL_CLIENT", client)
    stages = json.loads(stage_config.CONFIG.read_text())
    stages["stages"]["test"]["environment_variables"] |= {"ROLLBOOK_USER_POOL": found, "ROLLBOOK_USER_POOL_CLIENT": client}
    stage_config.CONFIG.write_text(json.dumps(stages))
    forget()


def test_an_archive_of_what_was_imported_equals_the_first(
    elsewhere: tuple[Path, Manifest], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, first = elsewhere
    streams = {
        handler: Stream(table)
        for table, handler in ((config().rosters_table, rosters), (config().messages_table, messages), (config().records_table, audit))
    }
    for stream in streams.values():
        stream.read()
    assert import_from(path) == 0
    assert "Forgot password" in capsys.readouterr().out
    assert export(tmp_path / "again.zip").is_equal(first)
    assert min(first.parts[f"rows/{name}.jsonl"]["lines"] for name in organisation_rows.LASTING) > 0
    assert sum(name.startswith("files/") for name in first.parts) >= 4
    assert list(table.every()) == ["demo"]
    assert organisations.read("demo").suspended_at is None
    for handler, stream in streams.items():
        before = export(tmp_path / "before.zip")
        records = stream.read()
        assert records
        assert handler.handle({"Records": records}, clock=lambda: NOW) == {"batchItemFailures": []}
        assert export(tmp_path / "after.zip").is_equal(before), handler


def test_the_staff_of_an_imported_organisation_gets_in_with_a_new_password(elsewhere: tuple[Path, Manifest]) -> None:
    import_from(elsewhere[0])
    pool.set_password("owner@demo.test", PASSWORD)
    signed_in = call("POST", "/v1/auth/sign-in", {"email": "owner@demo.test", "password": PASSWORD}).json
    assert {"org": "demo", "role": "owner"} in [{name: one[name] for name in ("org", "role")} for one in signed_in["memberships"]]
    (hook,) = webhooks.every("demo")
    assert (hook.active, bool(webhooks.decrypted(hook.secret, "demo"))) == (False, True)
    assert organisations.read("demo").online_payment is False


def test_the_clock_finds_what_an_imported_organisation_brings(elsewhere: tuple[Path, Manifest]) -> None:
    """Reminders, offers, stalled jobs and unsent e-mails go on where the organisation is now, and its rows lie in its own partitions."""
    archive = Reader(elsewhere[0])
    rows = [as_row(line) for name in organisation_rows.LASTING for line in archive.lines(f"rows/{name}.jsonl")]
    import_from(elsewhere[0])
    brought = {}
    for kind in get_args(keys.ClockKind):
        by = clock.index_of(kind).name
        own = [row for row in rows if row.get(by, {}).get("S", "").startswith(f"#{kind}#")]
        brought[kind] = {row["pk"]["S"] for row in own}
        found = clock.entries_of_waitlists(" ") if kind == "waitlists" else clock.due(kind, until="9")
        assert {one.key.pk for one in found} == brought[kind], kind
        assert {row[by]["S"] for row in own} <= {keys.clock(kind, "demo")}, kind
    assert {"invitations", "unsent"} <= {kind for kind, there in brought.items() if there}


def test_an_archive_has_no_secret_and_nothing_of_another_organisation(demo: Office, tmp_path: Path) -> None:
    export(tmp_path / "demo.zip")
    with ZipFile(tmp_path / "demo.zip") as opened:
        text = b"\n".join(opened.read(name) for name in opened.namelist()).decode(errors="replace")
    for sentinel in ("Sentinel", PASSWORD, "demonstration", pool.user_of("owner@demo.test") or "?"):
        assert sentinel not in text


@pytest.mark.parametrize("name", organisation_rows.LASTING)
def test_what_is_found_by_keys_is_all_that_a_scan_finds(demo: Office, name: str) -> None:
    """Of each kind of row; and little of other organisations is read for it."""
    key = keys.Key("pk", "sk") if name in {"records", "rosters"} else keys.Key("pk")
    found, there = ({tuple(row[part]["S"] for part in key if part): row for row in rows} for rows in _both("demo", name))
    assert found == there
    assert there


def _both(org: str, name: str) -> tuple[list[Item], list[Item]]:
    return list(organisation_rows.every(org, name)), list(organisation_rows.scanned([org], name))


def test_an_export_scans_no_table_whose_rows_keys_lead_to(demo: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, scanned = dynamodb.scan, set()

    def noted(**parameters: Any) -> Iterator[Item]:
        scanned.add((parameters["TableName"].rpartition("-")[2], parameters.get("IndexName", "")))
        return scan(**parameters)

    monkeypatch.setattr(dynamodb, "scan", noted)
    export(tmp_path / "demo.zip")
    assert scanned == {("codes", ""), ("messages", "recipient"), ("rosters", "")}


def test_an_interrupted_import_goes_on(elsewhere: tuple[Path, Manifest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, first = elsewhere
    written = 0

    def die(*arguments: Any) -> None:
        nonlocal written
        written += 1
        if written > 30:
            raise KeyboardInterrupt
        bring(*arguments)

    bring = organisation_rows.bring
    with monkeypatch.context() as dying:
        dying.setattr(organisation_rows, "bring", die)
        with pytest.raises(KeyboardInterrupt):
            import_from(path)
    assert list(table.every()) == [], "nobody sees half of it"
    assert table.get("demo").suspended_at is not None
    assert dict(described(table.get("demo"), now=NOW))["state"] == "being imported"
    assert import_from(path) == 0
    assert export(tmp_path / "again.zip").is_equal(first)


def test_it_is_refused_where_the_organisation_is(demo: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = export(tmp_path / "demo.zip")
    assert import_from(tmp_path / "demo.zip") == 1
    assert "demo is there already" in capsys.readouterr().err
    assert export(tmp_path / "again.zip").is_equal(before)


def test_a_row_that_is_there_already_is_not_overwritten(elsewhere: tuple[Path, Manifest], capsys: pytest.CaptureFixture[str]) -> None:
    dynamodb.put_new(config().records_table, keys.contract_terms("demo").stored())
    assert import_from(elsewhere[0]) == 1
    assert "rows here that this archive did not bring" in capsys.readouterr().err


def test_an_import_takes_over_nothing_that_an_operator_decides(elsewhere: tuple[Path, Manifest], tmp_path: Path) -> None:
    """Another organisation's configuration set, say, or support access that no owner gave here."""
    decided = {"configuration_set": {"S": "other"}, "support_until": {"S": "2099-01-01T00:00:00Z"}, "deleting": {"BOOL": True}}
    archive, changed = Reader(elsewhere[0]), tmp_path / "changed.zip"
    writer = Writer(changed, Manifest("demo", archive.manifest.exported_at))
    for name in PARTS:
        lines = [line.rstrip("\n") for line in archive.lines(name)]
        writer.add_lines(name, [json.dumps(json.loads(line) | decided) if '"ORGANISATION"' in line else line for line in lines])
    writer.close()
    assert import_from(changed) == 0
    there = organisations.read("demo")
    assert (there.configuration_set, there.support_until, there.deleting) == ("", None, False)
