"""An invoice that is paid online, with a stand-in for Stripe. Tests import the fixtures `stripe` and `invoiced`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations import links, organisations
from chalicelib.operations.registrations import add, add_payment
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import AddInput, PaymentInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations
from tests.http import Response, call
from tests.stripe import KEYS, Stripe, signature, stripe_configured

DEMO, WEBHOOK = "/v1/orgs/demo", "/v1/stripe/demo/webhook"
PRICE = 3750
MakeSession = Callable[..., Session]


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        yield running


@pytest.fixture
def invoiced(stripe: Stripe, make_session: MakeSession, today: datetime) -> Registration:
    """A registration of three spots at 12.50, with an invoice that can be paid online."""
    organisations.change("demo", OrganisationChanges.model_validate(KEYS), expected=None)
    session = make_session(title="Poterie", tiers=[{"name": "Enfant", "price": {"amount": 1250, "currency": "EUR"}}], spots_total=5)
    body: dict[str, Any] = {"new_customer": {"name": "Ana Müller", "email": "ana@example.org"}, "participants": [{"name": "Zoé"}]}
    draft = AddInput.model_validate({**body, "party_size": 3, "billing": {"method": "invoice"}})
    return add("demo", session.id, draft, by="owner", key="one", now=today).registration


def token_of(registration: Registration) -> str:
    return links.invoice_token(registration, registration.invoice)


def public_id(registration: Registration) -> str:
    return f"{registration.session}-{registration.id}"


def opened(registration: Registration) -> Response:
    return call("POST", f"/v1/invoices/{token_of(registration)}/checkout")


def heard(body: bytes, path: str = WEBHOOK, **signed: Any) -> Response:
    return call("POST", path, body, headers=signature(body, **signed))


def stands(registration: Registration) -> Registration:
    return registrations.get("demo", registration.session, registration.id)


def paid_in_cash(registration: Registration, amount: int, now: datetime) -> None:
    draft = PaymentInput.model_validate({"amount": {"amount": amount, "currency": "EUR"}, "method": "cash"})
    add_payment("demo", public_id(registration), draft, by="owner", now=now)
