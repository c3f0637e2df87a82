"""The stored form of password resets stays: rows of the deployed version are read, and an equal row is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.rules.auth import PasswordReset
from chalicelib.tables.items import Item, item
from chalicelib.tables.password_resets import _item, _reset_from

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEW = PasswordReset("u1", "ana@example.org", "n1", NOW)
NEW_ROW = {"pk": "-#reset#u1", "email": "ana@example.org", "nonce": "n1", "portal": "", "runs_out_at": 1795348800, "forget_at": 1795435200}
ON_PORTAL = replace(NEW, portal="demo")
ON_PORTAL_ROW = {
    "pk": "-#reset#u1",
    "email": "ana@example.org",
    "nonce": "n1",
    "portal": "demo",
    "runs_out_at": 1795348800,
    "forget_at": 1795435200,
}


@pytest.mark.parametrize(("reset", "row"), [(NEW, NEW_ROW), (ON_PORTAL, ON_PORTAL_ROW)], ids=["new", "on a portal"])
def test_a_password_reset_is_stored_as_it_always_was(reset: PasswordReset, row: Item) -> None:
    assert _item(reset) == item(row)
    assert _reset_from("u1", row) == reset
