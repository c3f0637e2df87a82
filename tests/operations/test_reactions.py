"""From a change on the roster to the e-mail that left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.events import rosters as roster_events
from chalicelib.operations import links
from chalicelib.operations.invitations import accept, decline, invite, resend, revive
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput, ReviveInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold, count
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import invitations, ledger, registrations
from tests.operations.simulated_aws import Ses, Streams

OpenSession = Callable[..., Session]


def invited(email: str, *, now: datetime, key: str = "", **wanted: object) -> Invitation:
    draft = InvitationInput.model_validate({"email": email, **wanted})
    return invite("demo", "s1", draft, by="owner", key=key or email, now=now).invitation


def accepted(invitation: Invitation, *, email: str = "", locale: str = "en", now: datetime) -> Registration:
    form = AcceptInput(email=email or invitation.email, name="Ana", participants=[ParticipantInput(name="Zoé")])
    done = accept(links.invitation_token(invitation), form, locale=locale, now=now)
    registration: Registration = done.registration  # type: ignore[union-attr]
    return registration


def registered(email: str, *, now: datetime, name: str = "Léo") -> Registration:
    draft = RegistrationInput(email=email, name="Ben", participants=[ParticipantInput(name=name)])
    return register("demo", "s1", draft, locale="fr", key=email + name, now=now).registration


def test_an_invitation_leaves_once_its_spots_are_held(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invitation = invited("Ana@Example.org", now=now, party_size=2)
    streams.drain(now)
    assert ses.recipients == ["Ana@Example.org"]
    assert ses.texts[0].splitlines()[0] == links.invitation_link(invitation)
    assert "2 spots are held for you until Monday 23 November 2026, 16:00 (Europe/Paris)." in ses.texts[0]


def test_records_that_come_again_add_nothing(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    accepted(invited("ana@example.org", now=now), now=now)
    records = streams.rosters.read()
    for _ in range(3):
        roster_events.handle({"Records": records}, clock=lambda: now)
    roster_events.handle({"Records": records[::-1]}, clock=lambda: now)
    streams.drain(now)
    assert ses.subjects == ["You are registered: Pottery"]


def test_resending_sends_the_same_link_again(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)
    streams.drain(now)
    resend("demo", f"s1-{invitation.id}", rotate=False, now=now)
    streams.drain(now)
    assert [text.splitlines()[0] for text in ses.texts] == [links.invitation_link(invitation)] * 2


def test_a_rotated_invitation_sends_its_new_link(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)
    streams.drain(now)
    rotated = resend("demo", f"s1-{invitation.id}", rotate=True, now=now)
    streams.drain(now)
    assert [text.splitlines()[0] for text in ses.texts] == [links.invitation_link(invitation), links.invitation_link(rotated)]


def test_an_accepted_invitation_is_noted_and_confirmed(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)
    streams.drain(now)
    registration = accepted(invitation, email="bob@example.org", locale="fr", now=now)
    streams.drain(now)
    row = invitations.get("demo", "s1", invitation.id)
    assert (row.registration, row.accepted_by) == (registration.id, "bob@example.org")
    assert registrations.get("demo", "s1", registration.id).confirmed_at == now
    assert ses.recipients[1:] == ["bob@example.org"]
    assert ses.subjects[1:] == ["Inscription confirmée\u00a0: Pottery"]


def test_a_public_registration_is_confirmed_with_a_calendar_file(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    registration = registered("ben@example.org", now=now)
    streams.drain(now)
    (request,) = ses.sent
    token = ses.texts[0].splitlines()[0].rpartition("/")[2]
    assert token == links.booking_token(registration)
    (file,) = request["Content"]["Simple"]["Attachments"]
    assert file["ContentType"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert b"SUMMARY:Pottery" in file["RawContent"]


def test_staff_may_add_somebody_without_a_confirmation(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = replace(
        registered("ben@example.org", now=now), id="silent", hold="silent", email="c@example.org", send_confirmation=False
    )
    registrations.write(registration)
    ledger.claim("demo", "s1", "silent", Hold(spots=1, state="taken", nonce=registration.nonce), chunks=1, now=now)
    streams.drain(now)
    assert ses.recipients == ["ben@example.org"]
    assert registrations.get("demo", "s1", "silent").confirmed_at == now


def test_an_invitation_whose_spots_were_taken_over_is_expired(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session(spots_total=1)
    first = invited("ana@example.org", now=now, expires_at=now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    invited("ben@example.org", now=later)
    streams.drain(later)
    row = invitations.get("demo", "s1", first.id)
    assert (row.ended, row.ended_by) == ("expired", "clock")
    assert ses.recipients == ["ben@example.org"], "an expired hold must not send an invitation"


def test_an_invitation_that_lives_again_is_sent_again(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)
    decline(links.invitation_token(invitation), now=now)
    revive("demo", f"s1-{invitation.id}", ReviveInput(), by="owner", key="again", now=now)
    streams.drain(now)
    assert ses.recipients == ["ana@example.org"], "the declined one is not sent any more, the one that lives again is"


def test_old_news_of_an_earlier_attempt_does_not_spoil_the_new_one(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)
    old_news = streams.rosters.read()
    decline(links.invitation_token(invitation), now=now)
    declined = invitations.get("demo", "s1", invitation.id)
    again = replace(declined, nonce="again", ended=None, ended_at=None, ended_by="")
    invitations.write_revived(again, was=declined)
    roster_events.handle({"Records": old_news}, clock=lambda: now)
    streams.drain(now)
    ledger.claim("demo", "s1", again.id, again.hold, chunks=1, now=now)
    streams.drain(now)
    assert ses.recipients == ["ana@example.org"]


def test_an_invitation_whose_hold_went_early_has_not_run_out(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    open_session()
    invitation = invited("ana@example.org", now=now)
    ledger.release("demo", "s1", invitation.id, invitation.hold, chunk=0)
    streams.drain(now)
    assert invitations.get("demo", "s1", invitation.id).ended is None


def test_a_declined_invitation_frees_its_spots_though_the_process_died(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    session = open_session()
    invitation = invited("ana@example.org", now=now, party_size=4)
    invitations.end("demo", "s1", invitation.id, "declined", by="ana@example.org", now=now)
    assert count(ledger.read("demo", session.id), now).free == 2
    streams.drain(now)
    assert count(ledger.read("demo", session.id), now).free == 6
    assert ses.sent == [], "it was over before its e-mail left"


def test_a_removed_registration_frees_its_spots_though_the_process_died(open_session: OpenSession, streams: Streams, now: datetime) -> None:
    session = open_session()
    registration = registered("ben@example.org", now=now)
    registrations.remove(registration, by="owner", now=now)
    assert count(ledger.read("demo", session.id), now).free == 5
    streams.drain(now)
    assert count(ledger.read("demo", session.id), now).free == 6


def test_a_registration_removed_at_once_is_not_confirmed(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registration = registered("ben@example.org", now=now)
    remove_registration("demo", f"s1-{registration.id}", by="owner", now=now)
    streams.drain(now)
    assert ses.sent == []
