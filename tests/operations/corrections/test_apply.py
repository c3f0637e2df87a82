"""A corrected address reaches everything that stands under the old one, and links that went to the old one end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import corrections, invoices, links, registrations, sessions, waitlist
from chalicelib.operations.corrections.apply import apply_correction
from chalicelib.operations.invitations import invite
from chalicelib.operations.invitations.queries import live_claim_view
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.customers import CustomerChanges
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.roster import BillingStatusInput, ContactChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import Invitation, InvitationEnded
from chalicelib.rules.messages import Message
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound
from chalicelib.rules.registration_history import Resend
from chalicelib.rules.registration_refusals import AddressUnreachable, AlreadyRegistered, ConfirmedTooOften
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import customers, invitations, ledger, messages, organisations
from chalicelib.tables import registrations as registration_rows
from chalicelib.tables import waitlist as entries
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker

OpenSession = Callable[..., Session]
WRONG, RIGHT = "wrong@example.org", "right@example.org"


class World:
    """A customer under a wrong address: on one session registered, on another invited, on a third waiting."""

    def __init__(self, open_session: OpenSession, streams: Streams, now: datetime) -> None:
        for id, spots in (("s1", 6), ("s2", 6), ("s3", 1)):
            open_session(id=id, spots_total=spots)
        self.now, self.streams = now, streams
        self.registration = booked("s1", WRONG, now)
        self.invitation: Invitation = invite("demo", "s2", InvitationInput(email=WRONG), by="owner", key="i", now=now).invitation
        booked("s3", "ben@example.org", now)
        self.entry: WaitlistEntry = waitlist.join(
            "demo", "s3", JoinInput(email=WRONG, name="Ana", spots=1), locale="en", key="w", now=now
        ).entry
        streams.drain(now)
        known = customers.of_address("demo", WRONG)
        assert known
        self.customer: Customer = known

    def correct(self, **wanted: bool) -> None:
        changes = CustomerChanges.model_validate({"email": RIGHT, **wanted})
        corrections.edit_customer("demo", self.customer.id, changes, expected=None, by="owner", now=self.now)

    def addresses(self) -> list[str]:
        return [
            registration_rows.get("demo", "s1", self.registration.id).email,
            invitations.get("demo", "s2", self.invitation.id).email,
            entries.get("demo", "s3", self.entry.id).email,
        ]


def booked(session: str, email: str, now: datetime) -> Registration:
    draft = RegistrationInput(email=email, name="Ana", participants=[ParticipantInput(name="Kim")])
    return registrations.register("demo", session, draft, locale="en", key=f"{session}{email}", now=now).registration


def sent_to(email: str) -> list[Message]:
    found, _ = messages.to_address("demo", email, limit=50, start=None)
    return sorted(found, key=lambda message: message.kind)


@pytest.fixture
def world(open_session: OpenSession, streams: Streams, worker: Worker, now: datetime) -> World:
    return World(open_session, streams, now)


def test_everything_that_stands_follows_at_once(world: World) -> None:
    world.correct()
    assert world.addresses() == [RIGHT, RIGHT, RIGHT]


def test_nothing_follows_unless_it_is_wanted(world: World) -> None:
    world.correct(bookings_follow=False)
    assert world.addresses() == [WRONG, WRONG, WRONG]
    known = customers.of_address("demo", RIGHT)
    assert known
    assert known.id == world.customer.id


def test_e_mails_of_a_moment_later_reach_the_new_address(world: World, ses: Ses) -> None:
    world.correct()
    sessions.cancel_session("demo", "s1", CancelInput(), by="owner", now=world.now)
    world.streams.drain(world.now)
    assert [message.kind for message in sent_to(RIGHT)] == ["session_cancelled", "session_invitation", "waitlist_joined"]
    assert "session_cancelled" not in [message.kind for message in sent_to(WRONG)]


def test_old_links_end_and_new_ones_work(world: World) -> None:
    older = links.booking_token(world.registration)
    place, invitation = links.waitlist_token(world.entry), links.invitation_token(world.invitation)
    world.correct()
    with pytest.raises(NotFound):
        links.check_registered_token(registration_rows.get("demo", "s1", world.registration.id), older)
    with pytest.raises(NotFound):
        waitlist.read_own_entry(place)
    with pytest.raises(NotFound):
        waitlist.leave(place, now=world.now)
    with pytest.raises(InvitationEnded):
        live_claim_view(invitation, now=world.now)
    assert waitlist.read_own_entry(links.waitlist_token(entries.get("demo", "s3", world.entry.id))).position == 1
    assert (
        live_claim_view(links.invitation_token(invitations.get("demo", "s2", world.invitation.id)), now=world.now).invitation.email == RIGHT
    )


def test_a_crash_after_the_correction_loses_nothing(world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(import_module("chalicelib.operations.corrections.correct"), "apply_correction", lambda *_, **__: [])
        world.correct()
    assert world.addresses() == [WRONG, WRONG, WRONG]
    worker.work()
    assert world.addresses() == [RIGHT, RIGHT, RIGHT]


def test_it_may_run_again(world: World) -> None:
    world.correct()
    world.streams.drain(world.now)
    before = [(message.id, message.state) for message in sent_to(RIGHT)]
    assert apply_correction("demo", WRONG, RIGHT, now=world.now) == []
    world.streams.drain(world.now)
    assert [(message.id, message.state) for message in sent_to(RIGHT)] == before


def test_what_the_new_address_has_already_stays(world: World) -> None:
    booked("s1", RIGHT, world.now)
    invite("demo", "s2", InvitationInput(email=RIGHT), by="owner", key="other", now=world.now)
    waitlist.join("demo", "s3", JoinInput(email=RIGHT, name="Ana", spots=1), locale="en", key="other", now=world.now)
    stays = apply_correction("demo", WRONG, RIGHT, now=world.now)
    assert {failure.item for failure in stays} == {
        world.registration.public_id,
        world.invitation.public_id,
        world.entry.public_id,
    }
    assert world.addresses() == [WRONG, WRONG, WRONG]


def test_a_message_that_waits_goes_to_the_new_address_alone(world: World, ses: Ses) -> None:
    sessions.cancel_session("demo", "s1", CancelInput(), by="owner", now=world.now)
    assert roster_events.handle({"Records": world.streams.rosters.read()}, clock=lambda: world.now) == {"batchItemFailures": []}
    world.correct()
    world.streams.drain(world.now)
    world.streams.drain(world.now)
    (old,) = [message for message in sent_to(WRONG) if message.kind == "session_cancelled"]
    assert (old.state, old.reason) == ("skipped", "address_corrected")
    assert "session_cancelled" in [message.kind for message in sent_to(RIGHT)]


def test_a_corrected_contact_is_confirmed_and_becomes_a_customer(world: World, ses: Ses) -> None:
    corrections.correct_contact("demo", world.registration.public_id, ContactChanges(email=RIGHT), now=world.now)
    world.streams.drain(world.now)
    assert [message.kind for message in sent_to(RIGHT)] == ["confirmation"]
    assert customers.of_address("demo", RIGHT)
    assert world.addresses() == [RIGHT, WRONG, WRONG]


def test_a_corrected_contact_takes_the_rest_along(world: World) -> None:
    changes = ContactChanges(email=RIGHT, bookings_follow=True, send_confirmation=False)
    corrections.correct_contact("demo", world.registration.public_id, changes, now=world.now)
    assert world.addresses() == [RIGHT, RIGHT, RIGHT]
    world.streams.drain(world.now)
    assert "confirmation" not in [message.kind for message in sent_to(RIGHT)]
    known = customers.of_address("demo", RIGHT)
    assert known
    assert known.id == world.customer.id


def test_a_refused_correction_starts_nothing(world: World, worker: Worker) -> None:
    booked("s1", RIGHT, world.now)
    changes = ContactChanges(email=RIGHT, bookings_follow=True)
    with pytest.raises(AlreadyRegistered):
        corrections.correct_contact("demo", world.registration.public_id, changes, now=world.now)
    worker.work()
    assert world.addresses() == [WRONG, WRONG, WRONG]


def test_a_confirmation_is_sent_again_once_for_each_request(world: World, ses: Ses) -> None:
    def again(key: str, minutes: int = 0) -> str:
        moment = world.now + timedelta(minutes=minutes)
        return registrations.send_confirmation("demo", world.registration.public_id, key=key, now=moment)

    assert again("a") == again("a") != again("b")
    world.streams.drain(world.now)
    assert [message.kind for message in sent_to(WRONG)].count("confirmation") == 3
    for key in ("c", "d", "e"):
        again(key, minutes=1)
    with pytest.raises(ConfirmedTooOften) as often:
        again("f", minutes=10)
    assert often.value.retry_after == 50 * 60 + 1
    assert again("f", minutes=60)


@pytest.mark.parametrize("complained", [False, True])
def test_no_confirmation_is_promised_to_an_unreachable_address(world: World, complained: bool) -> None:
    if complained:
        organisations.note_complaint("demo", WRONG, kind="confirmation", now=world.now)
    else:
        organisations.note_bounce("demo", WRONG, sent_at=world.now, now=world.now)
    with pytest.raises(AddressUnreachable) as refused:
        registrations.send_confirmation("demo", world.registration.public_id, key="a", now=world.now)
    assert refused.value.data() == {"email": WRONG, "suppressed_for": "complained" if complained else "bounced"}


def test_a_resend_that_read_an_older_row_is_refused(world: World) -> None:
    read = registration_rows.get("demo", "s1", world.registration.id)
    registrations.send_confirmation("demo", read.public_id, key="a", now=world.now)
    with pytest.raises(ChangedMeanwhile):
        registration_rows.note_resend(read, (Resend(world.now, "b", 1),))


def test_a_row_of_before_is_read_without_resends(world: World) -> None:
    read = registration_rows.get("demo", "s1", world.registration.id)
    assert (read.link_version, read.confirmations, read.resends) == (1, 0, ())


def test_a_change_of_an_entry_that_read_the_old_address_is_refused(world: World) -> None:
    read = entries.get("demo", "s3", world.entry.id)
    world.correct()
    with pytest.raises(ChangedMeanwhile):
        entries.move(read, read.place + 1)
    assert entries.get("demo", "s3", world.entry.id).email == RIGHT


def test_an_open_invoices_link_ends_and_the_new_one_is_sent(world: World, ses: Ses, now: datetime) -> None:
    billed = registrations.set_billing("demo", world.registration.public_id, BillingStatusInput(status="invoiced"), by="owner", now=now)
    world.streams.drain(now)
    old = links.invoice_token(billed, billed.invoice)
    assert invoices.read_invoice(old)
    world.correct()
    world.streams.drain(now)
    with pytest.raises(NotFound):
        invoices.read_invoice(old)
    moved = registration_rows.get("demo", "s1", billed.id)
    new = links.invoice_token(moved, moved.invoice)
    assert invoices.read_invoice(new).invoice.number == billed.invoice
    assert [message.kind for message in sent_to(RIGHT)].count("invoice") == 1
    assert links.invoice_link(moved, moved.invoice).endswith(new)
    assert any(new in text for to, text in zip(ses.recipients, ses.texts, strict=True) if to == RIGHT)


def test_a_paid_invoice_is_not_sent_again(world: World, now: datetime) -> None:
    registrations.set_billing("demo", world.registration.public_id, BillingStatusInput(status="invoiced"), by="owner", now=now)
    registrations.set_billing("demo", world.registration.public_id, BillingStatusInput(status="paid"), by="owner", now=now)
    world.correct()
    world.streams.drain(now)
    assert [message.kind for message in sent_to(RIGHT)].count("invoice") == 0


@pytest.fixture
def stranger(world: World, now: datetime) -> WaitlistEntry:
    """A second customer's entry on the waitlist of s3, made with a wrong address that nobody has confirmed."""
    draft = JoinInput(email="typo@example.org", name="Eve", spots=1)
    made = waitlist.join("demo", "s3", draft, locale="en", key="eve", source="192.0.2.1", now=now).entry
    assert made.unconfirmed
    return made


