"""The bell: noticed once however often the streams carry it, beside e-mails that must not be lost for it; read by each for themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import deliveries, rosters
from chalicelib.operations import notifications
from chalicelib.operations.invitations import approve, decline
from chalicelib.operations.links import invitation_token
from chalicelib.operations.messages import mail_roster
from chalicelib.operations.notifications import NotificationView, count_unread, list_notifications, read_all, read_notification, read_some
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.operations.waitlist import add_by_staff
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.notification_triggers import Trigger
from chalicelib.rules.notifications import MOST_BEYOND, MOST_COUNTED, RETENTION
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.sessions import Session
from chalicelib.tables import jobs, keys, messages, staff
from chalicelib.tables import notifications as tables
from infra.local.simulator import DETAILS
from tests.api.stored_items import dump
from tests.operations.messages.test_delivery import told as by_ses
from tests.operations.request_counter import counted
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker, join
from tests.operations.test_reactions import accepted, invited, registered
from tests.operations.waitlist.test_advance import joined, offer_of

OpenSession = Callable[..., Session]
SECOND = timedelta(seconds=1)


@pytest.fixture
def ben(organisation: object, now: datetime) -> StaffMember:
    """A member of the staff since yesterday."""
    return member("ben", now - timedelta(days=1))


def member(user: str, since: datetime) -> StaffMember:
    made = StaffMember("demo", user, f"{user}@demo.test", user.title(), "viewer", "active", since)
    staff.add(made)
    return made


def again(who: StaffMember) -> StaffMember:
    found = staff.get(who.org, who.user)
    assert found
    return found


def shown(who: StaffMember, now: datetime, *, locale: str = "en") -> list[NotificationView]:
    return list_notifications(again(who), locale=locale, limit=200, now=now).items


def kinds(who: StaffMember, now: datetime) -> list[str]:
    return sorted(one.notification.kind for one in shown(who, now))


def texts(who: StaffMember, now: datetime, *, locale: str = "en") -> list[str]:
    return [one.text for one in shown(who, now, locale=locale)]


def rung(count: int, *, now: datetime, apart: timedelta = SECOND) -> list[str]:
    """Let so many things happen, the last one now, and return the ids, the latest first."""
    for number in range(count):
        notifications.record("demo", [Trigger("sold_out", f"{now} {number}", {"session": "s1"})], now=now - number * apart)
    return [one.id for one in tables.page("demo", after="0", limit=count, start=None)[0]]


def test_what_people_do_rings_and_what_staff_do_does_not(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session(spots_total=9)
    registered("leo@example.org", now=now)
    accepted(invited("ana@example.org", now=now), now=now)
    decline(invitation_token(invited("cleo@example.org", now=now)), now=now)
    waiting = invited("dora@example.org", forwarding="approve", now=now)
    with pytest.raises(AttributeError):  # Nobody is registered yet.
        accepted(waiting, email="eve@example.org", now=now)
    join("s1", "staff-added@example.org", now=now)
    streams.drain(now)
    assert sorted(texts(ben, now)) == [
        "Ana accepted the invitation to Pottery.",
        "Ana asks to use the invitation of dora@example.org to Pottery.",
        "Ben registered for Pottery.",
        "cleo@example.org declined the invitation to Pottery.",
    ]
    approve("demo", f"s1-{waiting.id}", now=now)
    streams.drain(now)
    assert len(texts(ben, now)) == 4


def test_records_that_come_again_in_any_order_ring_nothing_new(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session(spots_total=3)
    registered("leo@example.org", now=now)
    accepted(invited("ana@example.org", now=now, party_size=2), now=now)
    carried = []
    while records := streams.rosters.read():
        rosters.handle({"Records": records}, clock=lambda: now)
        carried += records
    first = shown(ben, now)
    assert kinds(ben, now) == ["accepted", "registered", "sold_out"]
    for order in (carried, carried[::-1]):
        rosters.handle({"Records": order}, clock=lambda: now + timedelta(hours=1))
    assert shown(ben, now + timedelta(hours=1)) == first


def test_a_bell_that_fails_loses_no_mail_and_rings_when_the_record_comes_again(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session(spots_total=1)
    registered("leo@example.org", now=now)
    records = streams.rosters.read()
    with monkeypatch.context() as patch:
        patch.setattr(tables, "add", broken)
        assert rosters.handle({"Records": records}, clock=lambda: now)["batchItemFailures"]
    assert [message.kind for message in messages.about_session("demo", "s1", limit=9, start=None)[0]] == ["confirmation"]
    rosters.handle({"Records": records}, clock=lambda: now)
    streams.drain(now)
    assert kinds(ben, now) == ["registered", "sold_out"]
    assert ses.recipients == ["leo@example.org"]


def broken(*_: object) -> bool:
    raise RuntimeError


def test_what_staff_hold_is_sold_out_when_the_last_has_accepted(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session(spots_total=2)
    ana, bob = (invited(f"{name}@example.org", now=now) for name in ("ana", "bob"))
    accepted(ana, now=now)
    streams.drain(now)
    assert kinds(ben, now) == ["accepted"]
    accepted(bob, now=now)
    streams.drain(now)
    assert kinds(ben, now) == ["accepted", "accepted", "sold_out"]


def test_what_staff_hold_later_does_not_make_an_earlier_registration_the_last(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session(spots_total=2)
    registered("leo@example.org", now=now)
    invited("ana@example.org", now=now)
    streams.drain(now)
    assert kinds(ben, now) == ["registered"]


def test_a_session_in_several_chunks_sells_out_once_and_again_after_somebody_left(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session(spots_total=60, chunks=2)
    parties = []
    for name in "abc":
        assert "sold_out" not in kinds(ben, now)
        parties.append(party(name, 20, now=now))
        streams.drain(now)
    assert kinds(ben, now).count("sold_out") == 1
    remove_registration("demo", f"s1-{parties[0]}", by="owner", now=now)
    streams.drain(now)
    party("d", 20, now=now)
    streams.drain(now)
    assert kinds(ben, now).count("sold_out") == 2


def party(name: str, size: int, *, now: datetime) -> str:
    draft = RegistrationInput(email=f"{name}@example.org", name=name, participants=[ParticipantInput(name=name)], party_size=size)
    return register("demo", "s1", draft, locale="en", key=name, now=now).registration.id


def test_who_joins_the_waitlist_rings_and_what_it_takes_is_not_sold_out_again(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session(spots_total=1)
    first = registered("leo@example.org", now=now)
    waits = joined("cleo@example.org", now=now)
    add_by_staff("demo", "s1", JoinInput(email="dan@example.org", name="Dan", spots=1), key="dan", now=now)
    streams.drain(now)
    assert kinds(ben, now) == ["registered", "sold_out", "waitlist_joined"]
    assert "Cleo joined the waitlist of Pottery." in texts(ben, now)
    remove_registration("demo", f"s1-{first.id}", by="owner", now=now)
    streams.drain(now)
    accepted(offer_of(waits), now=now)
    streams.drain(now)
    assert kinds(ben, now) == ["accepted", "registered", "sold_out", "waitlist_joined"]


def test_an_e_mail_that_bounces_rings_once(open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime) -> None:
    open_session()
    invited("ana@example.org", now=now)
    streams.drain(now)
    (message,) = messages.about_session("demo", "s1", limit=9, start=None)[0]
    for name in ("success", "bounce", "bounce", "complaint"):
        deliveries.handle(by_ses(message, DETAILS[name]), clock=lambda: now)
    (told,) = shown(ben, now)
    assert (told.text, told.path) == ("ana@example.org could not be reached: an e-mail bounced.", f"/o/demo/messages/{message.id}")


def test_a_mailing_that_is_done_rings_though_whoever_did_the_last_step_died_before(
    open_session: OpenSession, worker: Worker, ben: StaffMember, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_session()
    for name in ("ana", "bob"):
        join("s1", f"{name}@example.org", now=now)
    job = mail_roster("demo", "s1", RosterMessageInput(registrations="all", subject="Towel", text="Dear all"), by="owner", key="k", now=now)
    tries = iter([broken])
    monkeypatch.setattr(tables, "add", lambda one, add=tables.add: next(tries, add)(one))
    worker.work()
    assert jobs.get("demo", job).status == "done"
    (told,) = shown(ben, now)
    assert (told.text, told.path) == ("The e-mail to the roster of Pottery is on its way.", f"/o/demo/jobs/{job}")


def test_each_reads_for_themselves_and_the_count_says_what_is_left(ben: StaffMember, now: datetime) -> None:
    eve = member("eve", now - timedelta(days=1))
    owns = rung(4, now=now)
    assert count_unread(ben, now=now) == 4
    assert count_unread(read_some(ben, [owns[1], "of-nothing"]), now=now) == 3
    assert [one.read for one in shown(ben, now)] == [False, True, False, False]
    assert count_unread(read_all(again(ben), now=now), now=now) == 0
    assert count_unread(eve, now=now) == 4
    assert count_unread(member("new", now - 2 * SECOND), now=now) == 3, "who comes later is not told of all that was before"


def test_marking_all_leaves_what_came_after_the_page_was_shown_and_what_is_still_being_written(ben: StaffMember, now: datetime) -> None:
    rung(3, now=now)
    newest = shown(ben, now)[0].notification.sort_key
    rung(1, now=now + SECOND)
    ben = read_all(ben, until=newest, now=now + 2 * SECOND)
    assert count_unread(ben, now=now) == 1
    late = now - 30 * SECOND
    rung(1, now=late)
    assert count_unread(ben, now=now) == 2
    assert count_unread(read_all(ben, now=now + timedelta(minutes=5)), now=now + timedelta(minutes=5)) == 0


def test_two_windows_of_one_person_mark_what_either_says(ben: StaffMember, now: datetime) -> None:
    owns = rung(3, now=now)
    read_some(ben, owns[:1])
    after = read_some(ben, owns[1:2])
    assert count_unread(after, now=now) == 1
    with pytest.raises(ChangedMeanwhile):
        tables.note_seen(ben, after.has_seen)
    staff.remove(again(ben))
    with pytest.raises(NotFound):
        read_some(ben, owns)


def test_nobody_counts_beyond_a_hundred_and_so_many_are_remembered(ben: StaffMember, now: datetime) -> None:
    rung(MOST_COUNTED + MOST_BEYOND + 5, now=now, apart=timedelta(minutes=2))
    owns = [one.notification.id for one in shown(ben, now)]
    assert count_unread(ben, now=now) == MOST_COUNTED
    ben = read_some(ben, owns[:MOST_BEYOND])
    assert count_unread(ben, now=now) == MOST_COUNTED
    ben = read_some(ben, owns[MOST_BEYOND + 2 : MOST_BEYOND + 3])
    assert count_unread(ben, now=now) == 2, "what is older than all that is remembered counts as read"


def test_notifications_of_a_newer_version_are_left_out(ben: StaffMember, now: datetime) -> None:
    for kind, about in (("of_the_next_version", {}), ("job_done", {"job": "j1", "what": "of_the_next_version"})):
        notifications.record("demo", [Trigger(kind, kind, about)], now=now)  # type: ignore[arg-type]
    assert texts(ben, now) == ["of_the_next_version"]
    assert count_unread(read_all(ben, now=now), now=now) == 0


def test_a_count_is_one_query(ben: StaffMember, now: datetime) -> None:
    ben = read_some(ben, rung(3, now=now)[:1])
    with counted() as requests:
        count_unread(ben, now=now)
    assert requests == {"Query": 1}


def test_after_ninety_days_nothing_is_shown_or_counted_whether_it_is_deleted_or_not(ben: StaffMember, now: datetime) -> None:
    (own,) = rung(1, now=now)
    (row,) = (one for one in dump().values() if one.get("kind") == {"S": "sold_out"})
    assert row["forget_at"] == {"N": str(int((now + RETENTION).timestamp()))}
    for later, left in ((RETENTION - SECOND, 1), (RETENTION + SECOND, 0)):
        assert (len(shown(ben, now + later)), count_unread(ben, now=now + later)) == (left, left)
    with pytest.raises(NotFound):
        read_notification(ben, own, locale="en", now=now + RETENTION + SECOND)


def test_sentences_are_the_readers_and_name_nobody_who_is_gone(
    open_session: OpenSession, streams: Streams, ses: Ses, ben: StaffMember, now: datetime
) -> None:
    open_session()
    booked = registered("leo@example.org", now=now)
    streams.drain(now)
    assert texts(ben, now, locale="fr") == ["Nouvelle inscription à Pottery\u00a0: Ben."]
    stored = [row for key, row in dump().items() if "NOTIFICATION#" in key]
    assert len(stored) == 1
    assert "Ben" not in str(stored)
    clients.dynamodb().delete_item(TableName=config().rosters_table, Key=keys.registration("demo", "s1", booked.id).stored())
    clients.dynamodb().delete_item(TableName=config().rosters_table, Key=keys.session("demo", "s1").stored())
    (told,) = shown(ben, now)
    assert (told.text, told.path) == ("Somebody registered for a session that is gone.", "")
