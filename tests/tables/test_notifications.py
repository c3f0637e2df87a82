"""The stored form of notifications stays: rows of the deployed version are read, and an equal row is written."""

from datetime import UTC, datetime

from chalicelib.rules.notifications import Notification
from chalicelib.tables.items import item
from chalicelib.tables.notifications import _item, _notification_from

NOW = datetime(2026, 11, 22, 12, 0, 0, 250, tzinfo=UTC)
ONE = Notification("demo", "n1", "registered", NOW, {"session": "s1", "registration": "r1"})
ROW = {
    "pk": "demo#notifications",
    "sk": "NOTIFICATION#n1",
    "directory": "demo#notifications",
    "directory_at": "2026-11-22T12:00:00.000250+00:00#n1",
    "kind": "registered",
    "about": {"session": "s1", "registration": "r1"},
    "forget_at": 1803124800,
}


def test_a_notification_is_stored_as_it_always_was() -> None:
    assert _item(ONE) == item(ROW)
    assert _notification_from(item(ROW)) == ONE
    assert _notification_from(item({**ROW, "of_the_next_version": "x"})) == ONE
