"""The other bookings of a customer's participants at the same time, found in a bounded number of requests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.operations.customers import merge_customers
from chalicelib.operations.registrations import add, clashes_of, find_clashes, remove_registration, transfer
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.tables import customers
from tests.operations.request_counter import counted
from tests.operations.simulated_aws import Streams

OpenSession = Callable[..., Session]
ANA = "ana@example.org"


def on(session: Session, now: datetime, *children: str, email: str = ANA) -> Registration:
    said = {"new_customer": {"name": "Ana", "email": email}, "participants": [{"name": child} for child in children]}
    return add("demo", session.id, AddInput.model_validate(said), by="owner", key=f"{session.id}{children}", now=now).registration


def at(session: Session, hours: float) -> tuple[Meeting, ...]:
    """Return one date so many hours after that of a session."""
    (meeting,) = session.meetings
    return (replace(meeting, starts_at=meeting.starts_at + timedelta(hours=hours), ends_at=meeting.ends_at + timedelta(hours=hours)),)


def test_the_same_child_at_the_same_time_is_found(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    pottery = open_session()
    judo, later = open_session(id="s2", title="Judo", meetings=at(pottery, 1)), open_session(id="s3", meetings=at(pottery, 1.5))
    on(pottery, now, "Kim", "Léo")
    streams.drain(now)
    (clash,) = find_clashes(judo, ANA.upper(), ["KIM", "Mia"], now=now)
    assert (clash.participant, clash.session.id, clash.meeting.id) == ("Kim", pottery.id, "m1")
    assert [one.participant for one in find_clashes(judo, ANA, None, now=now)] == ["Kim", "Léo"]
    assert find_clashes(later, ANA, ["Kim"], now=now) == []
    assert find_clashes(pottery, ANA, ["Kim"], now=now) == []
    assert find_clashes(judo, "ben@example.org", ["Kim"], now=now) == []


def test_what_is_over_or_removed_is_not_found(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    pottery = open_session()
    judo = open_session(id="s2", meetings=at(pottery, 1))
    registration = on(pottery, now, "Kim")
    streams.drain(now)
    made = on(judo, now, "Kim")
    assert len(clashes_of(made, judo, now=now)) == 1
    assert clashes_of(made, judo, now=judo.ends_at) == []
    remove_registration("demo", registration.public_id, by="owner", now=now)
    assert clashes_of(made, judo, now=now) == []


def test_a_registration_that_moves_does_not_clash_with_where_it_was(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    pottery = open_session()
    judo = open_session(id="s2", meetings=at(pottery, 1))
    registration = on(pottery, now, "Kim")
    streams.drain(now)
    assert find_clashes(judo, ANA, ["Kim"], now=now, leaving=registration.public_id) == []
    moved = transfer("demo", registration.public_id, judo.id, by="owner", key="k", now=now)
    assert clashes_of(moved.registration, judo, now=now) == []


def test_the_other_addresses_of_a_merged_customer_count(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    pottery = open_session()
    judo = open_session(id="s2", meetings=at(pottery, 1))
    on(pottery, now, "Kim", email="old@example.org")
    streams.drain(now)
    known = customers.of_address("demo", "old@example.org")
    assert known
    customers.create(Customer("demo", "c2", ANA, "Ana", now))
    merge_customers("demo", known.id, into="c2", now=now)
    assert [clash.session.id for clash in find_clashes(judo, ANA, ["Kim"], now=now)] == [pottery.id]


def test_twelve_bookings_cost_as_many_requests_as_one(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    pottery = open_session()
    for number in range(12):
        on(open_session(id=f"b{number}", meetings=at(pottery, 1)), now, "Kim")
    streams.drain(now)
    with counted() as requests:
        assert len(find_clashes(pottery, ANA, ["Kim"], now=now)) == 12
    assert dict(requests) == {"GetItem": 1, "Query": 1, "BatchGetItem": 1}
    with counted() as requests:
        assert find_clashes(pottery, "nobody@example.org", ["Kim"], now=now) == []
    assert dict(requests) == {"GetItem": 1, "Query": 1}


def test_nothing_is_asked_for_a_cancelled_session(open_session: OpenSession, now: datetime) -> None:
    cancelled = replace(open_session(), cancelled_at=now)
    with counted() as requests:
        assert find_clashes(cancelled, ANA, ["Kim"], now=now) == []
    assert not requests
