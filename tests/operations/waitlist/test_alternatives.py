"""One place in line for any of several sessions: the first offer wins, and the other places end with it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.events import schedules
from chalicelib.operations import links, waitlist
from chalicelib.operations.invitations import decline, invite
from chalicelib.operations.reconcile import reconcile
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.operations.sessions import cancel_session
from chalicelib.operations.waitlist import offer
from chalicelib.rules.alternatives import MOST_SESSIONS, CannotWaitFor
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.refs import public_id
from chalicelib.rules.refusals import Conflict, NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.rules.waitlist import AlreadyWaiting, EntryEnded, WaitlistEntry
from chalicelib.tables import booking_context, dynamodb, invitations, ledger, organisations
from chalicelib.tables import waitlist as entries
from tests.operations.simulated_aws import Ses, Streams

SESSIONS = ("s1", "s2", "s3")
HOUR = timedelta(hours=1)
FAMILY, STRANGER = "cleo@example.org", "192.0.2.66"


@pytest.fixture
def full(open_session: Callable[..., Session], now: datetime) -> dict[str, Registration]:
    """Fill three sessions of one spot each, in a month, and one of two."""
    starts = now + timedelta(days=30)
    found = {}
    for session in (*SESSIONS, "s4"):
        meetings = (Meeting("m1", starts, starts + HOUR),)
        title = f"Pottery {session}"
        total = 2 if session == "s4" else 1
        open_session(id=session, title=title, spots_total=total, meetings=meetings, registration_closes_at=starts, tags=("pots",))
        found[session] = registered(session, f"{session}@example.org", spots=total, now=now)
    return found


def registered(session: str, email: str, *, spots: int, now: datetime) -> Registration:
    draft = RegistrationInput(email=email, name="Ben", participants=[ParticipantInput(name="Kim")], party_size=spots)
    return register("demo", session, draft, locale="en", key=email, now=now).registration


def joined(*sessions: str, email: str = FAMILY, key: str = "", source: str = "", signed_in: bool = False, now: datetime) -> WaitlistEntry:
    first, *others = sessions or SESSIONS
    draft = JoinInput(email=email, name="Cleo", alternatives=others)
    key = key or f"{email}{first}"
    return waitlist.join("demo", first, draft, locale="en", key=key, source=source, signed_in=signed_in, now=now).entry


def at(entry: WaitlistEntry, session: str) -> WaitlistEntry:
    return entries.get("demo", session, entry.id)


def statuses(entry: WaitlistEntry) -> list[str]:
    return [at(entry, session).status for session in SESSIONS]


def freed(full: dict[str, Registration], session: str, now: datetime) -> None:
    remove_registration("demo", full[session].public_id, by="owner", now=now)


def counted() -> list[int]:
    return [ledger.read("demo", session)[0].waiting_parties for session in SESSIONS]


def is_exact(now: datetime) -> bool:
    return reconcile("demo", now=now, repair=False) == []


def offer_of(entry: WaitlistEntry, session: str) -> str:
    return links.invitation_token(invitations.get("demo", session, at(entry, session).invitation))


def test_the_first_offer_ends_the_other_places_in_its_transaction(
    full: dict[str, Registration], streams: Streams, ses: Ses, now: datetime
) -> None:
    family = joined(now=now)
    behind = joined("s1", email="dan@example.org", now=now + HOUR)
    assert (statuses(family), counted()) == (["waiting"] * 3, [2, 1, 1])
    streams.drain(now)
    freed(full, "s2", now)
    assert waitlist.advance("demo", "s2", now=now) == 1
    assert (statuses(family), counted()) == (["offered_elsewhere", "offered", "offered_elsewhere"], [1, 0, 0])
    freed(full, "s1", now)
    streams.drain(now)
    assert at(behind, "s1").status == "offered", "nobody stands before it any more"
    assert is_exact(now)
    assert [entry.session for entry in entries.all_of_address("demo", FAMILY) if entry.is_live] == ["s2"]
    assert joined("s3", key="again", now=now + HOUR).session == "s3", "its address is free there"


def test_one_e_mail_names_all_of_them_and_the_offer_says_which(
    full: dict[str, Registration], streams: Streams, ses: Ses, now: datetime
) -> None:
    joined(now=now)
    streams.drain(now)
    told = [text for to, text in zip(ses.recipients, ses.texts, strict=True) if to == FAMILY]
    assert len(told) == 1
    assert "You are on the waitlist for Pottery s1" in told[0]
    assert "Also waiting for" in told[0]
    assert told[0].index("Pottery s2") < told[0].index("Pottery s3")
    freed(full, "s2", now)
    streams.drain(now)
    offer = ses.texts[-1]
    assert "There is room for you: Pottery s2" in offer
    assert "No longer waiting for" in offer
    assert offer.index("Pottery s1") < offer.index("Pottery s3")


@pytest.mark.parametrize("how", ["declined", "expired"])
def test_what_becomes_of_the_offer_concerns_its_session_alone(
    how: str, full: dict[str, Registration], streams: Streams, now: datetime
) -> None:
    family = joined(now=now)
    freed(full, "s2", now)
    streams.drain(now)
    if how == "declined":
        decline(offer_of(family, "s2"), now=now)
        streams.drain(now)
        assert statuses(family) == ["offered_elsewhere", "declined", "offered_elsewhere"]
    else:
        later = now + timedelta(days=4)
        schedules.run(later)
        streams.drain(later)
        assert statuses(family)[::2] == ["offered_elsewhere"] * 2
        assert at(family, "s2").is_live
    assert is_exact(now)


def test_staff_s_offer_and_staff_s_invitation_end_the_other_places_too(
    full: dict[str, Registration], streams: Streams, now: datetime
) -> None:
    family, other = joined(now=now), joined(email="dan@example.org", now=now + HOUR)
    freed(full, "s3", now)
    waitlist.offer_by_hand("demo", public_id("s3", other.id), by="owner", now=now)
    assert statuses(other) == ["offered_elsewhere", "offered_elsewhere", "offered"]
    with pytest.raises(EntryEnded):
        waitlist.offer_by_hand("demo", public_id("s1", other.id), by="owner", now=now)
    invite("demo", "s1", InvitationInput(email=FAMILY, confirm_over_capacity=True), by="owner", key="i", now=now)
    freed(full, "s1", now)
    streams.drain(now)
    assert statuses(family) == ["offered", "offered_elsewhere", "offered_elsewhere"]
    assert counted() == [0, 0, 0]
    assert is_exact(now)


def leaves(entry: WaitlistEntry, now: datetime) -> None:
    waitlist.leave(links.waitlist_token(entry), now=now)


def leaves_all(entry: WaitlistEntry, now: datetime) -> None:
    waitlist.leave(links.waitlist_token(entry), everywhere=True, now=now)
    waitlist.leave(links.waitlist_token(entry), everywhere=True, now=now)


def staff_remove(entry: WaitlistEntry, now: datetime) -> None:
    waitlist.remove_entry("demo", entry.public_id, by="owner", now=now)


def session_cancelled(entry: WaitlistEntry, now: datetime) -> None:
    cancel_session("demo", entry.session, CancelInput(), by="owner", now=now)


@pytest.mark.parametrize(
    ("act", "right"),
    [
        (leaves, ["left", "waiting", "waiting"]),
        (leaves_all, ["left", "left", "left"]),
        (staff_remove, ["removed", "waiting", "waiting"]),
        (session_cancelled, ["closed", "waiting", "waiting"]),
    ],
)
def test_who_leaves_one_waits_for_the_others(
    act: Callable[[WaitlistEntry, datetime], None], right: list[str], full: dict[str, Registration], streams: Streams, now: datetime
) -> None:
    family = joined(now=now)
    act(family, now)
    streams.drain(now)
    assert statuses(family) == right
    assert counted()[1:] == [status.count("waiting") for status in right[1:]]
    assert is_exact(now)
    freed(full, "s2", now)
    streams.drain(now)
    assert statuses(family)[1:] == (["offered", "offered_elsewhere"] if "waiting" in right else ["left", "left"])


def test_all_are_joined_or_none(full: dict[str, Registration], now: datetime) -> None:
    freed(full, "s3", now)
    with pytest.raises(CannotWaitFor) as refused:
        joined(now=now)
    assert refused.value.filled == "“Pottery s3” has enough free spots: book it now, or wait without it."
    assert (refused.value.session, counted()) == ("s3", [0, 0, 0])
    with pytest.raises(NotFound):
        joined("s1", "nowhere", now=now)
    cancel_session("demo", "s2", CancelInput(), by="owner", now=now)
    with pytest.raises(CannotWaitFor, match="session_cancelled"):
        joined("s1", "s2", now=now)
    with pytest.raises(CannotWaitFor, match="more_than_the_session"):
        waitlist.join("demo", "s4", JoinInput(email=FAMILY, name="C", spots=2, alternatives=["s1"]), locale="en", key="k", now=now)
    assert counted() == [0, 0, 0]


def test_a_retry_is_the_same_entry_although_spots_are_free_by_now(full: dict[str, Registration], now: datetime) -> None:
    first = joined(key="k", now=now)
    assert joined(key="k", now=now + HOUR) == first
    freed(full, "s2", now)
    assert joined(key="k", now=now + HOUR) == first
    assert counted() == [1, 1, 1]
    assert joined("s4", "s4", now=now).any_of == (), "named twice is named once"


@pytest.mark.parametrize(("waits_for", "error"), [("s1", AlreadyWaiting), ("s3", CannotWaitFor)])
@pytest.mark.parametrize("by_staff", [True, False])
def test_who_may_know_is_told_where_the_address_waits(
    waits_for: str, error: type[Conflict], by_staff: bool, full: dict[str, Registration], now: datetime
) -> None:
    joined(waits_for, now=now)
    draft = JoinInput(email=FAMILY, name="Cleo", alternatives=["s2", "s3"])
    as_staff = partial(waitlist.add_by_staff, "demo", "s1", draft, key="again", now=now)
    with pytest.raises(error):
        as_staff() if by_staff else joined(key="again", source=STRANGER, signed_in=True, now=now)
    assert sum(counted()) == 1


@pytest.mark.parametrize("waits_for", [("s1",), ("s3",), ("s1", "s2"), SESSIONS])
def test_a_stranger_s_answer_does_not_tell_where_the_address_waits(
    waits_for: tuple[str, ...], full: dict[str, Registration], streams: Streams, ses: Ses, now: datetime
) -> None:
    """Each place looks as that of a new address, and the owner's e-mail shows what is really there."""
    for session in waits_for:
        joined(session, now=now)
    streams.drain(now)
    made = joined(key="x", source=STRANGER, now=now + HOUR)
    new = joined(email="new@example.org", source="192.0.2.67", now=now + 2 * HOUR)
    assert made.any_of == new.any_of
    for session in SESSIONS:
        there = [one for one in seen(made) if one[0] == session] + [one for one in seen(new) if one[0] == session]
        assert [(status, position) for _, status, position in there] == [("waiting", there[0][2]), ("waiting", there[0][2] + 1)]
        shown = waitlist.read_alternatives(waitlist.read_place("demo", session, made.id).entry, "")
        assert [one.session.id for one in shown] == [one for one in SESSIONS if one != session]
    assert joined(key="x", source=STRANGER, now=now + HOUR).id == made.id
    assert counted() == [2] * 3
    streams.drain(now)
    assert len([to for to in ses.recipients if to == FAMILY]) == len(waits_for) + 1
    waitlist.leave(links.waitlist_token(made), everywhere=True, now=now)
    assert counted() == [2 if session in waits_for else 1 for session in SESSIONS]


