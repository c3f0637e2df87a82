"""Inviting many to one session: all spots held or none, nobody twice, whatever crashes."""

import random
from collections import Counter
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from chalicelib.operations import bulk_invitations, jobs
from chalicelib.operations.discounts import create_discount
from chalicelib.operations.invitations import cancel_invitation
from chalicelib.operations.reconcile import reconcile_session
from chalicelib.operations.sessions import cancel_session, read_capacity, read_roster
from chalicelib.rules import jobs as rules
from chalicelib.rules.bulk_invitations import NotEnoughSpots
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.jobs import Job
from chalicelib.rules.ledger import TooManyExtras
from chalicelib.tables import jobs as jobs_table
from chalicelib.tables import ledger, organisations
from tests.live.ledger.scenario import NOW, ORG, assert_lawful, chunks_of, holds_of, invited, later, open_session, registered, spots_of
from tests.operations.faults import inject_crashes
from tests.operations.jobs.test_run import DiesOnce
from tests.operations.simulated_aws import Crashes
from tests.operations.simulated_queue import Sqs, Worker

PEOPLE = [f"guest{number}@example.org" for number in range(5)]
STEPS = ["row", "spots", "progress", "queue", "release"]


@pytest.fixture(autouse=True)
def _small_slices(tables: None, sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SLICE", 2)


@pytest.fixture
def now() -> datetime:
    return NOW


def draft(emails: list[str] | None = None, **more: Any) -> BulkInvitationInput:
    source = {} if {"group", "session", "csv"} & more.keys() else {"emails": emails or PEOPLE}
    return BulkInvitationInput.model_validate({**source, **more})


def start(target: str, emails: list[str] | None = None, *, key: str = "k", **more: Any) -> str:
    return bulk_invitations.invite_many(ORG, target, draft(emails, **more), by="manager@studio.test", key=key, now=NOW)


def ended(job: str) -> Job:
    return jobs.read_job(ORG, job)


def held(session: str, now: datetime = NOW) -> Counter[str]:
    """Return the spots that each invited address holds."""
    views = read_roster(ORG, session, now=now).invitations
    return Counter({view.invitation.email: view.held for view in views if view.is_live})


def check_settled(session: str) -> None:
    """Check that the ledger is sound and nothing is left of a reservation."""
    assert_lawful(session)
    assert [id for id in holds_of(session) if id.startswith("job-")] == []
    assert reconcile_session(ORG, session, now=later(minutes=10), repair=False) == []


def test_all_spots_are_held_at_once_and_then_handed_over(worker: Worker) -> None:
    session = open_session(6)
    job = start(session)
    assert (spots_of(session).held, spots_of(session).free, held(session)) == (5, 1, {})
    (holder,) = read_capacity(ORG, session, now=NOW)[1]
    assert (holder.why, holder.spots) == ("invitations", 5)
    assert reconcile_session(ORG, session, now=NOW, repair=True) == [], "a reservation is no drift"
    worker.work()
    assert held(session) == dict.fromkeys(PEOPLE, 1)
    assert (ended(job).status, ended(job).done, ended(job).failures) == ("done", 5, ())
    assert {one.invitation.invited_by for one in read_roster(ORG, session, now=NOW).invitations} == {"manager@studio.test"}
    check_settled(session)


def test_with_too_little_room_for_all_nobody_is_invited(worker: Worker) -> None:
    session = open_session(4)
    with pytest.raises(NotEnoughSpots) as refused:
        start(session)
    assert (refused.value.code, refused.value.data()) == ("session_full", {"free": 4, "wanted": 5})
    worker.work()
    assert (spots_of(session).free, holds_of(session)) == (4, {})


def test_in_order_as_many_are_invited_as_have_room(worker: Worker) -> None:
    session = open_session(5)
    job = start(session, mode="in_order", party_size=2)
    assert spots_of(session).free == 1
    worker.work()
    assert held(session) == {PEOPLE[0]: 2, PEOPLE[1]: 2}
    assert ended(job).failures == tuple((email, "no_room") for email in PEOPLE[2:])
    check_settled(session)


def test_in_order_without_any_room_is_refused() -> None:
    with pytest.raises(NotEnoughSpots):
        start(open_session(1), mode="in_order", party_size=2)


def test_parties_find_room_that_is_spread_over_chunks(worker: Worker) -> None:
    session = open_session(120)
    for _ in range(100):
        registered(session)
    start(session, [f"p{number}@example.org" for number in range(4)], party_size=5)
    assert spots_of(session).free == 0
    worker.work()
    assert sum(held(session).values()) == 20
    check_settled(session)


def test_confirmed_extras_make_up_for_missing_spots(worker: Worker) -> None:
    session = open_session(3)
    start(session, confirm_over_capacity=True)
    worker.work()
    assert held(session) == dict.fromkeys(PEOPLE, 1)
    assert (spots_of(session).extra, spots_of(session).free) == (2, 0)
    check_settled(session)
    with pytest.raises(TooManyExtras):
        start(session, [f"more{number}@example.org" for number in range(49)], key="more", confirm_over_capacity=True)


def test_a_preview_changes_nothing_and_says_who_fits_and_who_is_skipped() -> None:
    session = open_session(6)
    invited(session, PEOPLE[0])
    registered(session, PEOPLE[1])
    organisations.set_unsubscribed(ORG, PEOPLE[2], unsubscribed=True, now=NOW)
    before = chunks_of(session)
    shown = bulk_invitations.preview(ORG, session, draft([*PEOPLE, PEOPLE[4].upper(), "x"], party_size=3), now=NOW)
    assert (shown.choice.recipients, shown.fits, shown.needed, shown.free) == (PEOPLE[3:], 1, 6, 4)
    assert shown.choice.reasons == {"already_invited": 1, "already_registered": 1, "unsubscribed": 1, "doubled": 1, "not_an_address": 1}
    assert chunks_of(session) == before


def test_last_terms_roster_is_invited_in_its_order(worker: Worker) -> None:
    last, session = open_session(5), open_session(5)
    for number, email in enumerate([PEOPLE[2], PEOPLE[0], PEOPLE[2]]):
        registered(last, email, names=(f"Child {number}",), now=later(minutes=number))
    start(session, session=last, mode="in_order")
    worker.work()
    assert list(jobs_table.stored_items(ended(jobs.list_jobs(ORG, limit=1).items[0].id), 0, 9)) == [PEOPLE[2], PEOPLE[0]]
    assert held(session) == {PEOPLE[0]: 1, PEOPLE[2]: 1}


def test_a_retry_with_the_same_key_is_the_same_job(worker: Worker) -> None:
    session = open_session(20)
    job = start(session)
    assert start(session) == job
    worker.work()
    assert start(session) == job
    worker.work()
    assert spots_of(session).held == 5
    assert start(session, key="other") != job
    assert spots_of(session).held == 5, "everybody is invited already"


def test_who_was_invited_meanwhile_is_left_out_and_the_spot_is_free_again(worker: Worker) -> None:
    session = open_session(6)
    job = start(session)
    invited(session, PEOPLE[3])
    worker.work()
    assert held(session) == dict.fromkeys(PEOPLE, 1)
    assert ended(job).failures == ((PEOPLE[3], "already_invited"),)
    assert spots_of(session).free == 1
    check_settled(session)


def test_an_ended_invitation_is_replaced(worker: Worker) -> None:
    session = open_session(6)
    cancel_invitation(ORG, invited(session, PEOPLE[0]).invitation.public_id, by="staff", now=NOW)
    job = start(session)
    worker.work()
    assert ended(job).failures == ()
    assert held(session) == dict.fromkeys(PEOPLE, 1)


def test_a_session_that_is_cancelled_meanwhile_gets_no_more_invitations(worker: Worker) -> None:
    session = open_session(6)
    job = start(session)
    worker.deliver(worker.sqs.waiting.pop(0))
    cancel_session(ORG, session, CancelInput(), by="staff", now=NOW)
    worker.work()
    assert [reason for _, reason in ended(job).failures] == ["session_cancelled"] * 3
    assert (held(session), holds_of(session)) == ({}, {})


def test_each_invitation_has_its_use_of_the_discount_code(worker: Worker) -> None:
    session = open_session(6)
    code = DiscountInput.model_validate({"code": "SPRING", "kind": "percent", "value": 10, "max_uses": 3})
    create_discount(ORG, code, key="d", now=NOW)
    job = start(session, discount_code="spring")
    worker.work()
    assert ended(job).failures == tuple((email, "discount_used_up") for email in PEOPLE[3:])
    assert {view.invitation.discount_code for view in read_roster(ORG, session, now=NOW).invitations} == {"SPRING"}
    check_settled(session)


def test_a_reservation_that_was_not_used_within_a_day_is_free_again() -> None:
    session = open_session(5)
    start(session)
    assert spots_of(session, later(hours=24)).free == 0
    assert spots_of(session, later(hours=25, minutes=1)).free == 5
    registered(session, now=later(hours=26))
    assert_lawful(session)


def steps_at_risk(monkeypatch: pytest.MonkeyPatch, crashes: Crashes, sqs: Sqs) -> None:
    writes = import_module("chalicelib.operations.invitations.write")
    steps = {
        "row": (writes.invitations, "write"),
        "spots": (ledger, "claim_reserved"),
        "progress": (jobs_table, "save"),
        "queue": (sqs, "send_message"),
        "release": (ledger, "release_reservation"),
    }
    inject_crashes(monkeypatch, crashes, steps)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("step", [f"{side} {step}" for step in STEPS for side in ("before", "after")])
def test_dying_anywhere_invites_each_once(worker: Worker, monkeypatch: pytest.MonkeyPatch, step: str, nth: int) -> None:
    session = open_session(6)
    job = start(session)
    crashes = DiesOnce(step, nth)
    with monkeypatch.context() as patch:
        steps_at_risk(patch, crashes, worker.sqs)
        worker.work()
    assert crashes.deaths == [step] or ("release" in step and nth == 2)
    assert held(session) == dict.fromkeys(PEOPLE, 1)
    assert (ended(job).status, ended(job).failures) == ("done", ())
    check_settled(session)


def test_steps_that_die_and_come_again_all_the_time_invite_each_once(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(6)
    job = start(session)
    crashes = Crashes(0.1, random.Random(3))
    worker.dice, worker.repeats = random.Random(3), 0.4
    with monkeypatch.context() as patch:
        steps_at_risk(patch, crashes, worker.sqs)
        worker.work()
    while ended(job).open:
        jobs.resume_stalled(ORG, now=NOW + timedelta(minutes=11))
        worker.work()
    assert crashes.deaths
    assert held(session) == dict.fromkeys(PEOPLE, 1)
    check_settled(session)
