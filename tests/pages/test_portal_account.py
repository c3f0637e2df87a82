"""The customer portal: sign-up, sign-in, the dashboard, the profile, and prefilled forms."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.operations import auth, invitations, links, organisations, staff
from chalicelib.operations.auth import user_pool as pool
from chalicelib.operations.registrations import add
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.auth import WrongPassword
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import Message
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, customers, messages
from tests.aws import Demo
from tests.pages.browser import Browser, Page

ANA, PASSWORD = "ana@example.org", "demo-Passw0rd!"
CHOSEN = {"password": PASSWORD, "password_confirmation": PASSWORD}
HERE = "/p/demo"


@pytest.fixture
def demo(demo_org: Demo, user_pool: str) -> Demo:
    return demo_org


@pytest.fixture
def invited(demo: Demo) -> Customer:
    """A customer with a portal invitation."""
    now = datetime.now(UTC)
    customer = Customer(org="demo", id="ana", email=ANA, name="Ana", created_at=now, status="invited", link_version=1, invited_at=now)
    customers.create(customer)
    return customer


@pytest.fixture
def ana(invited: Customer) -> Customer:
    """A customer with an account and two children."""
    user = pool.sign_up(ANA, PASSWORD)
    assert user
    with_children = customers.save(replace(invited, participants=(Participant("Zoé"), Participant("Léo"))), was=invited)
    return customers.accept(with_children, user)


def _link(customer: Customer) -> str:
    return urlsplit(links.portal_activation_link(customer.org, customer.id, customer.link_version, email=customer.email)).path


def _sent(email: str = ANA) -> Message:
    return messages.to_address("demo", email, limit=1, start=None)[0][0]


def _confirmation(email: str = ANA) -> str:
    return urlsplit(links.confirmation_link("demo", _sent(email).data["joining"])).path


def _sign_in(browser: Browser, **typed: str) -> Page:
    return browser.send(browser.get(f"{HERE}/sign-in"), {"email": ANA, "password": PASSWORD, **typed})


def test_a_portal_invitation_leads_to_the_dashboard(invited: Customer, visitor: Browser) -> None:
    page = visitor.get(_link(invited))
    assert "Choose a password for ana@example.org" in page.text
    assert "Demo" in page.text
    answer = visitor.send(page, CHOSEN)
    assert urlsplit(answer.headers["location"]).path == f"{HERE}/sign-in"
    sign_in = visitor.follow(answer)
    assert "Your account is ready." in sign_in.text
    home = visitor.send(sign_in, {"email": ANA, "password": PASSWORD})
    assert home.headers["location"] == f"{HERE}/me"
    assert "Hello Ana" in visitor.follow(home).text
    again = visitor.get(_link(invited))
    assert (again.status, again.links.count(f"{HERE}/sign-in"), "Demo" in again.text) == (410, 1, True)


def test_a_password_that_differs_from_its_confirmation_is_refused(invited: Customer, visitor: Browser) -> None:
    answer = visitor.send(visitor.get(_link(invited)), {**CHOSEN, "password_confirmation": "another-Passw0rd"})
    assert answer.status == 422
    assert "The passwords donThe passwords don"  # 39;t match" in answer.described("password_confirmation")
    assert PASSWORD not in answer.html
    assert customers.get("demo", "ana").status == "invited"


def test_a_customer_with_an_account_joins_with_its_password(invited: Customer, visitor: Browser) -> None:
    pool.sign_up(ANA, PASSWORD)
    page = visitor.get(_link(invited))
    assert "has an account here already" in page.text
    assert visitor.send(page, {"password": "wrong"}).status == 401
    assert "part of your account now" in visitor.follow(visitor.send(page, {"password": PASSWORD})).text


def test_registering_in_french_confirms_the_address_first(demo: Demo, french: Browser) -> None:
    form = french.get(f"{HERE}/register")
    assert "Créer un compte" in form.text
    typed = {"name": "Ana", "email": ANA, **CHOSEN, "participants/1/name": "Zoé", "participants/1/date_of_birth": "2019-04-05"}
    asked = french.send(form, typed)
    assert (asked.status, "Consultez votre messagerie" in asked.text) == (200, True)
    assert _sent().locale == "fr"
    page = french.get(_confirmation())
    assert customers.of_address("demo", ANA) is None
    answer = french.send(page, {})
    assert "Votre adresse est confirmée" in french.follow(answer).text
    known = customers.of_address("demo", ANA)
    assert known
    assert (known.status, known.participants) == ("accepted", (Participant("Zoé", "2019-04-05"),))
    assert french.get(_confirmation()).status == 410


def test_each_fault_is_shown_at_its_field_and_more_participants_fit(demo: Demo, visitor: Browser) -> None:
    form = visitor.get(f"{HERE}/register")
    answer = visitor.send(form, {"name": "Ana", "email": "no address", "password": "weak", "participants/0/date_of_birth": "2019-04-05"})
    assert answer.status == 422
    for name in ("email", "password", "password_confirmation", "participants/0/name"):
        assert answer.described(name), name
    more = visitor.send(form, {"more": "participants", "participants/0/name": "Zoé", "participants/1/name": "Léo"})
    assert {"participants/0/name": "Zoé", "participants/2/name": ""}.items() <= more.form().fields.items()


def test_registering_with_an_address_that_has_an_account_takes_nothing_over(ana: Customer, visitor: Browser) -> None:
    typed = {"name": "Mallory", "email": ANA, "password": "another-Passw0rd", "password_confirmation": "another-Passw0rd"}
    assert visitor.send(visitor.get(f"{HERE}/register"), typed).status == 200
    page = visitor.get(_confirmation())
    assert "Its password stays as it is" in page.text
    visitor.send(page, {})
    with pytest.raises(WrongPassword):
        auth.sign_in(ANA, "another-Passw0rd", source="192.0.2.1", now=datetime.now(UTC))
    assert customers.get("demo", "ana").name == "Ana"


def _signed_up(browser: Browser, password: str) -> None:
    typed = {"name": "Ana", "email": ANA, "password": password, "password_confirmation": password}
    assert browser.send(browser.get(f"{HERE}/register"), typed).status == 200


def _signs_in(password: str) -> bool:
    try:
        auth.sign_in(ANA, password, source="192.0.2.1", now=datetime.now(UTC))
    except WrongPassword:
        return False
    return True


def test_another_browser_repeats_the_password(demo: Demo, visitor: Browser, french: Browser) -> None:
    _signed_up(french, PASSWORD)
    page = visitor.get(_confirmation())
    empty = visitor.send(page, {})
    assert (empty.status, empty.described("password")) == (422, "Please fill in this field.")
    assert visitor.send(page, {"password": PASSWORD}).status == 303
    assert _signs_in(PASSWORD)


def test_who_does_not_know_the_typed_password_chooses_one(demo: Demo, visitor: Browser, french: Browser) -> None:
    """A stranger typed Ana's address and a password of his own: it never opens her account."""
    _signed_up(french, "Attacker0wned!")
    again = visitor.send(visitor.get(_confirmation()), {"password": PASSWORD})
    assert again.status == 422
    assert "not the password that was chosen at registration" in again.described("password")
    assert visitor.send(again, {"password": PASSWORD, "password_confirmation": "another-Passw0rd"}).status == 422
    assert visitor.send(again, {"password": PASSWORD, "password_confirmation": PASSWORD}).status == 303
    assert (_signs_in(PASSWORD), _signs_in("Attacker0wned!")) == (True, False)