def seen(entry: WaitlistEntry) -> Iterator[tuple[str, str, int]]:
    own = waitlist.read_own_entry(links.waitlist_token(entry))
    for one in (own, *waitlist.read_alternatives(own.entry, links.waitlist_token(entry))):
        yield one.session.id, one.entry.status, one.position


def test_one_click_confirms_all_places(full: dict[str, Registration], now: datetime) -> None:
    family = joined(source=STRANGER, now=now)
    assert [ledger.read("demo", session)[0].unconfirmed_parties for session in SESSIONS] == [1, 1, 1]
    waitlist.confirm(links.mailed_waitlist_token(at(family, "s2")))
    assert not any(at(family, session).unconfirmed for session in SESSIONS)
    assert [ledger.read("demo", session)[0].unconfirmed_parties for session in SESSIONS] == [0, 0, 0]
    assert is_exact(now)


def test_the_reconciler_ends_a_place_that_outlived_an_offer(full: dict[str, Registration], now: datetime) -> None:
    """Planted: an offer of a version that knew nothing of alternatives."""
    family = joined(now=now)
    freed(full, "s2", now)
    entries.offer(at(family, "s2"), offered(family, now), guarded=invitations.InvitationGuards((), set()))
    found = reconcile("demo", now=now, repair=True)
    assert {(drift.session, drift.kind) for drift in found} == {("s1", "waits_although_offered"), ("s3", "waits_although_offered")}
    assert statuses(family) == ["offered_elsewhere", "offered", "offered_elsewhere"]
    assert is_exact(now)


