"""The stored form of sign-ups stays: rows of the deployed version are read, and an equal row is written."""

from datetime import UTC, datetime

from chalicelib.rules.auth import SignUp
from chalicelib.rules.customers import Participant
from chalicelib.tables.items import item
from chalicelib.tables.sign_ups import _item, _sign_up_from

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = SignUp("demo", "u1", "ana@example.org", "Ana", (Participant("Max"), Participant("Léo", "2019-01-02")), "fr", b"\x00secret", NOW)
ROW = {
    "pk": "demo#joining#u1",
    "email": "ana@example.org",
    "name": "Ana",
    "participants": [{"name": "Max", "date_of_birth": ""}, {"name": "Léo", "date_of_birth": "2019-01-02"}],
    "locale": "fr",
    "password": b"\x00secret",
    "runs_out_at": 1795348800,
    "forget_at": 1795392000,
}


def test_a_sign_up_is_stored_as_it_always_was() -> None:
    assert _item(ONE) == item(ROW)
    assert _sign_up_from("demo", "u1", item(ROW)) == ONE
