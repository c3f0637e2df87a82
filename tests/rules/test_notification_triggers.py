"""The changes that notify staff, and those that do not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.rules import jobs
from chalicelib.rules.invitations import Claimant
from chalicelib.rules.jobs import Failure, Job
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.notification_triggers import of_entry, of_invitation, of_job, of_ledger, of_registration, took_last_spots
from chalicelib.rules.waitlist import WaitlistEntry
from tests.samples import INVITATION, NOW, REGISTRATION

BOOKED = replace(REGISTRATION, source="public", invitation="")
CONFIRMED = replace(BOOKED, confirmed_at=NOW)
BOB = Claimant("bob@example.org", "Bob", ("Kim",), "t1", {}, "en", NOW)
WITH_CLAIMANT = replace(INVITATION, claimant=BOB)
ACCEPTED = replace(INVITATION, registration="r1", accepted_by="ana@example.org")
HELD = Hold(spots=2, state="held", nonce="one", expires_at=int((NOW + timedelta(hours=1)).timestamp()))
BOOKING = HELD._replace(expires_at=int((NOW + timedelta(minutes=2)).timestamp()))
TAKEN = HELD._replace(state="taken", expires_at=None)


def kinds(rings: Any) -> list[str]:
    return [ring.kind for ring in rings]


@pytest.mark.parametrize(
    ("old", "new", "rings"),
    [
        (BOOKED, CONFIRMED, True),
        (None, CONFIRMED, True),
        (BOOKED, replace(CONFIRMED, source="code"), True),
        (BOOKED, replace(CONFIRMED, source="staff"), False),
        (BOOKED, replace(CONFIRMED, source="invitation"), False),
        (BOOKED, BOOKED, False),
        (CONFIRMED, replace(CONFIRMED, billing="paid"), False),
        (BOOKED, replace(CONFIRMED, moved_from="s0-r0"), False),
        (BOOKED, replace(CONFIRMED, removed_at=NOW), False),
    ],
)
def test_who_registers_by_themselves_rings(old: Any, new: Any, rings: bool) -> None:
    assert kinds(of_registration(old, new)) == ["registered"] * rings


@pytest.mark.parametrize(
    ("old", "new", "rings"),
    [
        (INVITATION, ACCEPTED, ["accepted"]),
        (replace(INVITATION, forwarding="open"), replace(ACCEPTED, accepted_by="bob@example.org"), ["accepted"]),
        (WITH_CLAIMANT, replace(ACCEPTED, accepted_by="Bob@example.org"), []),
        (WITH_CLAIMANT, ACCEPTED, ["accepted"]),
        (ACCEPTED, ACCEPTED, []),
        (INVITATION, replace(INVITATION, ended="declined"), ["declined"]),
        (INVITATION, replace(INVITATION, ended="cancelled"), []),
        (INVITATION, replace(INVITATION, ended="expired"), []),
        (INVITATION, WITH_CLAIMANT, ["waiting_for_approval"]),
        (WITH_CLAIMANT, replace(WITH_CLAIMANT, claimant=replace(BOB, asked_at=NOW + timedelta(hours=1))), []),
        (WITH_CLAIMANT, replace(WITH_CLAIMANT, claimant=replace(BOB, email="eve@example.org")), ["waiting_for_approval"]),
        (None, INVITATION, []),
        (INVITATION, replace(INVITATION, sends=2), []),
    ],
)
def test_what_people_do_with_an_invitation_rings_and_what_staff_do_does_not(old: Any, new: Any, rings: list[str]) -> None:
    assert kinds(of_invitation(old, new)) == rings


def test_who_joins_a_waitlist_rings_unless_staff_put_them_there() -> None:
    entry = WaitlistEntry("demo", "s1", "e1", "ana@example.org", "Ana", 2, 1, NOW, "en")
    assert kinds(of_entry(None, entry)) == ["waitlist_joined"]
    assert kinds(of_entry(None, replace(entry, by_staff=True))) == []
    assert kinds(of_entry(entry, replace(entry, status="offered"))) == []


def test_another_life_of_an_invitation_rings_anew() -> None:
    declined = replace(INVITATION, ended="declined")
    (first,), (second,) = of_invitation(INVITATION, declined), of_invitation(INVITATION, replace(declined, nonce="revived"))
    assert first.key != second.key


@pytest.mark.parametrize(
    ("kind", "status", "total", "failures", "rings"),
    [
        ("import", "done", 1, (), ["job_done"]),
        ("import", "running", 1, (), []),
        ("codes", "failed", 9, (), ["job_failed"]),
        ("mailing", "done", 2, (Failure("x", "gone"),), ["job_done"]),
        ("portal_invitations", "done", 1, (), []),
        ("erase", "done", 9, (), []),
        ("group", "done", 9, (), []),
    ],
)
def test_long_work_that_staff_wait_for_rings(
    kind: jobs.JobKind, status: jobs.JobStatus, total: int, failures: Any, rings: list[str]
) -> None:
    job = Job("demo", "j1", kind, total, "owner", NOW, NOW, status=status, failures=failures)
    found = list(of_job(job))
    assert kinds(found) == rings
    assert all(("failures" in ring.about) == bool(failures) for ring in found)


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ({}, {"a": TAKEN}, True),
        ({"a": HELD}, {"a": TAKEN}, True),
        ({"b": HELD}, {"a": TAKEN, "b": HELD}, True),
        ({}, {"a": HELD}, False),
        ({"a": TAKEN}, {"a": TAKEN._replace(spots=3)}, False),
        ({"a": TAKEN}, {}, False),
        ({}, {"a": TAKEN._replace(extra=2)}, False),
        ({"a": HELD}, {"a": TAKEN._replace(registration="r1")}, True),
        ({"a": HELD, "b": HELD}, {"a": TAKEN._replace(registration="r1"), "b": HELD}, False),
        ({"a": BOOKING, "b": BOOKING}, {"a": TAKEN, "b": BOOKING}, False),
        ({"a": TAKEN, "b": BOOKING}, {"a": TAKEN, "b": TAKEN}, True),
        ({"b": BOOKING}, {"a": TAKEN, "b": BOOKING}, False),
    ],
)
def test_a_session_sells_out_by_a_registration_or_the_last_acceptance(old: Any, new: Any, may: bool) -> None:
    before, after = chunk(old), chunk(new)
    assert bool(took_last_spots(before, after, NOW)) is may
    assert not took_last_spots(before, replace(after, cap=after.cap + 1, spots=1), NOW)


def chunk(holds: dict[str, Hold], number: int = 0) -> Chunk:
    """Return a full chunk with these holds."""
    return Chunk(number, sum(hold.freed for hold in holds.values()), 0, sum(hold.extra for hold in holds.values()), holds)


def test_a_session_is_sold_out_when_no_chunk_has_a_free_spot() -> None:
    full, other = chunk({"a": TAKEN}), Chunk(1, 4, 2, 0, {"b": TAKEN})
    assert kinds(of_ledger("s1", [full], NOW)) == ["sold_out"]
    assert kinds(of_ledger("s1", [full, other], NOW)) == []
    run_out = chunk({"b": HELD}, 1)
    assert kinds(of_ledger("s1", [full, run_out], NOW)) == ["sold_out"]
    assert kinds(of_ledger("s1", [full, run_out], NOW + timedelta(days=1))) == []


def test_two_chunks_that_fill_at_once_ring_once_and_other_people_ring_again() -> None:
    one, other = chunk({"a": TAKEN}), chunk({"b": TAKEN}, 1)
    (first,), (second,) = of_ledger("s1", [one, other], NOW), of_ledger("s1", [other, one], NOW)
    assert first == second
    (again,) = of_ledger("s1", [one, chunk({"c": TAKEN}, 1)], NOW)
    assert again.key != first.key
