"""P1: how many requests each operation asks of DynamoDB. A number that grows is a decision, not an accident.

Here are sessions and invitations; other concepts have a module of this name in their folders.
"""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.events.jobs import WORK
from chalicelib.operations import bulk_invitations, jobs
from chalicelib.operations.invitations import cancel_invitation, decline, live_claim_view, resend, revive
from chalicelib.operations.links import invitation_token
from chalicelib.operations.sessions import list_sessions, read_capacity, read_roster, read_session
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.tables.registrations.rows import registration_item
from tests.live.ledger.scenario import NOW, ORG, accepted, invited, named, open_session, registered, resized
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
