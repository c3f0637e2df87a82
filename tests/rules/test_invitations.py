"""An invitation's status at a moment, its expiry, who may accept it, and how often it may be resent."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.discounts import Reduction
from chalicelib.rules.invitations import (
    LIVE,
    Claimant,
    Ending,
    Forwarding,
    InvitationForOtherAddress,
    InvitationStatus,
    ResentTooOften,
    check_claimant,
    expiry,
    resends_left,
    status,
)
from chalicelib.rules.ledger import Hold
from tests.samples import INVITATION, NOW, STARTS

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
HELD = INVITATION.hold
TAKEN = HELD._replace(state="taken", expires_at=None)
ANOTHER = HELD._replace(nonce="of an earlier attempt")
BOB = Claimant("bob@example.org", "Bob", ("Kim",), "t1", {}, "en", NOW)


@pytest.mark.parametrize(
    ("what", "hold", "at", "now_is"),
    [
        pytest.param({}, HELD, NOW, "pending", id="its spots are held"),
        pytest.param({}, HELD, INVITATION.expires_at - SECOND, "pending", id="until its last second"),
        pytest.param({}, HELD, INVITATION.expires_at, "expired", id="inert at once, whatever the sweeper does"),
        pytest.param({}, None, INVITATION.expires_at, "expired", id="swept"),
        pytest.param({}, None, NOW, None, id="it never got its hold"),
        pytest.param({}, ANOTHER, NOW, None, id="the hold is another attempt's"),
        pytest.param({"claimant": BOB}, HELD, NOW, "waiting_for_approval", id="staff have yet to answer"),
        pytest.param({"claimant": BOB}, HELD, INVITATION.expires_at, "expired", id="staff did not answer in time"),
        pytest.param({"claimant": BOB}, TAKEN, NOW, "accepted", id="staff said yes"),
        pytest.param({}, TAKEN, NOW, "accepted", id="the ledger knows first"),
        pytest.param({}, TAKEN, INVITATION.expires_at + DAY, "accepted", id="accepted stays accepted"),
        pytest.param({}, TAKEN._replace(nonce="later"), NOW, None, id="spots taken by another attempt are not its own"),
        pytest.param({"registration": "r1"}, None, INVITATION.expires_at + DAY, "accepted", id="its registration was removed"),
        pytest.param({"ended": "declined"}, HELD, NOW, "declined", id="the hold is about to be freed"),
        pytest.param({"ended": "cancelled"}, None, NOW, "cancelled", id="cancelled"),
        pytest.param({"ended": "expired"}, None, NOW, "expired", id="swept and noted"),
        pytest.param({"ended": "declined"}, None, INVITATION.expires_at + DAY, "declined", id="what ended it stays, though its time is up"),
        pytest.param({"ended": "expired"}, TAKEN, NOW, "accepted", id="accepted in the moment in which it ran out"),
    ],
)
def test_the_ledger_decides_what_an_invitation_is(
    what: dict[str, Any], hold: Hold | None, at: datetime, now_is: InvitationStatus | None
) -> None:
    assert status(replace(INVITATION, **what), hold, at) == now_is


@given(
    st.sampled_from([None, *get_args(Ending)]),
    st.booleans(),
    st.sampled_from([None, HELD, TAKEN, ANOTHER]),
    st.integers(-5, 5),
)
def test_only_an_unexpired_hold_is_live(ended: Ending | None, claimed: bool, hold: Hold | None, seconds: int) -> None:
    invitation = replace(INVITATION, ended=ended, claimant=BOB if claimed else None)
    at = invitation.expires_at + timedelta(seconds=seconds)
    assert (status(invitation, hold, at) in LIVE) == (hold is HELD and ended is None and seconds < 0)


@pytest.mark.parametrize(("registration", "ended", "over"), [("", None, False), ("r1", None, True), ("", "declined", True)])
def test_it_is_over_once_it_was_answered(registration: str, ended: Ending | None, over: bool) -> None:
    assert replace(INVITATION, registration=registration, ended=ended).is_closed is over


@pytest.mark.parametrize(
    ("wanted", "days", "runs_out"),
    [
        pytest.param(None, 7, NOW + 7 * DAY, id="after the organisation's days"),
        pytest.param(NOW + HOUR, 7, NOW + HOUR, id="as staff asked"),
        pytest.param(None, 365, STARTS, id="never after the last meeting starts"),
        pytest.param(STARTS + DAY, 7, STARTS, id="not even when staff ask for it"),
        pytest.param(NOW - HOUR, 7, NOW - HOUR, id="a moment that is past stays one, to be refused"),
    ],
)
def test_when_an_invitation_runs_out(wanted: datetime | None, days: int, runs_out: datetime) -> None:
    assert expiry(wanted, days=days, last_starts_at=STARTS, now=NOW) == runs_out


@pytest.mark.parametrize(
    ("forwarding", "email", "may"),
    [
        ("open", "ana@example.org", "may"),
        ("open", "bob@example.org", "may"),
        ("approve", "ana@example.org", "may"),
        ("approve", " ANA@Example.ORG ", "may"),
        ("approve", "bob@example.org", "must_wait"),
        ("approve", "ana+kids@example.org", "must_wait"),
        ("locked", "ana@example.org", "may"),
        ("locked", "Ana@EXAMPLE.org", "may"),
        ("locked", "bob@example.org", InvitationForOtherAddress),
        ("locked", "a.na@example.org", InvitationForOtherAddress),
        ("locked", "", InvitationForOtherAddress),
    ],
)
def test_who_may_use_a_forwarded_link(forwarding: Forwarding, email: str, may: Any) -> None:
    invitation = replace(INVITATION, forwarding=forwarding)
    if may is InvitationForOtherAddress:
        with pytest.raises(InvitationForOtherAddress):
            check_claimant(invitation, email)
    else:
        assert check_claimant(invitation, email) == may


def test_an_address_on_an_international_domain_is_the_same_in_both_spellings() -> None:
    locked = replace(INVITATION, forwarding="locked", email="ana@bücher.example")
    assert check_claimant(locked, "Ana@xn--bcher-kva.example") == "may"


@pytest.mark.parametrize(
    ("minutes_ago", "left"),
    [
        pytest.param([], [], id="never sent again"),
        pytest.param([61], [], id="an hour ago is forgotten"),
        pytest.param([60], [], id="exactly an hour counts as over"),
        pytest.param([59], [59], id="just within the hour"),
        pytest.param([200, 90, 61, 40, 30, 20, 10], [40, 30, 20, 10], id="a fifth one is allowed"),
    ],
)
def test_resends_of_the_last_hour_count(minutes_ago: list[int], left: list[int]) -> None:
    sent = replace(INVITATION, sent_at=tuple(NOW - timedelta(minutes=minutes) for minutes in minutes_ago))
    assert resends_left(sent, NOW) == tuple(NOW - timedelta(minutes=minutes) for minutes in left)


@given(st.lists(st.integers(0, 3599), min_size=5, max_size=9))
def test_a_sixth_resend_may_be_tried_when_it_says(seconds_ago: list[int]) -> None:
    sent = replace(INVITATION, sent_at=tuple(NOW - timedelta(seconds=seconds) for seconds in sorted(seconds_ago, reverse=True)[:5]))
    with pytest.raises(ResentTooOften) as refused:
        resends_left(sent, NOW)
    resends_left(sent, NOW + timedelta(seconds=refused.value.retry_after))
    assert 0 < refused.value.retry_after <= 3601


def test_its_hold_is_what_the_ledger_must_have() -> None:
    invitation = replace(INVITATION, party_size=3, extra=2)
    assert invitation.hold == Hold(spots=3, state="held", nonce="n", extra=2, expires_at=int(INVITATION.expires_at.timestamp()))
    assert invitation.hold.is_for(invitation)
    assert not invitation.hold.is_for(replace(invitation, nonce="revived"))


@pytest.mark.parametrize(("revived_at", "begun"), [(None, NOW), (NOW + DAY, NOW + DAY)])
def test_a_revived_invitation_begins_anew(revived_at: datetime | None, begun: datetime) -> None:
    assert replace(INVITATION, revived_at=revived_at).begun_at == begun


def test_its_discount_code_is_that_of_its_snapshot() -> None:
    assert INVITATION.discount_code == ""
    assert replace(INVITATION, discount=Reduction("SPRING", "percent", 10)).discount_code == "SPRING"
