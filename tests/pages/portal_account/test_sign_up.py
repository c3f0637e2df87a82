"""Customers sign up themselves, and confirm their address first."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from chalicelib.operations import auth, links
from chalicelib.rules.auth import WrongPassword
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers
from tests.aws import Demo
from tests.pages.browser import Browser
from tests.pages.portal_account.ana import ANA, CHOSEN, HERE, PASSWORD, sent


def _confirmation(email: str = ANA) -> str:
    return urlsplit(links.confirmation_link("demo", sent(email).data["joining"])).path


def test_registering_in_french_confirms_the_address_first(demo: Demo, french: Browser) -> None:
    form = french.get(f"{HERE}/register")
    assert "Créer un compte" in form.text
    typed = {"name": "Ana", "email": ANA, **CHOSEN, "participants/1/name": "Zoé", "participants/1/date_of_birth": "2019-04-05"}
    question = french.send(form, typed)
    assert (question.status, "Consultez votre messagerie" in question.text) == (200, True)
    assert sent().locale == "fr"
    page = french.get(_confirmation())
    assert customers.of_address("demo", ANA) is None
    response = french.send(page, {})
    assert "Votre adresse est confirmée" in french.follow(response).text
    known = customers.of_address("demo", ANA)
    assert known
    assert (known.status, known.participants) == ("accepted", (Participant("Zoé", "2019-04-05"),))
    assert french.get(_confirmation()).status == 410


def test_each_fault_is_shown_at_its_field_and_more_participants_fit(demo: Demo, visitor: Browser) -> None:
    form = visitor.get(f"{HERE}/register")
    response = visitor.send(form, {"name": "Ana", "email": "no address", "password": "weak", "participants/0/date_of_birth": "2019-04-05"})
    assert response.status == 422
    for name in ("email", "password", "password_confirmation", "participants/0/name"):
        assert response.described(name), name
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


def test_a_booker_without_an_account_is_offered_a_prefilled_sign_up(demo: Demo, visitor: Browser, session: Session) -> None:
    form = visitor.get(f"{HERE}/sessions/{session.id}")
    registered = visitor.follow(visitor.send(form, {"name": "Ben", "email": "ben@example.org", "participants/0/name": "Kim"}))
    offer = next(link for link in registered.links if "/register?" in link)
    known = {"name": "Ben", "email": "ben@example.org", "participants/0/name": "Kim"}
    assert known.items() <= visitor.get(offer).form().fields.items()
    assert visitor.get(f"{HERE}/register?from=demo.made.up").form().fields["email"] == ""


def test_a_date_of_birth_in_the_future_is_marked_at_its_field(demo: Demo, french: Browser) -> None:
    born = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    typed = {"name": "Ana", "email": ANA, **CHOSEN, "participants/0/name": "Zoé", "participants/0/date_of_birth": born}
    response = french.send(french.get(f"{HERE}/register"), typed)
    assert response.status == 422
    assert response.described("participants/0/date_of_birth") == "Cette date est dans le futur. Vérifiez l’année."
