"""Online payment of an invoice: keys, the button, Stripe's page, and a webhook that arrives three times."""

from urllib.parse import urlsplit

import pytest

from tests.live.http.conftest import Staff
from tests.live.http.test_invoices import added
from tests.live.http.test_main_job import fresh
from tests.live.stack import Stack
from tests.stripe import KEYS, Stripe, event, signature

pytestmark = pytest.mark.live

WEBHOOK = "/v1/stripe/demo/webhook"


def test_an_invoice_is_paid_online_once(stack: Stack, staff: Staff, stripe: Stripe) -> None:
    set_up = staff.call("PATCH", "", KEYS)
    assert (set_up.status, set_up.json["online_payment"]) == (200, True)
    made = added(staff, staff.session(), fresh("ana"), billing={"method": "invoice"})
    page = urlsplit(made["invoice"]["link"]).path
    token = page.rpartition("/")[2]
    shown = stack.call("GET", page)
    assert b"Pay \xe2\x82\xac25.00 online" in shown.body
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": stack.url}
    clicked = stack.call("POST", f"{page}/checkout", b"", headers=form)
    assert clicked.status == 303
    assert clicked.headers["location"] == stack.call("POST", f"/v1/invoices/{token}/checkout").json["url"]
    (session,) = [one for one in stripe.sessions() if one["metadata"]["invoice"] == made["invoice"]["number"]]
    assert (session["url"], session["amount_total"]) == (clicked.headers["location"], 2500)
    body = event(session)
    assert stack.call("POST", WEBHOOK, body, headers=signature(body, secret="whsec_other")).status == 400
    for _ in range(3):
        assert stack.call("POST", WEBHOOK, body, headers=signature(body)).status == 200
    billing = staff.call("GET", f"/registrations/{made['id']}").json["billing"]
    assert (billing["status"], [payment["amount"]["amount"] for payment in billing["payments"]]) == ("paid", [2500])
    after = stack.call("GET", page).body
    assert b"Paid. Thank you!" in after
    assert b"online" not in after
    assert stack.call("POST", f"/v1/invoices/{token}/checkout").json["code"] == "already_paid"
    assert staff.call("PATCH", "", dict.fromkeys(KEYS)).json["online_payment"] is False
