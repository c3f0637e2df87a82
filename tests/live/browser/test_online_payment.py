"""Online payment in Chromium: an owner sets the keys, a parent pays; the form may redirect to Stripe's page only."""

import pytest
from playwright.sync_api import expect

from tests.live.browser.conftest import Kind, sign_in
from tests.live.browser.test_journeys import Window, fresh
from tests.live.http.conftest import Staff
from tests.stripe import SECRET_KEY, WEBHOOK_SECRET, Stripe, event, signature

pytestmark = pytest.mark.live


@pytest.mark.parametrize("kind", [pytest.param(Kind(width=390), id="phone"), pytest.param(Kind(javascript=False), id="without JavaScript")])
def test_an_invoice_is_paid_on_stripes_page(kind: Kind, window: Window, staff: Staff, stripe: Stripe) -> None:
    owner = window(kind)
    sign_in(owner, "/o/demo/settings")
    owner.get_by_label("Secret key").fill(SECRET_KEY)
    owner.get_by_label("Signing secret of the webhook").fill(WEBHOOK_SECRET)
    owner.get_by_role("button", name="Save the keys").click()
    expect(owner.get_by_role("button", name="Turn off and forget the keys")).to_be_visible()
    expect(owner.get_by_label("Secret key")).to_have_value("")
    body = {"new_customer": {"name": "Ana", "email": fresh("pays")}, "participants": [{"name": "Kim"}], "billing": {"method": "invoice"}}
    invoice = staff.call("POST", f"/sessions/{staff.session()}/registrations", body).json["invoice"]
    parent = window(kind)
    parent.goto(invoice["link"])
    parent.get_by_role("button", name="Pay €12.50 online").click()
    expect(parent.get_by_role("heading", name="Checkout")).to_be_visible()
    (session,) = [one for one in stripe.sessions() if one["url"] == parent.url]
    parent.goto(f"{invoice['link']}?done=paid-online")
    expect(parent.get_by_role("status")).to_contain_text("Thank you.")
    told = event(session)
    assert staff.stack.call("POST", "/v1/stripe/demo/webhook", told, headers=signature(told)).status == 200
    parent.goto(invoice["link"])
    expect(parent.get_by_text("Paid. Thank you!")).to_be_visible()
    owner.get_by_role("button", name="Turn off and forget the keys").click()
    expect(owner.get_by_text("With the keys of your own Stripe account")).to_be_visible()
