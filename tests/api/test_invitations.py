"""Invitations in the hands of staff: made, sent again, cancelled, revived, approved; and what each of that does to spots."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.web.refusals import status_of
from tests import refusals
from tests.api.bodies import claim_of, in_days, session_body
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, stream_follows, sweep_now
from tests.http import Response, call

Later = Callable[..., Any]
TWO_TIERS = [{"name": name, "price": {"amount": amount, "currency": "EUR"}} for name, amount in (("Child", 1250), ("Adult", 2000))]


def refused(response: Response, code: str) -> None:
    assert response.json["code"] == code, response.text
    assert response.status in {status_of(kind) for kind in refusals.every() if kind.code == code}


def test_an_invitation_never_outlives_the_start_of_the_last_meeting(demo: Office) -> None:
    meetings = [{"starts_at": in_days(day), "ends_at": in_days(day + 0.1)} for day in (2, 5)]
    session = demo.session(meetings=meetings)
    last = demo.read(session)["meetings"][-1]["starts_at"]
    for body in ({"expires_at": in_days(30)}, {"expires_at": "9998-12-31T00:00:00Z"}, {}):
        assert demo.invite(session, **body)["expires_at"] == last
    soon = in_days(1)
    assert demo.invite(session, expires_at=soon)["expires_at"] == soon


def test_the_default_expiry_is_the_organisations(demo: Office) -> None:
    session = demo.session(meetings=[{"starts_at": in_days(90), "ends_at": in_days(90.1)}])
    assert abs(_days_ahead(demo.invite(session)["expires_at"]) - 7) < 0.01
    demo.call("PATCH", "", {"invitation_days": 30}, by="owner")
    assert abs(_days_ahead(demo.invite(session)["expires_at"]) - 30) < 0.01
    demo.call("PATCH", "", {"invitation_days": 7}, by="owner")


@pytest.mark.parametrize("days", [-1, -0.00002, 0])
def test_an_expiry_in_the_past_is_refused(demo: Office, days: float) -> None:
    session, ended = demo.session(), demo.ended()
    with nothing_stored():
        refused(demo.ask(session, expires_at=in_days(days)), "expires_in_the_past")
        refused(demo.act(ended, "revive", {"expires_at": in_days(days)}), "expires_in_the_past")


def test_an_ended_session_takes_no_invitation(demo: Office, later: Later) -> None:
    past = demo.session(meetings=[{"starts_at": in_days(-2), "ends_at": in_days(-1)}])
    begun = demo.session(meetings=[{"starts_at": in_days(-0.1), "ends_at": in_days(1)}])
    with nothing_stored():
        refused(demo.ask(past), "session_past")
        refused(demo.ask(begun), "session_past")
        refused(demo.ask("nothing-there"), "not_found")
    invitation = demo.invite()
    demo.act(invitation, "cancel")
    with later(days=11), nothing_stored():
        refused(demo.act(invitation, "revive", {}), "session_past")


def test_a_party_takes_as_many_spots_as_it_has_or_none(demo: Office) -> None:
    session = demo.session(spots_total=3)
    with nothing_stored():
        full = demo.ask(session, party_size=4)
    refused(full, "session_full")
    assert (full.json["free"], full.json["wanted"]) == (3, 4)
    extra = demo.invite(session, party_size=4, confirm_over_capacity=True)
    assert (extra["spots_held"], extra["extra"]) == (4, 4)
    assert demo.spots(session) == {"total": 3, "taken": 0, "held": 4, "extra": 4, "free": 3}
    demo.invite(session, party_size=3)
    assert demo.spots(session)["free"] == 0


def test_confirming_where_there_is_room_makes_no_extra(demo: Office) -> None:
    session = demo.session(spots_total=3)
    assert demo.invite(session, party_size=3, confirm_over_capacity=True)["extra"] == 0


def test_a_session_takes_at_most_fifty_extra_spots(demo: Office) -> None:
    session = demo.session(spots_total=0)
    demo.invite(session, party_size=50, confirm_over_capacity=True)
    with nothing_stored():
        refused(demo.ask(session, confirm_over_capacity=True), "too_many_extras")


def test_an_extra_goes_with_its_invitation_and_stays_when_kept(demo: Office) -> None:
    session = demo.session(spots_total=1)
    demo.register(session)
    extra, kept = (demo.invite(session, confirm_over_capacity=True) for _ in range(2))
    kept_now = demo.call("POST", f"/sessions/{session}/extras/keep", {"thing": kept["id"]})
    assert (kept_now.status, kept_now.json["spots"]) == (200, {"total": 2, "taken": 1, "held": 2, "extra": 1, "free": 0})
    with nothing_stored():
        assert demo.call("POST", f"/sessions/{session}/extras/keep", {"thing": kept["id"]}).json == kept_now.json
    demo.act(extra, "cancel")
    assert demo.spots(session) == {"total": 2, "taken": 1, "held": 1, "extra": 0, "free": 0}
    demo.act(kept, "cancel")
    assert demo.spots(session) == {"total": 2, "taken": 1, "held": 0, "extra": 0, "free": 1}


def test_an_unknown_tier_is_refused_and_a_known_one_fixes_its_price(demo: Office) -> None:
    session = demo.session(tiers=TWO_TIERS)
    with nothing_stored():
        refused(demo.ask(session, tier="t9"), "unknown_tier")
    invitation = demo.invite(session, tier="t2", party_size=2)
    assert (invitation["tier"], invitation["price"]) == ("t2", {"amount": 2000, "currency": "EUR"})
    assert demo.edit(session, tiers=[{**TWO_TIERS[0], "price": {"amount": 1, "currency": "EUR"}}]).status == 200
    terms = call("GET", claim_of(invitation)).json["terms"]
    assert (terms["price"]["amount"], terms["total"]["amount"]) == (2000, 4000)
    accepted = demo.accept(invitation, "", "Kim", "Lee")
    assert (accepted.status, accepted.json["tier"], accepted.json["price"]["amount"]) == (201, "t2", 2000)


def test_cancelling_is_idempotent(demo: Office) -> None:
    session = demo.session()
    invitation = demo.invite(session, party_size=2)
    first = demo.act(invitation, "cancel")
    assert (first.status, first.json["status"], first.json["spots_held"], first.json["link"]) == (200, "cancelled", 0, None)
    with nothing_stored():
        second = demo.act(invitation, "cancel")
    assert (second.status, second.json) == (200, first.json)
    assert demo.spots(session)["free"] == 5


def test_an_ended_invitation_is_not_resent(demo: Office, later: Later) -> None:
    session = demo.session()
    cancelled, accepted, expired, declined = (demo.invite(session) for _ in range(4))
    demo.act(cancelled, "cancel")
    demo.accept(accepted)
    call("POST", claim_of(declined) + "/decline")
    with later(days=8), nothing_stored():
        for invitation in (cancelled, expired, declined):
            refused(demo.act(invitation, "resend", {}), "not_pending")
        refused(demo.act(accepted, "resend", {"rotate": True}), "already_accepted")


def test_the_sixth_resend_within_the_hour_is_throttled(demo: Office, later: Later) -> None:
    invitation = demo.invite()
    for _ in range(5):
        assert demo.act(invitation, "resend", {}).status == 200
    with nothing_stored():
        stopped = demo.act(invitation, "resend", {})
    refused(stopped, "too_many_requests")
    assert 3500 < int(stopped.headers["retry-after"]) <= 3600
    with later(hours=1, seconds=1):
        assert demo.act(invitation, "resend", {}).json["sends"] == 7


def test_only_an_ended_and_unused_invitation_is_revived(demo: Office) -> None:
    pending, waiting, accepted = demo.invite(), demo.waiting(), demo.invite()
    demo.accept(accepted)
    with nothing_stored():
        refused(demo.act(pending, "revive", {}), "not_over")
        refused(demo.act(waiting, "revive", {}), "not_over")
        refused(demo.act(accepted, "revive", {}), "already_accepted")
    stream_follows(demo, accepted["session"])
    demo.call("DELETE", f"/registrations/{demo.roster(accepted['session'])['registrations'][0]['id']}")
    refused(demo.act(accepted, "revive", {}), "already_accepted")
    assert demo.look(accepted)["status"] == "accepted"


@pytest.mark.parametrize("end", ["cancel", "decline", "expire", "sweep"])
def test_a_revived_invitation_keeps_its_link_party_and_price(demo: Office, later: Later, end: str) -> None:
    session = demo.session(spots_total=2)
    invitation = demo.invite(session, party_size=2)
    with later(days=8 if end in {"expire", "sweep"} else 0):
        if end == "cancel":
            demo.act(invitation, "cancel")
        if end == "decline":
            call("POST", claim_of(invitation) + "/decline")
        if end == "sweep":
            assert sweep_now(demo) >= 1
        assert demo.spots(session)["free"] == 2
        revived = demo.act(invitation, "revive", {})
        assert (revived.status, revived.json["status"], revived.json["spots_held"]) == (200, "pending", 2)
        assert (revived.json["link"], revived.json["price"]) == (invitation["link"], invitation["price"])
        assert demo.spots(session) == {"total": 2, "taken": 0, "held": 2, "extra": 0, "free": 0}
        assert demo.accept(invitation).status == 201


def test_reviving_needs_free_spots_like_inviting(demo: Office) -> None:
    session = demo.session(spots_total=1)
    invitation = demo.invite(session)
    demo.act(invitation, "cancel")
    demo.register(session)
    refused(demo.act(invitation, "revive", {}), "session_full")
    assert demo.look(invitation)["status"] == "cancelled"
    extra = demo.act(invitation, "revive", {"confirm_over_capacity": True})
    assert (extra.status, extra.json["extra"]) == (200, 1)
    assert demo.spots(session) == {"total": 1, "taken": 1, "held": 1, "extra": 1, "free": 0}


def test_an_address_has_one_live_invitation_to_a_session(demo: Office, later: Later) -> None:
    session, other = demo.session(), demo.session()
    first = demo.invite(session, "ana@demo.test")
    demo.invite(other, "ana@demo.test")
    again = demo.ask(session, " ANA@Demo.test ")
    refused(again, "already_invited")
    assert again.json["invitation"] == first["id"]
    demo.act(first, "cancel")
    second = demo.invite(session, "ana@demo.test")
    conflict = demo.act(first, "revive", {})
    refused(conflict, "already_invited")
    assert conflict.json["invitation"] == second["id"]
    with later(days=8):
        third = demo.invite(session, "ana@demo.test")
        refused(demo.act(second, "revive", {}), "already_invited")
        demo.accept(third)
        assert demo.ask(session, "ana@demo.test").status == 201


def test_approving_and_rejecting_without_a_waiting_claimant(demo: Office) -> None:
    pending, cancelled, rejected = demo.invite(forwarding="approve"), demo.ended(), demo.waiting()
    demo.act(rejected, "reject")
    with nothing_stored():
        for verb in ("approve", "reject"):
            refused(demo.act(pending, verb), "nobody_waits")
            refused(demo.act(rejected, verb), "nobody_waits")
            over = demo.act(cancelled, verb)
            assert (over.status, over.json["invitation_status"]) == (410, "cancelled")


def test_all_faults_of_an_invitation_are_reported_at_once(demo: Office) -> None:
    session = demo.session()
    with nothing_stored():
        response = demo.ask(session, "nobody", party_size=0, forwarding="maybe", tier="t 1", note="\0", colour="red", expires_at="soon")
    assert {error["field"] for error in response.json["errors"]} == {
        *("/email", "/party_size", "/forwarding", "/tier", "/note", "/colour", "/expires_at")
    }  # fmt: skip


def test_the_default_forwarding_is_the_organisations(demo: Office) -> None:
    assert demo.invite()["forwarding"] == "open"
    demo.call("PATCH", "", {"forwarding": "locked"}, by="owner")
    assert demo.invite()["forwarding"] == "locked"
    demo.call("PATCH", "", {"forwarding": "open"}, by="owner")


def test_a_session_body_is_not_an_invitation(demo: Office) -> None:
    assert demo.call("POST", f"/sessions/{demo.session()}/invitations", session_body()).status == 422


def _days_ahead(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds() / 86_400
