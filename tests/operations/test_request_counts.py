"""P1: how many requests each operation asks of DynamoDB. A number that grows is a decision, not an accident."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bench.counting import counting
from bench.limits import PARTITION_WRITES
from bench.meter import metered
from chalicelib import clients
from chalicelib.events import rosters
from chalicelib.events.jobs import WORK
from chalicelib.events.records import RecordChange
from chalicelib.operations import (
    bulk_invitations,
    codes,
    discounts,
    jobs,
    orders,
    organisations,
    portal_invitations,
    public_registration,
    waitlist,
)
from chalicelib.operations.invitations import cancel_invitation, decline, live_claim_view, resend, revive
from chalicelib.operations.links import invitation_token
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import list_sessions, read_capacity, read_roster, read_session
from chalicelib.operations.waitlist import stream_batch
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.inputs.registrations import ParticipantInput, QuoteInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.portal_invitations import Audience
from chalicelib.tables import dynamodb, keys, ledger
from chalicelib.tables import waitlist as entries
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.items import stored
from chalicelib.tables.registrations.rows import registration_item
from tests.live.codes.scenario import batch, booked, code_for, contract, price
from tests.live.ledger.scenario import NOW, ORG, accepted, fresh, invited, named, open_session, registered, resized, sell_out
from tests.operations.request_counter import counted

pytestmark = pytest.mark.usefixtures("tables")


SPOTS = pytest.mark.parametrize("spots", [10, 120, 2000])


@SPOTS
def test_invite_takes_three(spots: int) -> None:
    session = open_session(spots)
    with counted() as counts:
        invited(session)
    assert counts == {"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}


def test_inviting_many_takes_two_for_each_and_few_beside() -> None:
    session, people = open_session(300), 250
    draft = BulkInvitationInput(emails=[f"{number}@example.org" for number in range(people)], mode="all")
    with counted() as counts:
        job = bulk_invitations.invite_many(ORG, session, draft, by="staff", key="k", now=NOW)
        while jobs.read_job(ORG, job).open:
            jobs.run_step(ORG, job, WORK, now=NOW)
    assert counts["TransactWriteItems"] == 1 + people
    assert people <= counts["UpdateItem"] <= people + 20, "handing over, and progress"
    assert counts.total() <= 2.3 * people


@SPOTS
def test_accept_takes_three(spots: int) -> None:
    invitations = [invited(open_session(spots)).invitation for _ in range(3)]
    for invitation in invitations:
        with counted() as counts:
            accepted(invitation)
        assert counts == {"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}


@SPOTS
def test_cancel_takes_two(spots: int) -> None:
    session = open_session(spots)
    for _ in range(3):
        own = named(session, invited(session).invitation.id)
        with counted() as counts:
            cancel_invitation(ORG, own, by="staff", now=NOW)
        assert counts == {"UpdateItem": 2}


@SPOTS
def test_registering_takes_three(spots: int) -> None:
    session = open_session(spots)
    with counted() as counts:
        registered(session)
    assert counts == {"BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}


def test_who_finds_a_session_full_pays_one_read_and_whoever_comes_after_at_most_one() -> None:
    session = open_session(1)
    registered(session)
    ledger.reopen(ORG, session)
    for most in (1, 1):
        with counted() as counts, pytest.raises(SessionFull):
            registered(session)
        assert counts.total() <= most
    with counted() as counts, pytest.raises(SessionFull):
        invited(session)
    assert counts.total() == 1


@pytest.mark.parametrize("spots", [30, 500, 2000, 4000])
def test_who_loses_a_rush_writes_nothing_although_the_function_remembers_nothing(spots: int) -> None:
    """As on Lambda, where few functions have answered a request for the same session before (P10)."""
    session = open_session(spots)
    sell_out(session)
    code = code_for(session)
    with pytest.raises(SessionFull):
        registered(session)  # The first who finds it full marks it.
    ways: list[Callable[[], object]] = [lambda: registered(session), lambda: booked(session, code), lambda: _basket(session)]
    for lose in ways:
        ledger.reopen(ORG, session)
        with counting() as counts, pytest.raises(SessionFull):
            lose()
        assert (counts.requests <= 2, counts.write_units) == (True, 0), counts.names
        assert counts.read_units <= 10, counts.names


def test_a_hundred_and_fifty_registrations_a_second_fit_the_partition_of_their_session() -> None:
    """docs/scale.md promises so many, while a chunk fills up. What follows by the stream takes a unit more."""
    session, of_the_session = open_session(50), []
    for _ in range(50):
        with metered("test") as use:
            registered(session)
        of_the_session.append(max(use.writes.values()))
        busiest = max(use.writes, key=lambda partition: use.writes[partition])
        assert (busiest.table, busiest.of_index, busiest.value) == ("rollbook-test-rosters", "", f"{ORG}#{session}")
    assert max(of_the_session) <= 6
    assert PARTITION_WRITES / (sum(of_the_session) / 50 + 1) >= 150


def test_who_joins_the_waitlist_of_a_large_full_session_reads_no_ledger() -> None:
    session = open_session(500)
    sell_out(session)
    with pytest.raises(SessionFull):
        registered(session)
    with counted() as counts:
        waitlist.join(ORG, session, JoinInput(email="ana@example.org", name="Ana", spots=1), locale="en", key="k", now=NOW)
    assert counts["Query"] <= 1, "the position in line"


def _basket(session: str) -> object:
    lines = [{"session": session, "participants": [{"name": "Kim"}]}]
    basket = BasketInput.model_validate({"email": f"{fresh('parent')}@example.org", "name": "Ana", "lines": lines})
    return orders.place_order(ORG, basket, locale="en", key=fresh("key"), now=NOW)


@SPOTS
def test_the_other_things_that_happen_to_an_invitation(spots: int) -> None:
    session = open_session(spots)
    first, second = invited(session).invitation, invited(session).invitation
    token, own = invitation_token(first), named(session, first.id)
    for most, do in (
        (2, lambda: live_claim_view(token, now=NOW)),
        (4, lambda: resend(ORG, own, rotate=False, now=NOW)),  # One reads whether the address can be reached, for what the page promises.
        (4, lambda: decline(invitation_token(second), now=NOW)),
        (7, lambda: revive(ORG, named(session, second.id), ReviveInput(), by="staff", key="k", now=NOW)),
    ):
        with counted() as counts:
            do()
        assert counts.total() <= most, counts


@SPOTS
def test_removing_takes_four_at_most(spots: int) -> None:
    session = open_session(spots)
    own = named(session, registered(session).registration.id)
    with counted() as counts:
        remove_registration(ORG, own, by="staff", now=NOW)
    assert counts.total() <= 4, counts


def test_another_size_takes_three() -> None:
    session = open_session(10)
    with counted() as counts:
        resized(session, 100)
    assert counts == {"Query": 2, "TransactWriteItems": 1}


def test_a_session_takes_one_query_and_a_page_of_them_three_requests() -> None:
    for _ in range(5):
        session = open_session(120)
    with counted() as counts:
        read_session(ORG, session, now=NOW)
    assert counts == {"Query": 1}
    list_sessions(ORG, now=NOW, limit=1)
    with counted() as counts:
        list_sessions(ORG, now=NOW, limit=50)
    assert counts == {"Query": 1, "BatchGetItem": 2}


@pytest.mark.parametrize("read", [read_roster, read_capacity])
def test_a_roster_of_five_hundred_takes_one_query(read: Any) -> None:
    session = open_session(10)
    fill(session, 500)
    with counted() as counts:
        read(ORG, session, now=NOW)
    assert counts == {"Query": 1}


def test_a_roster_of_two_and_a_half_megabytes_takes_three_queries() -> None:
    session = open_session(10)
    fill(session, 1000, answer="x" * 2200)
    with counted() as counts:
        read_roster(ORG, session, now=NOW)
    assert counts == {"Query": 3}


def fill(session: str, people: int, *, answer: str = "") -> None:
    """Write this number of registrations in stored form."""
    one = replace(registered(session).registration, answers=(("q1", answer),))
    rows = [registration_item(replace(one, id=f"row{number:05}")) for number in range(people)]
    for first in range(0, people, 25):
        requests: Any = {"rollbook-test-rosters": [{"PutRequest": {"Item": row}} for row in rows[first : first + 25]]}
        clients.dynamodb().batch_write_item(RequestItems=requests)


@SPOTS
def test_booking_with_a_code_takes_four(spots: int) -> None:
    session = open_session(spots)
    for code in [made.code for made in batch(price(contract(), session), 3).codes]:
        with counted() as counts:
            booked(session, code)
        assert counts == {"BatchGetItem": 1, "UpdateItem": 2, "TransactWriteItems": 1}


def test_looking_a_code_up_takes_two() -> None:
    code = code_for(open_session(10))
    with counted() as counts:
        codes.look_up(ORG, code, source="192.0.2.1", now=NOW)
    assert counts == {"BatchGetItem": 1, "GetItem": 1}, "the session that it books is read too"


def test_a_thousand_codes_take_twelve() -> None:
    at = price(contract(), tag="health")
    with counted() as counts:
        assert len(batch(at, 1000).codes) == 1000
    assert counts == {"BatchGetItem": 1, "TransactWriteItems": 11}


def test_inviting_customers_to_the_portal_takes_little_more_than_two_each() -> None:
    """P1 for the job, its reads included; and the dry run before it."""
    organisations.create(ORG, "Studio", now=NOW)
    invitees(300)
    with counted() as counts:
        assert len(portal_invitations.check_audience(ORG, Audience(), now=NOW).recipients) == 300
    assert counts.total() <= 4, counts
    with counted() as counts:
        job = portal_invitations.invite_audience(ORG, Audience(), CustomTextInput(), by="staff", key="k", now=NOW)
        while jobs.read_job(ORG, job).open:
            jobs.run_step(ORG, job, WORK, now=NOW)
    rung = 1
    assert counts["PutItem"] - rung == counts["UpdateItem"] - 3 == 300
    assert counts.total() <= 2.12 * 300, "with two reads for each step: whether the organisation is suspended, and how its e-mails fare"


def invitees(number: int) -> None:
    """Write this number of customers in stored form."""
    people = [Customer(ORG, f"c{index}", f"{index}@example.org", f"Customer {index}", NOW) for index in range(number)]
    rows = [row for one in people for row in (customer_item(one), {**keys.address(ORG, one.email).stored(), "customer": stored(one.id)})]
    for first in range(0, len(rows), 25):
        wanted: Any = {"rollbook-test-records": [{"PutRequest": {"Item": row}} for row in rows[first : first + 25]]}
        clients.dynamodb().batch_write_item(RequestItems=wanted)


def test_waiting_takes_three_and_an_offer_nine() -> None:
    """An offer is rare, and made behind the scenes: it looks, makes it, and looks again whether anything is left."""
    session = open_session(1)
    registration = registered(session).registration.id
    with counted() as counts:
        waitlist.join(ORG, session, JoinInput(email="w@example.org", name="W"), locale="en", key="w", now=NOW)
    assert counts == {"BatchGetItem": 2, "TransactWriteItems": 1}
    remove_registration(ORG, named(session, registration), by="owner", now=NOW)
    with counted() as counts:
        assert waitlist.advance(ORG, session, now=NOW) == 1
    assert counts == {"Query": 4, "GetItem": 2, "BatchGetItem": 2, "TransactWriteItems": 1}


def test_a_stranger_who_waits_takes_four() -> None:
    """What is counted of a stranger is one transaction: client, mailbox, domain and two counts of e-mails."""
    session = open_session(1)
    registered(session)
    for number in range(3):
        draft = JoinInput(email=f"w{number}@example.org", name="W")
        with counted() as counts:
            waitlist.join(ORG, session, draft, locale="en", key=draft.email, source="192.0.2.1", now=NOW)
        assert counts == {"BatchGetItem": 2, "TransactWriteItems": 2}


def test_many_offers_take_one_transaction_each_and_few_reads() -> None:
    """One transaction holds the spots, writes the offer and queues its e-mail; the addresses are read together."""
    session, spots = open_session(60), 60
    taken = [registered(session).registration.id for _ in range(spots)]
    for number in range(spots):
        draft = JoinInput(email=f"w{number}@example.org", name="W")
        waitlist.join(ORG, session, draft, locale="en", key=f"w{number}", now=NOW)
    for id in taken:
        remove_registration(ORG, named(session, id), by="owner", now=NOW)
    with counted() as counts:
        assert waitlist.advance(ORG, session, now=NOW) == spots
    assert counts["TransactWriteItems"] == spots
    assert counts.total() - spots <= 16, counts


def test_a_batch_of_records_advances_a_waitlist_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session, looks = open_session(3), Counter[str]()
    taken = [registered(session).registration.id for _ in range(3)]
    waitlist.join(ORG, session, JoinInput(email="w@example.org", name="W", spots=3), locale="en", key="w", now=NOW)

    def look(org: str, of: str, *, now: datetime) -> int:
        looks[of] += 1
        return waitlist.advance(org, of, now=now)

    monkeypatch.setattr(stream_batch, "advance", look)
    records = [_freed(session, id) for id in taken]
    waitlists = waitlist.Waitlists()
    for record in records:
        rosters.react(record, now=NOW, waitlists=waitlists)
    assert looks == {session: 1}
    assert [entry.status for entry in entries.list_entries(ORG, session)] == ["offered"], "the first look finds what all of them freed"
    for record in records:
        rosters.react(record, now=NOW)
    assert looks == {session: 4}, "records of batches of their own"


def _freed(session: str, registration: str) -> RecordChange:
    """Remove a registration, and return the record of the ledger."""
    table, key = "rollbook-test-rosters", keys.chunk(ORG, session, 0)
    before = dynamodb.get(table, key)
    remove_registration(ORG, named(session, registration), by="owner", now=NOW)
    return RecordChange(before, dynamodb.get(table, key))


def test_a_discount_code_is_read_once() -> None:
    session = open_session(10)
    discounts.create_discount(ORG, DiscountInput(code="SPRING", kind="percent", value=10), key="spring", now=NOW)
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Ana")], discount_code="spring")
    with counted() as counts:
        public_registration.register(ORG, session, draft, locale="en", key="ana", source="192.0.2.1", now=NOW)
    assert counts == {"BatchGetItem": 2, "TransactWriteItems": 1, "UpdateItem": 3}, "two of them count the client and the mailbox"
    with counted() as counts:
        public_registration.quote(ORG, session, QuoteInput(discount_code="spring"), source="192.0.2.1", now=NOW)
    assert counts == {"BatchGetItem": 2}


def test_a_discount_code_with_a_limit_takes_one_query_more_once_its_uses_are_allotted() -> None:
    session = open_session(10)
    discounts.create_discount(ORG, DiscountInput(code="FEW", kind="percent", value=10, max_uses=100), key="few", now=NOW)
    found = []
    for name in ("Ana", "Ben"):
        person = {"email": f"{name}@example.org", "name": name, "participants": [ParticipantInput(name=name)]}
        draft = RegistrationInput(**person, discount_code="few")
        with counted() as counts:
            public_registration.register(ORG, session, draft, locale="en", key=name, source="192.0.2.1", now=NOW)
        found.append(dict(counts))
    booked_later = {"BatchGetItem": 2, "Query": 1, "TransactWriteItems": 1, "UpdateItem": 3}
    assert found == [{**booked_later, "Query": 2, "GetItem": 1, "TransactWriteItems": 2}, booked_later]
