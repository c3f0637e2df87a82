"""What Ana types, and the e-mails that she gets."""

from chalicelib.rules.messages import Message
from chalicelib.tables import messages
from tests.pages.browser import Browser, Page

ANA, PASSWORD = "ana@example.org", "demo-Passw0rd!"
CHOSEN = {"password": PASSWORD, "password_confirmation": PASSWORD}
HERE = "/p/demo"


def sent(email: str = ANA) -> Message:
    return messages.to_address("demo", email, limit=1, start=None)[0][0]


def sign_in(browser: Browser, **typed: str) -> Page:
    return browser.send(browser.get(f"{HERE}/sign-in"), {"email": ANA, "password": PASSWORD, **typed})