def test_a_new_password_may_be_chosen_at_once(demo: Demo, visitor: Browser, french: Browser) -> None:
    _signed_up(french, "Attacker0wned!")
    page = visitor.get(f"{_confirmation()}?new=1")
    assert set(page.form().fields) >= {"password", "password_confirmation"}
    assert visitor.send(page, CHOSEN).status == 303
    assert _signs_in(PASSWORD)


def test_a_dashboard_requires_sign_in(ana: Customer, visitor: Browser) -> None:
    answer = visitor.get(f"{HERE}/me/profile")
    assert urlsplit(answer.headers["location"]).path == f"{HERE}/sign-in"
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"next": [f"{HERE}/me/profile"]}
    went_on = visitor.send(visitor.follow(answer), {"email": ANA, "password": PASSWORD})
    assert went_on.headers["location"] == f"{HERE}/me/profile"
    assert visitor.get(f"{HERE}/sign-in").headers["location"] == f"{HERE}/me"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example/p/demo/", "/o/demo", "/p/other/me"])
def test_signing_in_redirects_to_no_other_site(target: str, ana: Customer, visitor: Browser) -> None:
    answer = visitor.post(f"{HERE}/sign-in?next={target}", {"email": ANA, "password": PASSWORD})
    assert answer.headers["location"] == f"{HERE}/me"


