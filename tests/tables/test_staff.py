"""The stored form of staff members stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.rules.notifications import ReadMarks
from chalicelib.rules.organisations import StaffMember
from chalicelib.tables.items import Item, item
from chalicelib.tables.staff import _item, staff_member_from

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = "2026-11-22T12:00:00Z"

NEW = StaffMember("demo", "u1", "owner@example.org", "", "owner", "invited", NOW)
NEW_ROW = {
    "pk": "demo",
    "sk": "MEMBER#u1",
    "user": "u1",
    "email": "owner@example.org",
    "name": "",
    "role": "owner",
    "status": "invited",
    "invited_at": "2026-11-22T12:00:00Z",
    "link_version": 1,
}
FULL = replace(NEW, name="Ana", status="active", link_version=3, tokens_valid_from=NOW)
FULL_ROW = {
    "pk": "demo",
    "sk": "MEMBER#u1",
    "user": "u1",
    "email": "owner@example.org",
    "name": "Ana",
    "role": "owner",
    "status": "active",
    "invited_at": "2026-11-22T12:00:00Z",
    "link_version": 3,
    "sessions_from": "2026-11-22T12:00:00Z",
}


@pytest.mark.parametrize(("member", "row"), [(NEW, NEW_ROW), (FULL, FULL_ROW)], ids=["new", "full"])
def test_a_staff_member_is_stored_as_it_always_was(member: StaffMember, row: Item) -> None:
    assert _item(member) == item(row)
    assert staff_member_from(item(row)) == member


def test_read_marks_are_read() -> None:
    seen = {"up_to": "2026-11-22T12:00:00.000000+00:00#n1", "beyond": ["2026-11-23T12:00:00.000000+00:00#n2"]}
    assert staff_member_from(item({**FULL_ROW, "seen": seen})).seen == ReadMarks(
        "2026-11-22T12:00:00.000000+00:00#n1", ("2026-11-23T12:00:00.000000+00:00#n2",)
    )
