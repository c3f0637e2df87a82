"""Rows and models: rows written by deployed versions are read, and written again unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.money import Money
from chalicelib.rules.questions import Question
from chalicelib.rules.sessions import Meeting, Session, Tier
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables.codec import EPOCH, MICROSECONDS, PAIRS, Codec, ValueCodec, nested
from chalicelib.tables.customers.rows import customer_from, customer_item
from chalicelib.tables.items import item, plain
from chalicelib.tables.sessions.rows import SESSIONS, session_item
from chalicelib.tables.waitlist.rows import ENTRIES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN, HOUR_LATER = "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z"
PLAIN = Session(
    org="demo",
    id="s1",
    title="Pottery",
    meetings=(Meeting("m1", NOW, NOW + timedelta(hours=1)),),
    time_zone="Europe/Paris",
    spots_total=5,
    chunks=1,
    tiers=(Tier("t1", "Child", Money(1250, "EUR")),),
    registration_opens_at=NOW,
    registration_closes_at=NOW,
    created_at=NOW,
)
PLAIN_ROW = {
    "title": "Pottery",
    "meetings": [{"id": "m1", "from": WRITTEN, "to": HOUR_LATER}],
    "time_zone": "Europe/Paris",
    "spots_total": 5,
    "chunks": 1,
    "tiers": [{"id": "t1", "name": "Child", "amount": 1250, "currency": "EUR"}],
    "opens_at": WRITTEN,
    "closes_at": WRITTEN,
    "created_at": WRITTEN,
    "version": 1,
}
FULL = replace(
    PLAIN,
    version=7,
    description="Bring an apron",
    location="Studio 2",
    tags=("indoor", "warm"),
    questions=(Question("q1", "Size", "choice", True, ("S", "M")), Question("q2", "Allergies", "text", False)),
    cancelled_at=NOW,
    cancel_reason="Ill",
    tell_cancelled=False,
    meetings=(*PLAIN.meetings, Meeting("m2", NOW, NOW + timedelta(hours=1), cancelled_at=NOW)),
    series="r1",
)
FULL_ROW = {
    **PLAIN_ROW,
    "version": 7,
    "meetings": [*PLAIN_ROW["meetings"], {"id": "m2", "from": WRITTEN, "to": HOUR_LATER, "cancelled_at": WRITTEN}],  # type: ignore[misc]
    "series": "r1",
    "description": "Bring an apron",
    "location": "Studio 2",
    "tags": ["indoor", "warm"],
    "questions": [
        {"id": "q1", "label": "Size", "kind": "choice", "required": True, "options": ["S", "M"], "at_door": False, "per": "party"},
        {"id": "q2", "label": "Allergies", "kind": "text", "required": False, "options": [], "at_door": False, "per": "party"},
    ],
    "cancelled_at": WRITTEN,
    "cancel_reason": "Ill",
    "tell_cancelled": False,
}


CUSTOMER_ROW = {
    "pk": "demo#customers",
    "sk": "CUSTOMER#c1",
    "directory": "demo",
    "directory_at": "zoe#c1",
    "sought": "|zoe|example|org|",
    "email": "zoe@example.org",
    "name": "Zoé",
    "created_at": WRITTEN,
    "status": "added",
    "link_version": 0,
    "invitations": 0,
    "version": 1,
}
FULL_CUSTOMER = Customer(
    org="demo",
    id="c1",
    email="zoe@example.org",
    name="Zoé",
    created_at=NOW,
    phone="1",
    participants=(Participant("Max"), Participant("Léo", "2019-01-02")),
    groups=("g1",),
    fields=(("Size", "S"),),
    addresses=("old@example.org",),
    status="invited",
    user="u1",
    link_version=2,
    invitations=3,
    invited_at=NOW,
    asked_at=NOW,
    remind_at=NOW,
    tokens_valid_from=NOW,
    version=4,
)
FULL_CUSTOMER_ROW = {
    **CUSTOMER_ROW,
    "sought": "|zoe|max|leo|example|org|old|1$|",
    "phone": "1",
    "participants": [{"name": "Max", "date_of_birth": ""}, {"name": "Léo", "date_of_birth": "2019-01-02"}],
    "groups": ["g1"],
    "fields": [["Size", "S"]],
    "addresses": ["old@example.org"],
    "status": "invited",
    "user": "u1",
    "link_version": 2,
    "invitations": 3,
    "invited_at": WRITTEN,
    "asked_at": WRITTEN,
    "remind_at": WRITTEN,
    "due": "#portal#0",
    "due_at": f"{WRITTEN}#c1",
    "sessions_from": WRITTEN,
    "version": 4,
}


@pytest.mark.parametrize(("session", "row"), [(PLAIN, PLAIN_ROW), (FULL, FULL_ROW)], ids=["plain", "full"])
def test_a_session_is_stored_as_it_always_was(session: Session, row: dict[str, Any]) -> None:
    assert SESSIONS.write(session) == row
    assert SESSIONS.read(row, org="demo", id="s1") == session


def test_a_row_with_attributes_of_a_newer_version_is_read() -> None:
    newer = {
        **FULL_ROW,
        "of_the_next_version": "x.png",
        "questions": [{**question, "of_the_next_version": True} for question in FULL_ROW["questions"]],  # type: ignore[attr-defined]
    }
    assert SESSIONS.read(newer, org="demo", id="s1") == FULL


def test_a_cancelled_session_that_told_everybody_is_read_from_both_forms() -> None:
    told = replace(FULL, tell_cancelled=True)
    assert SESSIONS.read({**FULL_ROW, "tell_cancelled": True}, org="demo", id="s1") == told
    assert SESSIONS.read(SESSIONS.write(told), org="demo", id="s1") == told


@pytest.mark.parametrize(("cancelled", "told", "stored"), [(NOW, True, True), (NOW, False, False), (None, True, None), (None, False, None)])
def test_only_a_cancelled_session_stores_whether_people_are_told(cancelled: datetime | None, told: bool, stored: bool | None) -> None:
    entry = session_item(replace(PLAIN, cancelled_at=cancelled, tell_cancelled=told))
    assert plain(entry).get("tell_cancelled") == stored


def test_a_customer_is_stored_as_it_always_was() -> None:
    new = Customer("demo", "c1", "zoe@example.org", "Zoé", NOW)
    assert plain(customer_item(new)) == CUSTOMER_ROW
    assert customer_from(item(CUSTOMER_ROW)) == new


def test_a_customer_with_everything_is_stored_as_it_always_was() -> None:
    assert plain(customer_item(FULL_CUSTOMER)) == FULL_CUSTOMER_ROW
    assert customer_from(item({**FULL_CUSTOMER_ROW, "of_the_next_version": "x"})) == FULL_CUSTOMER


def test_an_accepted_customer_stores_no_reminder() -> None:
    row = {name: value for name, value in FULL_CUSTOMER_ROW.items() if name not in {"remind_at", "due", "due_at"}}
    assert plain(customer_item(replace(FULL_CUSTOMER, status="accepted"))) == {**row, "status": "accepted"}


def test_an_entry_of_the_waitlist_is_stored_as_it_always_was() -> None:
    entry = WaitlistEntry("demo", "s1", "e1", "ana@example.org", "Ana", 2, 5, NOW, "en")
    row = {
        "email": "ana@example.org",
        "name": "Ana",
        "spots": 2,
        "place": 5,
        "created_at": WRITTEN,
        "locale": "en",
        "status": "waiting",
        "offers": 0,
        "by_staff": False,
    }
    assert ENTRIES.write(entry) == row
    assert ENTRIES.read(row, org="demo", session="s1", id="e1") == entry
    offered = replace(entry, status="offered", held_back="revoked", invitation="i1", offers=1, by_staff=True)
    assert ENTRIES.write(offered) == {**row, "status": "offered", "held_back": "revoked", "invitation": "i1", "offers": 1, "by_staff": True}


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass(frozen=True)
class Thing:
    id: str
    at: datetime | None = None
    kind: Literal["a", "b"] = "a"
    points: tuple[Point, ...] = ()
    point: Point | None = None
    name: str = ""


THINGS = Codec(Thing, attributes={"name": "n"}, elsewhere={"id"}, always={"kind"})


@given(
    st.builds(
        Thing,
        id=st.just("x"),
        at=st.none() | st.just(NOW),
        kind=st.sampled_from(["a", "b"]),
        points=st.lists(st.builds(Point, st.integers(), st.integers())).map(tuple),
        point=st.none() | st.builds(Point, st.integers(), st.integers()),
        name=st.text(),
    )
)
def test_a_model_comes_back_from_its_row(thing: Thing) -> None:
    row = THINGS.write(thing)
    assert THINGS.read(row, id="x") == thing
    assert "kind" in row
    assert ("n" in row) == bool(thing.name), "a default is left out"
    assert None not in row.values()


@dataclass(frozen=True)
class Forms:
    """A field of each form that a type hint can have."""

    day: date
    hour: time
    ends_on: date | None
    data: bytes
    anything: Mapping[str, Any]
    answer: str | bool | int
    fields: tuple[tuple[str, str | int], ...]
    timed: tuple[str, datetime]
    points: dict[str, Point] = field(default_factory=dict)


def test_each_form_comes_back_from_its_row() -> None:
    forms = Forms(
        day=date(2026, 11, 22),
        hour=time(22, 30),
        ends_on=None,
        data=b"data",
        anything={"tags": ["a"], "all": True},
        answer=True,
        fields=(("Size", "S"), ("Age", 7)),
        timed=("later", NOW),
        points={"one": Point(1)},
    )
    row = {
        "day": "2026-11-22",
        "hour": "22:30",
        "data": b"data",
        "anything": {"tags": ["a"], "all": True},
        "answer": True,
        "fields": [["Size", "S"], ["Age", 7]],
        "timed": ["later", WRITTEN],
        "points": {"one": {"x": 1, "y": 0}},
    }
    codec = Codec(Forms)
    assert codec.write(forms) == row
    assert codec.read(row) == forms
    assert codec.read(plain(item(row))) == forms
    assert codec.read({**row, "ends_on": "2026-11-22"}) == replace(forms, ends_on=date(2026, 11, 22))


@dataclass(frozen=True)
class Moments:
    at: datetime
    expires_at: datetime
    answers: tuple[tuple[str, int], ...] = ()


def test_a_field_may_have_a_form_of_its_own() -> None:
    moments = Moments(NOW + timedelta(microseconds=250), NOW, (("q1", 1), ("q2", 2)))
    row = {"at": "2026-11-22T12:00:00.000250+00:00", "expires_at": 1795348800, "answers": {"q1": 1, "q2": 2}}
    codec = Codec(Moments, forms={"at": MICROSECONDS, "expires_at": EPOCH, "answers": PAIRS})
    assert codec.write(moments) == row
    assert codec.read(row) == moments


def test_a_missing_attribute_may_stand_for_another_value_than_the_default() -> None:
    codec = Codec(Thing, elsewhere={"id"}, missing={"name": "nobody"})
    assert codec.read({}, id="x") == Thing("x", name="nobody")
    assert codec.write(Thing("x", name="nobody")) == {}
    assert codec.write(Thing("x")) == {"name": ""}
    assert Codec(Thing, always={"name"}, missing={"name": "nobody"}).write(Thing("x", name="nobody")) == {"id": "x", "name": "nobody"}


def test_a_model_inside_another_stores_every_field() -> None:
    assert nested(Point).write(Point(1)) == {"x": 1, "y": 0}
    assert nested(Point).read({"x": 1}) == Point(1)
    flat = Codec(Thing, elsewhere={"id"}, inner={Point: ValueCodec(lambda point: point.x, Point)})
    assert flat.write(Thing("x", points=(Point(2),), point=Point(3))) == {"points": [2], "point": 3}
    assert flat.read({"points": [2], "point": 3}, id="x") == Thing("x", points=(Point(2),), point=Point(3))


def test_an_update_removes_what_a_row_leaves_out() -> None:
    changes = THINGS.changes(Thing("x", point=Point(1)), but={"at"})
    assert changes == {"kind": "a", "points": None, "point": {"x": 1, "y": 0}, "n": None}


@pytest.mark.parametrize("hint", [set[str], Point | datetime, str | datetime, Mapping[int, set[str]], object], ids=str)
def test_a_type_without_a_stored_form_is_refused(hint: Any) -> None:
    unknown = make_dataclass("Unknown", [("names", hint)])
    with pytest.raises(TypeError, match="no stored form"):
        Codec(unknown).write(unknown(None))