def test_a_wrong_password_is_told_and_guessing_is_throttled(ana: Customer, visitor: Browser) -> None:
    wrong = _sign_in(visitor, password="wrong")
    assert (wrong.status, "The address or the password is wrong" in wrong.text) == (401, True)
    for _ in range(9):
        _sign_in(visitor, password="wrong")
    assert _sign_in(visitor).status == 429


def test_a_customer_opens_no_page_of_staff(ana: Customer, visitor: Browser) -> None:
    _sign_in(visitor)
    for path in ("/o/demo", "/o/demo/customers", "/o/demo/settings"):
        assert visitor.get(path).status == 404


def test_the_portal_of_another_organisation_says_how_to_become_a_customer(ana: Customer, visitor: Browser) -> None:
    organisations.create("other", "Other studio", now=datetime.now(UTC))
    _sign_in(visitor)
    page = visitor.get("/p/other/me")
    assert page.status == 404
    assert "Register to add it" in page.text
    assert "/p/other/register" in page.links


def test_a_customer_joins_a_waitlist_without_typing_and_finds_it_again(
    ana: Customer, visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    session = make_session(spots_total=1, title="Fencing")
    invitations.invite("demo", session.id, InvitationInput(email="ben@example.org"), by="manager@demo.test", key="ben", now=today)
    _sign_in(visitor)
    assert "You can join the waitlist." in visitor.get(HERE).text
    mine = visitor.follow(visitor.send(visitor.get(f"{HERE}/sessions/{session.id}"), {}, action=f"{HERE}/sessions/{session.id}/waitlist"))
    assert "You are number 1 in line." in mine.text
    dashboard = visitor.get(f"{HERE}/me")
    assert "On the waitlist Fencing" in dashboard.text
    assert mine.path in dashboard.links


def test_one_account_has_a_dashboard_in_each_organisation(ana: Customer, visitor: Browser) -> None:
    organisations.create("other", "Other studio", now=datetime.now(UTC))
    customers.create(replace(ana, org="other", id="also-ana", name="Anna"))
    _sign_in(visitor)
    assert "/p/other/me" in visitor.get(f"{HERE}/me").links
    assert "Hello Anna" in visitor.get("/p/other/me").text
    assert {f"{HERE}/me", "/p/other/me"} <= set(visitor.get("/").links)


def test_a_customers_password_reset_ends_in_the_portal(ana: Customer, visitor: Browser) -> None:
    asked = visitor.send(visitor.get(f"{HERE}/forgot"), {"email": ANA})
    unknown = visitor.send(visitor.get(f"{HERE}/forgot"), {"email": "nobody@example.org"})
    assert asked.text.replace(ANA, "") == unknown.text.replace("nobody@example.org", "")
    page = visitor.get(urlsplit(links.password_reset_link(_sent().data["user"], _sent().data["nonce"])).path)
    assert "Demo" in page.text
    answer = visitor.send(page, {"password": "another-Passw0rd", "password_confirmation": "another-Passw0rd"})
    assert urlsplit(answer.headers["location"]).path == f"{HERE}/sign-in"
    assert "Your new password is set" in visitor.follow(answer).text
    assert _sign_in(visitor, password="another-Passw0rd").status == 303


def test_signing_out_ends_it(ana: Customer, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(auth, "sign_out", ended.append)
    _sign_in(visitor)
    answer = visitor.send(visitor.get(f"{HERE}/me"), {}, action=f"{HERE}/sign-out")
    assert "You are signed out." in visitor.follow(answer).text
    assert (len(ended), visitor.cookies) == (1, {})


def test_the_dashboard_shows_invitations_and_what_is_booked(ana: Customer, visitor: Browser, make_session: Callable[..., Session]) -> None:
    now, booked, offered = datetime.now(UTC), make_session(title="Judo"), make_session(title="Pottery")
    draft = InvitationInput.model_validate({"email": ANA})
    invitation = invitations.invite("demo", offered.id, draft, by="manager@demo.test", key="k", now=now).invitation
    _sign_in(visitor)
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
    _sign_in(visitor)
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


def test_a_booker_without_an_account_is_offered_a_prefilled_sign_up(demo: Demo, visitor: Browser, session: Session) -> None:
    form = visitor.get(f"{HERE}/sessions/{session.id}")
    registered = visitor.follow(visitor.send(form, {"name": "Ben", "email": "ben@example.org", "participants/0/name": "Kim"}))
    offer = next(link for link in registered.links if "/register?" in link)
    known = {"name": "Ben", "email": "ben@example.org", "participants/0/name": "Kim"}
    assert known.items() <= visitor.get(offer).form().fields.items()
    assert visitor.get(f"{HERE}/register?from=demo.made.up").form().fields["email"] == ""


def test_the_profile_is_changed_on_what_was_read(ana: Customer, visitor: Browser) -> None:
    _sign_in(visitor)
    form = visitor.get(f"{HERE}/me/profile")
    assert form.form().fields["participants/1/name"] == "Léo"
    saved = visitor.send(form, {"phone": "0123", "participants/1/name": "", "participants/0/date_of_birth": "2019-04-05"})
    assert "Saved." in visitor.follow(saved).text
    now = customers.get("demo", "ana")
    assert (now.phone, now.participants) == ("0123", (Participant("Zoé", "2019-04-05"),))
    stale = visitor.send(form, {"name": "Anna"})
    assert (stale.status, "Somebody changed this" in stale.text) == (412, True)
    assert visitor.send(visitor.get(f"{HERE}/me/profile"), {"name": ""}).described("name")


def test_a_customer_who_is_staff_too_chooses_where_to_go(ana: Customer, visitor: Browser) -> None:
    staff.set_owner("demo", ANA, "Ana", password=PASSWORD, now=datetime.now(UTC))
    page = visitor.follow(visitor.post("/", {"email": ANA, "password": PASSWORD}))
    assert {"/o/demo", f"{HERE}/me"} <= set(page.links)


def test_an_expired_sign_in_leaves_the_public_pages_open(ana: Customer, visitor: Browser, session: Session) -> None:
    visitor.cookies = {"rollbook-access": "bad"}
    page = visitor.get(f"{HERE}/sessions/{session.id}")
    assert page.status == 200
    assert page.form().fields["name"] == ""
    assert visitor.cookies == {}


def test_the_invoice_of_a_cancelled_session_asks_for_nothing(ana: Customer, visitor: Browser, make_session: Callable[..., Session]) -> None:
    now = datetime.now(UTC)
    session = make_session(tiers=[{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}])
    draft = AddInput.model_validate({"customer": ana.id, "participants": [{"name": "Zoé"}], "billing": {"method": "invoice"}})
    add("demo", session.id, draft, by="owner", key="one", now=now)
    _confirm(session)
    _sign_in(visitor)
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


def test_a_date_of_birth_in_the_future_is_marked_at_its_field(demo: Demo, french: Browser) -> None:
    born = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    typed = {"name": "Ana", "email": ANA, **CHOSEN, "participants/0/name": "Zoé", "participants/0/date_of_birth": born}
    answer = french.send(french.get(f"{HERE}/register"), typed)
    assert answer.status == 422
    assert answer.described("participants/0/date_of_birth") == "Cette date est dans le futur. Vérifiez l’année."


def test_a_known_date_of_birth_is_not_asked_for_and_counts(ana: Customer, visitor: Browser, make_session: Callable[..., Session]) -> None:
    """Of two ticked children, one whose date of birth is known is too old; the other's is asked for."""
    today = datetime.now(UTC)
    customers.save(replace(ana, participants=(Participant("Zoé", f"{today.year - 12}-01-01"), Participant("Léo"))), was=ana)
    nuts = {"id": "nuts", "label": "Allergies?", "kind": "text", "per": "participant"}
    session = make_session(min_age=6, max_age=9, questions=[nuts], spots_total=5)
    _sign_in(visitor)
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
