"""The stand-in for Stripe: pays, expires and refunds as Stripe does, repeats answers, and says that it is none."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.local.http_server import Request, Response
from infra.local.mailbox.mail_store import MailStore
from infra.local.mailbox.server import Mailbox
from infra.local.stripe.account import read_account
from infra.local.stripe.server import Stripe
from tests import stripe_forms

HERE = ("Host", "127.0.0.1:8025")
CHECKOUT = {
    "mode": "payment",
    "line_items[0][quantity]": "2",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "1250",
    "line_items[0][price_data][product_data][name]": "<b>Judo</b>",
    "metadata[org]": "demo",
    "success_url": "http://127.0.0.1:8000/ok",
    "cancel_url": "http://127.0.0.1:8000/back",
}


class Client:
    """Calls the stand-in below the mailbox, and keeps the events that it sends."""

    def __init__(self, folder: Path) -> None:
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.file = folder / "stripe.json"
        self.stripe = Stripe("http://127.0.0.1:8025/stripe", file=self.file, tell=lambda *event: self.told.append(event))
        self._mailbox = Mailbox(MailStore(folder / "mail.jsonl"), rollbook="", stripe=self.stripe)

    def call(self, method: str, path: str, fields: Mapping[str, str] = {}, *, key: str = "", secret: str = "sk_test_1") -> Response:
        headers = (HERE, ("Authorization", f"Bearer {secret}"), ("Idempotency-Key", key))
        path, _, query = path.partition("?")
        return self._mailbox(Request(method, f"/stripe{path}", query, headers, urlencode(fields).encode()))

    def json(self, method: str, path: str, fields: Mapping[str, str] = {}, **more: Any) -> Any:
        return json.loads(self.call(method, path, fields, **more).body)

    def paid(self) -> Any:
        """Return a session that was opened and paid on its page."""
        opened = self.json("POST", "/v1/checkout/sessions", CHECKOUT)
        assert self.call("POST", f"/c/pay/{opened['id']}", {"do": "pay"}).status == 303
        return self.json("GET", f"/v1/checkout/sessions/{opened['id']}")


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_a_session_is_paid_on_its_page_once(client: Client) -> None:
    opened = client.json("POST", "/v1/checkout/sessions", CHECKOUT)
    assert (opened["status"], opened["payment_status"], opened["amount_total"]) == ("open", "unpaid", 2500)
    page = client.call("GET", "/c/pay/cs_test_1")
    assert b"This is not Stripe." in page.body
    assert b"<b>Judo</b>" not in page.body
    assert "form-action 'self' http://127.0.0.1:8000;" in dict(page.headers)["Content-Security-Policy"]
    went = client.call("POST", "/c/pay/cs_test_1", {"do": "pay"})
    assert (went.status, dict(went.headers)["Location"]) == (303, CHECKOUT["success_url"])
    assert b"paid already" in client.call("POST", "/c/pay/cs_test_1", {"do": "pay"}).body
    ((org, kind, session),) = client.told
    assert (org, kind, session["payment_status"], session["payment_intent"]) == (
        "demo",
        "checkout.session.completed",
        "paid",
        "pi_cs_test_1",
    )
    assert client.json("GET", "/v1/checkout/sessions?payment_intent=pi_cs_test_1")["data"] == [session]


def test_going_back_leaves_the_session_open(client: Client) -> None:
    client.json("POST", "/v1/checkout/sessions", CHECKOUT)
    went = client.call("POST", "/c/pay/cs_test_1", {"do": "cancel"})
    assert dict(went.headers)["Location"] == CHECKOUT["cancel_url"]
    assert (client.json("GET", "/v1/checkout/sessions/cs_test_1")["status"], client.told) == ("open", [])


def test_an_expired_session_is_not_paid(client: Client) -> None:
    client.json("POST", "/v1/checkout/sessions", CHECKOUT)
    assert client.json("POST", "/v1/checkout/sessions/cs_test_1/expire")["status"] == "expired"
    assert client.call("POST", "/v1/checkout/sessions/cs_test_1/expire").status == 400
    assert b"has expired" in client.call("POST", "/c/pay/cs_test_1", {"do": "pay"}).body
    client.stripe.lifetime = -1
    client.json("POST", "/v1/checkout/sessions", CHECKOUT)
    assert client.json("GET", "/v1/checkout/sessions/cs_test_2")["status"] == "expired"
    assert [kind for _, kind, _ in client.told] == ["checkout.session.expired"]


def test_no_more_is_refunded_than_was_paid(client: Client) -> None:
    intent = client.paid()["payment_intent"]
    part = client.json("POST", "/v1/refunds", {"payment_intent": intent, "amount": "1000"}, key="a")
    assert client.json("POST", "/v1/refunds", {"payment_intent": intent, "amount": "1000"}, key="a") == part
    assert client.json("POST", "/v1/refunds", {"payment_intent": intent, "amount": "999"}, key="a")["error"]["code"] == "idempotency_error"
    assert client.call("POST", "/v1/refunds", {"payment_intent": intent, "amount": "1501"}).status == 400
    assert client.json("POST", "/v1/refunds", {"payment_intent": intent})["amount"] == 1500
    assert client.json("POST", "/v1/refunds", {"payment_intent": intent})["error"]["code"] == "charge_already_refunded"
    assert [one["amount"] for one in client.json("GET", f"/v1/refunds?payment_intent={intent}")["data"]] == [1500, 1000]
    told = [(kind, charge["amount_refunded"], charge["refunded"]) for _, kind, charge in client.told[1:]]
    assert told == [("charge.refunded", 1000, False), ("charge.refunded", 2500, True)]
    assert client.json("POST", "/v1/refunds", {"payment_intent": "pi_other"})["error"]["code"] == "resource_missing"


def test_the_account_is_there_after_a_restart(client: Client) -> None:
    client.paid()
    assert read_account(client.file) == client.stripe.account


def test_keys_of_live_accounts_and_pages_from_elsewhere_are_refused(client: Client) -> None:
    assert client.call("POST", "/v1/checkout/sessions", CHECKOUT, secret="sk_live_1").status == 401
    client.json("POST", "/v1/checkout/sessions", CHECKOUT)
    foreign = Request("POST", "/stripe/c/pay/cs_test_1", "", (HERE, ("Origin", "https://evil.example")), b"do=pay")
    assert client.stripe(foreign).status == 200
    assert (client.json("GET", "/v1/checkout/sessions/cs_test_1")["status"], client.told) == ("open", [])
    assert client.call("GET", "/c/pay/cs_other").status == client.call("GET", "/v1/customers").status == 404


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/v1/checkout/sessions", {"lineitems": "1"}),
        ("/v1/checkout/sessions", {"mode": "pay"}),
        ("/v1/checkout/sessions", {"line_items[0][price_data][unit_amount]": "12.50"}),
        ("/v1/checkout/sessions", {"line_items[1][price_data][name]": "Judo"}),
        ("/v1/checkout/sessions", {"metadata": "demo"}),
        ("/v1/checkout/sessions", {"api_key": "sk_test_1"}),
        ("/v1/refunds", {"session": "cs_test_1"}),
        ("/v1/refunds", {"reason": "because"}),
    ],
)
def test_forms_that_stripe_does_not_declare_are_found(path: str, change: dict[str, str]) -> None:
    right = CHECKOUT if path.endswith("sessions") else {"payment_intent": "pi_1", "amount": "5", "metadata[a]": "b"}
    stripe_forms.check(path, right)
    with pytest.raises(stripe_forms.UnknownFormError):
        stripe_forms.check(path, {**right, **change})
