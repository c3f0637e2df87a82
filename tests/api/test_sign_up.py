"""Customer sign-up over HTTP, and the password reset."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.operations import links, organisations
from chalicelib.operations.auth import user_pool as pool
from chalicelib.rules.customers import Customer
from chalicelib.rules.messages import Message
from chalicelib.tables import customers, messages
from tests.http import Response, call

PASSWORD = "demo-Passw0rd!"
ANA = "ana@example.org"
CHOSEN = {"password": PASSWORD, "password_confirmation": PASSWORD}


@pytest.fixture(autouse=True)
def demo(user_pool: str) -> None:
    organisations.create("demo", "Demo", now=datetime.now(UTC))


@pytest.fixture
def ana() -> Customer:
    """A customer who was invited to the portal."""
    now = datetime.now(UTC)
    customer = Customer(org="demo", id="ana", email=ANA, name="Ana", created_at=now, status="invited", link_version=1, invited_at=now)
    customers.create(customer)
    return customer


def _token(customer: Customer) -> str:
    return links.portal_activation_link("demo", customer.id, customer.link_version, email=customer.email).rpartition("/")[2]


def _activate(token: str, **more: str) -> Response:
    return call("POST", "/v1/portal/activate", {"token": token, **CHOSEN, **more})


def _register(email: str = ANA, **more: Any) -> Response:
    body = {"email": email, "name": "Ana", "participants": [{"name": "Kim", "date_of_birth": "2019-05-04"}], **CHOSEN, **more}
    return call("POST", "/v1/portal/demo/register", body)


def _sent(email: str = ANA) -> Message:
    (found, *_), _ = messages.to_address("demo", email, limit=1, start=None)
    return found


def _sign_in(password: str = PASSWORD) -> Response:
    return call("POST", "/v1/auth/sign-in", {"email": ANA, "password": password})


def test_the_link_works_once_and_sets_the_status(ana: Customer) -> None:
    response = _activate(_token(ana))
    assert (response.status, response.json["customer"], response.json["status"]) == (201, "ana", "accepted")
    assert customers.get("demo", "ana").status == "accepted"
    assert messages.to_address("demo", ANA, limit=9, start=None)[0] == []
    assert _sign_in().json["customer_of"] == [{"org": "demo", "customer": "ana"}]
    again = _activate(_token(ana))
    assert (again.status, again.json["code"]) == (410, "link_used")


def test_passwords_that_differ_or_are_weak_change_nothing(ana: Customer) -> None:
    differs = _activate(_token(ana), password_confirmation="another-Passw0rd")
    assert (differs.status, differs.faults) == (422, {("/password_confirmation", "differs")})
    weak = _activate(_token(ana), password="weak", password_confirmation="weak")
    assert (weak.status, weak.faults) == (422, {("/password", "weak_password")})
    assert customers.get("demo", "ana").status == "invited"
    assert pool.user_of(ANA) is None


def test_a_replaced_link_answers_410(ana: Customer) -> None:
    older = _token(ana)
    customers.save(replace(ana, link_version=2), was=ana)
    assert _activate(older).status == 410


def test_an_address_with_an_account_must_give_its_password(ana: Customer) -> None:
    pool.sign_up(ANA, "another-Passw0rd")
    assert _activate(_token(ana)).status == 401
    assert _activate(_token(ana), password="another-Passw0rd", password_confirmation="another-Passw0rd").status == 201


def test_registering_answers_the_same_whether_the_address_is_known(ana: Customer) -> None:
    pool.sign_up("known@example.org", PASSWORD)
    responses = {(_register(email).status, _register(email).text) for email in (ANA, "known@example.org", "new@example.org")}
    assert responses == {(202, "{}")}
    assert {_sent(email).kind for email in (ANA, "known@example.org", "new@example.org")} == {"address_confirmation"}


def test_confirming_makes_the_customer(ana: Customer) -> None:
    _register("new@example.org")
    token = links.confirmation_link("demo", _sent("new@example.org").data["joining"]).rpartition("/")[2]
    response = call("POST", "/v1/portal/confirm", {"token": token})
    assert (response.status, response.json["status"], response.json["email"]) == (201, "accepted", "new@example.org")
    assert customers.get("demo", response.json["customer"]).participants[0].date_of_birth == "2019-05-04"
    assert call("POST", "/v1/portal/confirm", {"token": token}).status == 410


def test_all_faults_of_a_sign_up_are_reported_at_once() -> None:
    response = _register("no address", name="", password="weak", password_confirmation="other", participants=[{"name": ""}])
    assert response.faults == {
        ("/email", "not_an_address"),
        ("/name", "empty"),
        ("/password", "weak_password"),
        ("/password_confirmation", "differs"),
        ("/participants/0/name", "empty"),
    }


def test_a_customer_resets_a_forgotten_password(ana: Customer) -> None:
    _activate(_token(ana))
    signed_in = _sign_in().json
    assert call("POST", "/v1/auth/forgot-password", {"email": ANA}).status == 202
    token = links.password_reset_link(_sent().data["user"], _sent().data["nonce"]).rpartition("/")[2]
    new = {"password": "another-Passw0rd", "password_confirmation": "another-Passw0rd"}
    assert call("POST", "/v1/auth/reset-password", {"token": token, **new}).status == 200
    assert _sign_in().status == 401
    assert _sign_in("another-Passw0rd").status == 200
    assert customers.get("demo", "ana").tokens_valid_from
    assert call("GET", "/v1/orgs/demo/customers", token=signed_in["access_token"]).status == 404