def unsure() -> int:
    return ledger.read("demo", "s3")[0].unconfirmed_parties


def test_an_entry_whose_address_staff_correct_counts_as_confirmed(stranger: WaitlistEntry, now: datetime) -> None:
    assert unsure() == 1
    apply_correction("demo", "typo@example.org", "eve@example.org", now=now)
    corrected = entries.get("demo", "s3", stranger.id)
    assert (corrected.email, corrected.unconfirmed, unsure()) == ("eve@example.org", False, 0)
    assert dict(ledger.read("demo", "s3")[0].waiting_by_size) == {1: 2}
    apply_correction("demo", "eve@example.org", "Eve@Example.org", now=now)
    assert unsure() == 0


def test_an_entry_that_was_held_back_for_silence_gets_offers_at_its_corrected_address(stranger: WaitlistEntry, now: datetime) -> None:
    entries.hold_back(entries.get("demo", "s3", stranger.id), "unanswered")
    assert (dict(ledger.read("demo", "s3")[0].waiting_by_size), unsure()) == ({1: 1}, 0)
    apply_correction("demo", "typo@example.org", "eve@example.org", now=now)
    corrected = entries.get("demo", "s3", stranger.id)
    assert (corrected.in_line, corrected.unconfirmed) == (True, False)
    assert (dict(ledger.read("demo", "s3")[0].waiting_by_size), unsure()) == ({1: 2}, 0)
