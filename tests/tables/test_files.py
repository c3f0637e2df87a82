"""Files of the bucket: links to them, and what the check of an import stores."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.rules.imports.imports import Checked, Import, RowChange
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.translation import Filled
from chalicelib.tables import files

IMPORT = Import("demo", "m1", "customers", "valid", "owner", datetime(2026, 11, 22, 12, tzinfo=UTC), "sha", "utf-8", "digest", 0)
READ = "demo/imports/m1/read.json"
TODO = [RowChange(row, "create", "", 0, f"“Ana”,\n{row}", {"name": f"“Ana”,\u2028\n{row}"}) for row in range(2, 7)]


@pytest.mark.parametrize(("name", "kind"), [("codes.csv", "text/csv; charset=utf-8"), ("ana.json", "application/json")])
def test_a_link_is_short_lived_and_only_downloads(bucket: str, name: str, kind: str) -> None:
    query = parse_qs(urlsplit(files.link_to("demo", "text", name)).query)
    assert int(query["X-Amz-Expires"][0]) <= 60
    assert query["response-content-disposition"] == [f'attachment; filename="{name}"']
    assert query["response-content-type"] == [kind]
    assert query["response-cache-control"] == ["private, no-store"]


def test_changes_are_read_some_at_a_time_or_all_together(bucket: str) -> None:
    issues = [Issue(3, "Name", "x", "missing", "Fill it in."), Issue(4, "Age", "y", "low", Filled("Above %(least)d.", {"least": 3}))]
    files.keep(IMPORT, b"Name", Checked(issues, TODO))
    assert files.checked(IMPORT) == Checked(issues, TODO)
    assert files.changes(IMPORT, range(5)) == TODO
    assert files.changes(IMPORT, [4, 1]) == [TODO[4], TODO[1]]


def test_a_check_without_changes_is_read(bucket: str) -> None:
    files.keep(IMPORT, b"Name", Checked([], []))
    assert files.checked(IMPORT) == Checked([], [])
    assert files.changes(IMPORT, []) == []


def test_a_step_parses_only_its_changes(bucket: str) -> None:
    """Ten thousand rows are imported in a hundred steps: each would parse all of them."""
    files.keep(IMPORT, b"Name", Checked([], TODO))
    others_unreadable = b"\n".join(line if number == 3 else b"-" for number, line in enumerate(stored().split(b"\n")))
    files.put(READ, others_unreadable, "application/json")
    assert files.changes(IMPORT, [2]) == [TODO[2]]


def test_changes_that_a_version_before_stored_are_read(bucket: str) -> None:
    files.put(READ, json.dumps({"issues": [], "todo": TODO}).encode(), "application/json")
    assert files.checked(IMPORT) == Checked([], TODO)
    assert files.changes(IMPORT, [4, 0]) == [TODO[4], TODO[0]]


def test_the_version_before_reads_what_is_stored(bucket: str) -> None:
    """Its functions are still at work during an upgrade."""
    files.keep(IMPORT, b"Name", Checked([], TODO))
    assert [RowChange(*change) for change in json.loads(stored())["todo"]] == TODO


def stored() -> bytes:
    return bytes(files.get(READ)["Body"].read())
