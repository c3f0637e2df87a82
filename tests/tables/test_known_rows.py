"""Rows that were read before are decoded once, and never taken for another."""

from copy import deepcopy
from dataclasses import replace
from itertools import count

from chalicelib.tables.items import Item, item
from chalicelib.tables.known_rows import MOST, known
from chalicelib.tables.organisations import organisation_from
from chalicelib.tables.sessions.rows import session_from, session_item
from tests.samples import SESSION


def row(number: int, **attributes: str) -> Item:
    return item({"pk": "demo", "sk": f"{number}", **attributes})


def test_a_row_is_decoded_again_only_when_it_differs() -> None:
    numbers = count(1)
    read = known(lambda _: next(numbers))
    assert [read(row(1, title="Judo")), read(row(1, title="Judo")), read(row(1, title="Choir")), read(row(2, title="Choir"))] == [
        1,
        1,
        2,
        3,
    ]
    assert read(row(1, title="Choir", place="Hall")) == 4


def test_no_more_than_so_many_are_known() -> None:
    numbers = count(1)
    read = known(lambda _: next(numbers))
    for number in (*range(MOST), 0, MOST, 0):
        read(row(number))
    assert next(numbers) == MOST + 3


def test_a_known_session_is_that_of_its_row() -> None:
    stored = session_item(SESSION)
    assert session_from(stored) is session_from(deepcopy(stored))
    renamed = replace(SESSION, title=f"{SESSION.title}, again")
    assert session_from(session_item(renamed)) == renamed
    assert session_from(stored) == SESSION


def test_what_is_known_cannot_be_changed() -> None:
    assert hash(session_from(session_item(SESSION)))
    assert hash(organisation_from(item({"pk": "demo", "sk": "0#ORG", "name": "Demo", "created_at": "2026-11-30T10:00:00Z"})))
