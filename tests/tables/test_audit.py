"""The audit log's rows: what is recorded of a row, who it is about, and lists that are filtered and paged."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.config import config
from chalicelib.rules.actor import CLOCK, ERASURE, Actor
from chalicelib.rules.audit import AuditEntry, AuditSubject
from chalicelib.tables import audit, audited_rows, keys
from chalicelib.tables.actor import IN_RECORDS, ON_ROSTERS, acting, with_actor
from chalicelib.tables.audit import Filters
from chalicelib.tables.audited_rows import AUDITED
from chalicelib.tables.items import Item, item

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANA, BEN = Actor("staff", "u-ana", "ana@demo.test"), Actor("staff", "u-ben", "ben@demo.test")
Change = Callable[..., AuditEntry | None]


def entry(number: int, actor: Actor = ANA, subject: str = "s1", **more: object) -> AuditEntry:
    values = {"action": "session.updated", "before": {"title": "A"}, "after": {"title": "B"}, **more}
    return AuditEntry("demo", f"e{number}", NOW + timedelta(seconds=number), actor, subject=AuditSubject("session", subject), **values)  # type: ignore[arg-type]


def row(**attributes: object) -> Item:
    values = {"pk": "demo", "sk": f"{keys.CUSTOMER}c1", "email": "ana@example.org", "name": "Ana", **attributes}
    return item(values)


def recorded(old: Item | None, new: Item | None) -> AuditEntry | None:
    return audited_rows.entry_of(old, new, id="1", at=NOW)


def listed(filters: Filters, *, limit: int) -> list[list[str]]:
    """Return the ids of the entries, page by page."""
    pages, start = [], None
    while True:
        found, start = audit.page("demo", filters, limit=limit, start=start)
        pages.append([one.id for one in found])
        if not start:
            return pages


def joined(pages: list[list[str]]) -> list[str]:
    return [id for page in pages for id in page]


def test_the_marks_cover_the_audited_rows() -> None:
    assert {one.prefix for one in AUDITED} == {*ON_ROSTERS, *IN_RECORDS}


def test_an_entry_is_read_as_it_was_written(tables: None) -> None:
    written = entry(1, people=("digest",))
    audit.add(written)
    assert list(audit.every("demo", Filters())) == [written]


def test_an_entry_is_written_once(tables: None) -> None:
    audit.add(entry(1))
    audit.add(entry(1, after={"title": "C"}))
    assert [one.after for one in audit.every("demo", Filters())] == [{"title": "B"}]


def test_an_entry_that_comes_after_an_erasure_says_nothing_of_the_person(tables: None) -> None:
    audit.forget_values("demo", ["Ana@Example.org"], now=NOW)
    people = (audited_rows.digest("demo", "ana@example.org"),)
    audit.add(entry(-60, people=people))
    audit.add(entry(60, people=people))
    audit.add(entry(-30, people=(audited_rows.digest("demo", "ben@example.org"),)))
    found = {one.id: (dict(one.after), one.people != ()) for one in audit.every("demo", Filters())}
    assert found == {"e-60": ({}, False), "e60": ({"title": "B"}, True), "e-30": ({"title": "B"}, True)}


def test_entries_are_listed_latest_first_in_pages(tables: None) -> None:
    for number in range(5):
        audit.add(entry(number))
    pages = listed(Filters(), limit=2)
    assert [page for page in pages if page] == [["e4", "e3"], ["e2", "e1"], ["e0"]]


def test_lists_of_one_thing_and_of_one_actor(tables: None) -> None:
    for number in range(6):
        audit.add(entry(number, actor=(ANA, BEN, CLOCK)[number % 3], subject=f"s{number % 2}"))
    assert joined(listed(Filters(subject="s1"), limit=2)) == ["e5", "e3", "e1"]
    assert joined(listed(Filters(actor="ben@demo.test"), limit=2)) == ["e4", "e1"]
    assert joined(listed(Filters(actor="clock"), limit=9)) == ["e5", "e2"]
    assert joined(listed(Filters(actor="staff", subject="s0"), limit=9)) == ["e4", "e0"]
    assert joined(listed(Filters(actor="nobody@demo.test"), limit=9)) == []


def test_a_rare_actor_takes_several_short_pages(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "FILTERED_AT_MOST", 2)
    for number in range(12):
        audit.add(entry(number, actor=BEN if number in {0, 11} else ANA))
    pages = listed(Filters(actor="ben@demo.test"), limit=2)
    assert joined(pages) == ["e11", "e0"]
    assert [] in pages, "a page in between has none, and goes on"


def test_a_period_includes_its_first_and_last_second(tables: None) -> None:
    for number in range(4):
        audit.add(entry(number))
    filters = Filters(since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=2))
    assert joined(listed(filters, limit=9)) == ["e2", "e1"]
    assert joined(listed(filters._replace(subject="s1"), limit=9)) == ["e2", "e1"]


def test_entries_of_another_organisation_are_not_listed(tables: None) -> None:
    audit.add(entry(1))
    assert list(audit.every("zebra", Filters())) == []
    assert list(audit.every("zebra", Filters(subject="s1"))) == []


def test_entries_are_kept_for_two_years() -> None:
    assert entry(0).forget_at == NOW + timedelta(days=730)


@pytest.mark.parametrize(
    ("old", "new", "actor"),
    [
        pytest.param(None, row(written_by=ANA.written()), ANA, id="created"),
        pytest.param(row(written_by=ANA.written()), row(written_by=BEN.written(), name="Anna"), BEN, id="updated"),
        pytest.param(row(written_by=ANA.written(), deleted_by=BEN.written()), None, BEN, id="deleted"),
        pytest.param(row(), row(name="Anna"), None, id="written by an older version"),
        pytest.param(row(written_by=ANA.written()), None, None, id="deleted by TTL"),
        pytest.param(row(), row(name="", written_by=ERASURE.written()), None, id="rewritten by an erasure"),
        pytest.param(row(deleted_by=ERASURE.written()), None, None, id="deleted by an erasure"),
        pytest.param(None, row(sk="NOTIFICATION#1", written_by=ANA.written()), None, id="another kind of row"),
    ],
)
def test_the_actor_is_who_wrote_or_deleted_the_row(old: Item | None, new: Item | None, actor: Actor | None) -> None:
    found = recorded(old, new)
    assert (found and found.actor) == actor


def test_an_entry_is_about_everybody_in_the_row_but_not_about_staff() -> None:
    found = recorded(
        None, row(written_by=ANA.written(), by="ana@demo.test", claimant={"email": "Bob@Example.org"}, addresses=["old@x.test"])
    )
    assert found is not None
    assert set(found.people) == {audited_rows.digest("demo", email) for email in ("ana@example.org", "bob@example.org", "old@x.test")}


def test_the_same_change_has_the_same_id_and_another_row_another_one() -> None:
    first, again = recorded(None, row(written_by=ANA.written())), recorded(None, row(written_by=ANA.written()))
    other = recorded(None, row(written_by=ANA.written(), sk=f"{keys.CUSTOMER}c2"))
    assert first
    assert again
    assert other
    assert first.id == again.id != other.id


def test_rows_are_marked_while_somebody_acts(environment: None) -> None:
    assert "written_by" not in with_actor(config().records_table, row())
    with acting(BEN):
        assert with_actor(config().records_table, row())["written_by"] == {"S": BEN.written()}
        assert "written_by" not in with_actor(config().records_table, row(sk="NOTIFICATION#1"))
        assert "written_by" not in with_actor(config().codes_table, {"pk": {"S": "demo#code"}})
