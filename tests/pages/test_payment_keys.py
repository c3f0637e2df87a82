"""The keys of Stripe: stored encrypted, set by owners only, never shown."""

import json
from collections.abc import Callable

import pytest

from chalicelib.operations import links, organisations
from tests.api.stored_items import dump
from tests.aws import Demo
from tests.http import call
from tests.pages.browser import Browser
from tests.pages.invoice_payments import DEMO
from tests.stripe import KEYS, SECRET_KEY, WEBHOOK_SECRET


def test_stored_keys_are_never_shown(demo_org: Demo) -> None:
    for sent, on in [
        ({"stripe_secret_key": SECRET_KEY}, False),
        ({"stripe_webhook_secret": WEBHOOK_SECRET}, True),
        ({"name": "Other"}, True),
        ({"stripe_secret_key": None}, False),
        (KEYS, True),
        ({"stripe_webhook_secret": ""}, False),
    ]:
        changed = call("PATCH", DEMO, sent, token=demo_org.owner)
        read = call("GET", DEMO, token=demo_org.viewer)
        assert (changed.status, changed.json["online_payment"], read.json["online_payment"]) == (200, on, on), sent
        assert "ecret" not in changed.text + read.text
    call("PATCH", DEMO, dict.fromkeys(KEYS), token=demo_org.owner)
    assert "ecret" not in json.dumps(dump())


def test_keys_are_stored_encrypted_and_apart_from_the_organisation(demo_org: Demo) -> None:
    call("PATCH", DEMO, KEYS, token=demo_org.owner)
    stored = {key: str(item) for key, item in dump().items()}
    assert "rollbook-test-records demo#stripe KEYS" in stored
    assert [key for key, item in stored.items() if SECRET_KEY in item] == []


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_only_owners_set_keys(role: str, demo_org: Demo) -> None:
    assert call("PATCH", DEMO, KEYS, token=getattr(demo_org, role)).status == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [*(("stripe_secret_key", value) for value in ("pk_live_1", "whsec_1", "sk_1\r\nX: y", "sk_é")), ("stripe_webhook_secret", SECRET_KEY)],
)
def test_an_invalid_key_is_refused_and_not_shown(name: str, value: str, demo_org: Demo) -> None:
    response = call("PATCH", DEMO, {name: value}, token=demo_org.owner)
    assert (response.status, response.json["errors"][0]["field"]) == (422, f"/{name}")
    assert json.dumps(value)[1:-1] not in response.text


def test_owners_set_keys_on_the_page_and_turn_them_off(as_role: Callable[[str], Browser], demo_org: Demo) -> None:
    owner, path = as_role("owner"), "/o/demo/settings/online-payment"
    page = owner.get("/o/demo/settings")
    assert links.stripe_webhook("demo") in page.text
    wrong = owner.post(path, {**page.form(path).fields, "stripe_secret_key": "pk_live_1", "stripe_webhook_secret": WEBHOOK_SECRET})
    assert wrong.status == 422
    assert "sk_ or rk_" in wrong.described("stripe_secret_key")
    assert WEBHOOK_SECRET not in wrong.html
    owner.post(path, KEYS)
    owner.post(path, {"stripe_secret_key": "", "stripe_webhook_secret": ""})
    assert organisations.read("demo").online_payment, "what is left empty stays"
    page = owner.get("/o/demo/settings")
    assert "Turn off and forget the keys" in page.text
    assert "ecret_" not in page.html.replace("stripe_secret_", "")
    assert SECRET_KEY not in page.html
    owner.post(f"{path}/off", {})
    assert not organisations.read("demo").online_payment