def offered(entry: WaitlistEntry, now: datetime) -> Invitation:
    """Return the invitation that an offer of the second session makes."""
    there = at(entry, "s2")
    return offer._invitation(there, booking_context.read("demo", "s2", email=there.email), 0, by="waitlist", now=now)


def test_a_place_beside_an_older_offer_ends_in_place_of_a_second_offer(full: dict[str, Registration], now: datetime) -> None:
    family = joined(now=now)
    freed(full, "s2", now)
    entries.offer(at(family, "s2"), offered(family, now), guarded=invitations.InvitationGuards((), set()))
    freed(full, "s1", now)
    assert waitlist.advance("demo", "s1", now=now) == 0
    assert statuses(family) == ["offered_elsewhere", "offered", "waiting"]


def test_the_form_offers_full_sessions_of_the_series_or_tag(
    full: dict[str, Registration], open_session: Callable[..., Session], now: datetime
) -> None:
    starts = now + timedelta(days=30)
    open_session(id="s5", spots_total=4, tags=("pots",), meetings=(Meeting("m1", starts, starts + HOUR),), registration_closes_at=starts)
    open_session(id="s6", spots_total=0, tags=("pots",), meetings=(Meeting("m1", starts, starts + HOUR),), registration_closes_at=starts)
    first = waitlist.read_waitlist("demo", "s1", now=now).session.session
    assert {view.session.id for view in waitlist.choices(first, now=now)} == {"s2", "s3", "s4"}
    cutoff = starts - timedelta(hours=organisations.get("demo").waitlist.cutoff_hours)
    assert waitlist.choices(first, now=cutoff) == []
    assert MOST_SESSIONS * 3 + 20 < dynamodb.MOST_WRITES
