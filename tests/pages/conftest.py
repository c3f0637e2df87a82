"""A demo organisation, and browsers for its visitors and staff."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from chalicelib.operations import invitations, sessions
from chalicelib.operations.links import invitation_link
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from tests.aws import Demo
from tests.http import gateway
from tests.pages.browser import Browser

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def today() -> datetime:
    """The current time: pages use the real clock."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _year_of_invoices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Number invoices as in 2026, in any year."""
    for name in ("credit_notes", "issue"):
        monkeypatch.setattr(import_module(f"chalicelib.operations.invoices.{name}"), "year_of", lambda *_: 2026)


@pytest.fixture
def visitor() -> Browser:
    """The browser of an anonymous visitor."""
    return Browser(gateway)


@pytest.fixture
def french() -> Browser:
    return Browser(gateway, language="fr-FR,fr;q=0.9,en;q=0.5")


@pytest.fixture
def as_role(demo_org: Demo) -> Callable[[str], Browser]:
    """Return `as_role("viewer")`, which returns the browser of a signed-in member of staff."""

    def signed_in(role: str) -> Browser:
        browser = Browser(gateway)
        browser.cookies["rollbook-access"] = getattr(demo_org, role)
        return browser

    return signed_in


@pytest.fixture
def manager(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("manager")


@pytest.fixture
def make_session(demo_org: Demo, today: datetime) -> Callable[..., Session]:
    """Return `make_session(spots_total=2)`, which creates a session in a week."""

    def make(**said: Any) -> Session:
        starts = today + timedelta(days=7)
        draft = {
            "title": "Judo",
            "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
            "time_zone": "Europe/Paris",
            "spots_total": 5,
            "tiers": [{"name": "Standard", "price": {"amount": 1200, "currency": "EUR"}}],
            **said,
        }
        key = str(sorted((name, str(value)) for name, value in said.items()))
        return sessions.create_session("demo", SessionInput.model_validate(draft), key=key, now=today).session

    return make


@pytest.fixture
def session(make_session: Callable[..., Session]) -> Session:
    return make_session()


@pytest.fixture
def invite(session: Session, today: datetime) -> Callable[..., tuple[Invitation, str]]:
    """Return `invite("ana@example.org")`, which returns an invitation and the path of its page."""

    def invited(email: str, *, to: Session = session, **said: Any) -> tuple[Invitation, str]:
        draft = InvitationInput(email=email, **said)
        made = invitations.invite("demo", to.id, draft, by="manager@demo.test", key=email + to.id, now=today).invitation
        return made, path_of(made)

    return invited


def path_of(invitation: Invitation) -> str:
    return invitation_link(invitation).removeprefix(BASE)
