"""The portal in Chromium: from the invitation to the dashboard to a booking, by keyboard, on a phone, in French."""

import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.http.conftest import Staff
from tests.live.stack import Stack

pytestmark = pytest.mark.live

Window = Callable[..., Page]
PASSWORD = "chosen-Passw0rd"
KINDS = [
    pytest.param(Kind(), id="desktop"),
    pytest.param(Kind(width=390, javascript=False), id="phone without JavaScript"),
]


@pytest.fixture
def invited(stack: Stack, staff: Staff) -> tuple[str, str]:
    """An invited customer: the address, and the path of the link in the e-mail."""
    email = f"ana-{uuid.uuid4().hex[:8]}@example.org"
    children = [{"name": "Zoé Ortiz"}, {"name": "Léo Ortiz"}]
    customer = staff.call("POST", "/customers", {"name": "Ana Ortiz", "email": email, "participants": children}).json["id"]
    assert staff.call("POST", f"/customers/{customer}/invite", {}).status == 202
    return email, urlsplit(stack.mail(email)["text"].splitlines()[0]).path


def _fill(page: Page, *texts: str) -> None:
    """Fill in the fields in order with the keyboard only, and send the form."""
    for index, text in enumerate(texts):
        if index:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_invitation_to_a_booking(
    kind: Kind, invited: tuple[str, str], window: Window, staff: Staff, look: Callable[..., list[str]]
) -> None:
    email, link = invited
    session = staff.session(title="Climbing")
    page = window(kind)

    def tidy() -> None:
        if kind.javascript:
            assert look(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto(link)
    tidy()
    page.get_by_label("Password", exact=True).focus()
    _fill(page, PASSWORD, PASSWORD)
    expect(page.get_by_role("status")).to_contain_text("Your account is ready.")
    tidy()
    expect(page.get_by_label("E-mail")).to_have_value(email)
    page.get_by_label("Password", exact=True).focus()
    _fill(page, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Ana Ortiz")
    tidy()
    page.get_by_role("link", name="Enrol in a session").press("Enter")
    page.goto(f"/p/demo/sessions/{session}")
    expect(page.get_by_label("Your e-mail")).to_have_value(email)
    expect(page.get_by_label("Léo Ortiz")).not_to_be_checked()
    tidy()
    page.get_by_label("Zoé Ortiz").check()
    page.get_by_role("button", name="Register").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are registered")
    assert staff.spots(session)["taken"] == 1
    page.get_by_role("link", name="My account").last.press("Enter")
    expect(page.get_by_role("link", name="Climbing")).to_be_visible()
    tidy()
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")


def test_registering_in_french_on_a_phone(window: Window, stack: Stack, look: Callable[..., list[str]]) -> None:
    email = f"zoe-{uuid.uuid4().hex[:8]}@example.org"
    page = window(Kind(width=390, language="fr-FR"))
    page.goto("/p/demo/register")
    page.get_by_label("Votre nom").fill("Zoé Martin")
    page.get_by_label("Votre e-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Confirmez le mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Ajouter quelqu’un").click()
    expect(page.locator("#participants .row")).to_have_count(3)
    assert look(page) == []
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consultez votre messagerie")
    page.goto(urlsplit(stack.mail(email)["text"].splitlines()[0]).path)
    assert look(page) == []
    page.get_by_role("button", name="Confirmer l’adresse").click()
    expect(page.get_by_role("status")).to_contain_text("Votre adresse est confirmée.")


def test_staff_copy_the_links_for_their_customers(window: Window, stack: Stack) -> None:
    page = window()
    sign_in(page, "/o/demo/customers")
    card = page.get_by_role("region", name="Links for your customers")
    card.get_by_role("link", name="Copy link").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{stack.url}/p/demo"
