"""Refunds over HTTP: done, on their way, or more than was paid."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.tenants import Office
from tests.http import call
from tests.stripe import KEYS, Stripe, event, signature, stripe_configured


@pytest.fixture
def stripe(demo: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        assert demo.call("PATCH", "", KEYS, by="owner").status == 200
        yield running


def test_a_refund_is_done_or_on_its_way(demo: Office, stripe: Stripe) -> None:
    made = demo.call("POST", f"/registrations/{demo.register()['id']}/billing", {"status": "invoiced"}).json
    assert call("POST", f"/v1/invoices/{made['invoice']['link'].rpartition('/')[2]}/checkout").status == 201
    told, total = event(stripe.pay("cs_test_1")), made["total"]["amount"]
    assert call("POST", f"/v1/stripe/{demo.org}/webhook", told, headers=signature(told)).status == 200
    path = f"/registrations/{made['id']}/refund"
    body = {"amount": {"amount": 100, "currency": "EUR"}, "note": "was ill"}
    done = demo.call("POST", path, body)
    assert (done.status, done.json["billing"]["status"], done.json["billing"]["paid"]["amount"]) == (200, "paid", total - 100)
    (back,) = done.json["billing"]["refunds"]
    assert (back["amount"]["amount"], back["state"], back["reference"], back["note"]) == (100, "made", "re_1", "was ill")
    refused = demo.call("POST", path, {"amount": {"amount": total - 99, "currency": "EUR"}})
    assert (refused.status, refused.json["code"]) == (409, "more_than_paid"), refused.text
    stripe.status = 500
    response = demo.call("POST", path, {})
    assert (response.status, [one["state"] for one in response.json["billing"]["refunds"]]) == (202, ["made", "asked"])


@pytest.mark.parametrize("amount", [-1, 1.5, "x"])
def test_an_amount_is_a_whole_number_of_minor_units(demo: Office, amount: Any) -> None:
    body = {"amount": {"amount": amount, "currency": "EUR"}}
    assert demo.call("POST", f"/registrations/{demo.register()['id']}/refund", body).status == 422
