"""The dashboard, the profile, and what a customer need not type."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from chalicelib.operations import invitations, links, organisations
from chalicelib.operations.registrations import add
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, customers
from tests.pages.browser import Browser
from tests.pages.portal_account.ana import ANA, HERE, PASSWORD, sign_in


def test_a_customer_joins_a_waitlist_without_typing_and_finds_it_again(
    ana: Customer, visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    session = make_session(spots_total=1, title="Fencing")
    invitations.invite("demo", session.id, InvitationInput(email="ben@example.org"), by="manager@demo.test", key="ben", now=today)
    sign_in(visitor)
    assert "You can join the waitlist." in visitor.get(HERE).text
    mine = visitor.follow(visitor.send(visitor.get(f"{HERE}/sessions/{session.id}"), {}, action=f"{HERE}/sessions/{session.id}/waitlist"))
    assert "You are number 1 in line." in mine.text
    dashboard = visitor.get(f"{HERE}/me")
    assert "On the waitlist Fencing" in dashboard.text
    assert mine.path in dashboard.links


def test_one_account_has_a_dashboard_in_each_organisation(ana: Customer, visitor: Browser) -> None:
    organisations.create("other", "Other studio", now=datetime.now(UTC))
    customers.create(replace(ana, org="other", id="also-ana", name="Anna"))
    sign_in(visitor)
    assert "/p/other/me" in visitor.get(f"{HERE}/me").links
    assert "Hello Anna" in visitor.get("/p/other/me").text
    assert {f"{HERE}/me", "/p/other/me"} <= set(visitor.get("/").links)


def test_the_dashboard_shows_invitations_and_what_is_booked(ana: Customer, visitor: Browser, make_session: Callable[..., Session]) -> None:
    now, booked, offered = datetime.now(UTC), make_session(title="Judo"), make_session(title="Pottery")
    draft = InvitationInput.model_validate({"email": ANA})
    invitation = invitations.invite("demo", offered.id, draft, by="manager@demo.test", key="k", now=now).invitation
    sign_in(visitor)
    assert "Nothing is booked at the moment." in visitor.get(f"{HERE}/me").text
    form = visitor.get(f"{HERE}/sessions/{booked.id}")
    assert {"name": "Ana", "email": ANA}.items() <= form.form().fields.items()
    assert "participants/0/name" not in form.form().fields, "of two children, nobody is ticked"
    assert "Tick who takes part to see the total." in form.text
    nobody = visitor.send(form, {})
    assert (nobody.status, bool(nobody.described("participants/0/name"))) == (422, True)
    registered = visitor.follow(visitor.send(form, {"participants/1/name": "Léo"}))
    assert f"{HERE}/me" in registered.links
    assert "Create an account" not in registered.text
    _confirm(booked)
    page = visitor.get(f"{HERE}/me")
    assert "Judo" in page.text
    assert "Pottery" in page.text
    cart = urlsplit(links.invitation_link(invitation)).path
    assert cart in page.links
    assert {"name": "Ana", "email": ANA}.items() <= visitor.get(cart).form().fields.items()
    again = visitor.get(f"{HERE}/sessions/{booked.id}").form().fields
    assert (again["participants/0/name"], again["participants/1/name"]) == ("Zoé", ""), "an only child is ticked"


def test_a_family_that_is_signed_in_is_told_of_overlapping_dates_before_booking(
    ana: Customer, visitor: Browser, session: Session, make_session: Callable[..., Session], invite: Callable[..., tuple[Invitation, str]]
) -> None:
    karate = make_session(title="Karate")
    told = "Léo is already booked on Judo at this time"
    sign_in(visitor)
    path = f"{HERE}/sessions/{session.id}"
    assert visitor.send(visitor.get(path), {"participants/1/name": "Léo"}).status == 303
    _confirm(session)
    before = visitor.get(f"{HERE}/sessions/{karate.id}")
    assert told in before.text
    assert told in visitor.get(invite("zoe@example.org", to=karate)[1]).text
    booked = visitor.follow(visitor.send(before, {"participants/1/name": "Léo"}))
    assert told in booked.text
    visitor.cookies.clear()
    assert told not in visitor.get(f"{HERE}/sessions/{karate.id}").text


def _confirm(session: Session) -> None:
    """Update the rows of a session from its ledger, as the stream would."""
    from chalicelib.tables import booking_context, registrations

    for registration in booking_context.roster("demo", session.id).registrations:
        registrations.mark_confirmed("demo", session.id, registration.id, now=datetime.now(UTC))


def test_the_profile_is_changed_on_what_was_read(ana: Customer, visitor: Browser) -> None:
    sign_in(visitor)
    form = visitor.get(f"{HERE}/me/profile")
    assert form.form().fields["participants/1/name"] == "Léo"
    saved = visitor.send(form, {"phone": "0123", "participants/1/name": "", "participants/0/date_of_birth": "2019-04-05"})
    assert "Saved." in visitor.follow(saved).text
    now = customers.get("demo", "ana")
    assert (now.phone, now.participants) == ("0123", (Participant("Zoé", "2019-04-05"),))
    stale = visitor.send(form, {"name": "Anna"})
    assert (stale.status, "Somebody changed this" in stale.text) == (412, True)
    assert visitor.send(visitor.get(f"{HERE}/me/profile"), {"name": ""}).described("name")


def test_the_invoice_of_a_cancelled_session_asks_for_nothing(ana: Customer, visitor: Browser, make_session: Callable[..., Session]) -> None:
    now = datetime.now(UTC)
    session = make_session(tiers=[{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}])
    draft = AddInput.model_validate({"customer": ana.id, "participants": [{"name": "Zoé"}], "billing": {"method": "invoice"}})
    add("demo", session.id, draft, by="owner", key="one", now=now)
    _confirm(session)
    sign_in(visitor)
    assert "To be paid" in visitor.get(f"{HERE}/me").text
    cancel_session("demo", session.id, CancelInput(), by="owner", now=now)
    page = visitor.get(f"{HERE}/me")
    assert "To be paid" not in page.text
    assert page.text.count("Cancelled") == 2, "the registration and its invoice"


def test_the_calendar_gets_a_new_address(ana: Customer, visitor: Browser) -> None:
    visitor.post(f"{HERE}/sign-in", {"email": ANA, "password": PASSWORD})
    before = visitor.get(f"{HERE}/me")
    (old,) = {link for link in before.links if link.startswith("http") and "/v1/calendars/" in link}
    after = visitor.follow(visitor.send(before, {}, action=f"{HERE}/me/calendar"))
    assert "Your calendar has a new address." in after.text
    assert old not in after.links


def test_a_known_date_of_birth_is_not_asked_for_and_counts(ana: Customer, visitor: Browser, make_session: Callable[..., Session]) -> None:
    """Of two ticked children, one whose date of birth is known is too old; the other's is asked for."""
    today = datetime.now(UTC)
    customers.save(replace(ana, participants=(Participant("Zoé", f"{today.year - 12}-01-01"), Participant("Léo"))), was=ana)
    nuts = {"id": "nuts", "label": "Allergies?", "kind": "text", "per": "participant"}
    session = make_session(min_age=6, max_age=9, questions=[nuts], spots_total=5)
    sign_in(visitor)
    page = visitor.get(f"{HERE}/sessions/{session.id}")
    assert "participants/0/answers/nuts" in page.form().fields
    assert "participants/0/date_of_birth" not in page.form().fields
    assert "participants/1/date_of_birth" in page.form().fields
    refused = visitor.send(page, {"participants/0/name": "Zoé", "participants/1/name": "Léo"})
    assert "Zoé is 1" in refused.text
    assert refused.described("participants/1/date_of_birth") == "Enter the date of birth of Léo."
    alone = {"participants/0/name": "", "participants/1/name": "Léo", "participants/1/date_of_birth": f"{today.year - 8}-01-01"}
    assert visitor.follow(visitor.send(page, {**alone, "participants/0/answers/nuts": "ignored"})).status == 200
    (made,) = booking_context.roster("demo", session.id).registrations
    assert (made.participants, made.answers_at(0)) == (("Léo",), {})
