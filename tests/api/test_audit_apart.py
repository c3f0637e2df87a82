"""R24 for the operations that need something to have happened before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.operations import links
from chalicelib.operations.auth import second_factor, user_pool
from chalicelib.rules.auth import RESET_LASTS, PasswordReset
from chalicelib.tables import customers, organisations, password_resets, waitlist
from chalicelib.tables import staff as staff_table
from chalicelib.tables.items import Item
from tests.api.audit_log import Log
from tests.api.bodies import token_of
from tests.api.route_things import THINGS
from tests.api.stored_items import dump
from tests.api.tenants import World
from tests.http import call
from tests.second_factor import code_of, turn_on
from tests.stripe import KEYS, Stripe, event, signature, stripe_configured

OWNER = {"kind": "staff", "name": "owner@demo.test"}
MANAGER = {"kind": "staff", "name": "manager@demo.test"}
CUSTOMER = {"kind": "customer", "name": None}
PASSWORD = "demo-Passw0rd!"
SECRET = ("seed", "nonce", "password", "secret_key", "webhook_secret")
"""Attributes of rows that nobody may read."""
MARKS = ("sk", "directory_at")
CHOSEN = {"password": PASSWORD, "password_confirmation": PASSWORD}


@pytest.fixture
def stripe(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with stripe_configured(monkeypatch) as running:
        yield running


def joined(world: World) -> str:
    """Have a staff member invited, who then joins, and return their address."""
    invited = staff_table.get("demo", world.demo.member())
    assert invited
    token = links.staff_activation_link("demo", invited.user, invited.link_version).rpartition("/")[2]
    assert call("POST", "/v1/auth/activate", {"token": token, **CHOSEN}).status == 201
    return invited.email


def test_staff_join_in_their_own_name(world: World, log: Log) -> None:
    email = joined(world)
    entry = log.one("staff.joined")
    assert (entry["actor"], entry["before"]) == ({"kind": "staff", "name": email}, None)
    assert (entry["after"]["email"], entry["after"]["role"]) == (email, "viewer")


def test_staff_sign_in(world: World, log: Log) -> None:
    email = joined(world)
    log.news()
    assert call("POST", "/v1/auth/sign-in", {"email": email, "password": "another-Passw0rd"}).status == 401
    assert log.news() == []
    assert call("POST", "/v1/auth/sign-in", {"email": email, "password": PASSWORD}).status == 200
    assert log.one("staff.signed_in")["actor"] == {"kind": "staff", "name": email}


def test_sign_ins_end_with_a_new_password(world: World, log: Log) -> None:
    email, now = joined(world), datetime.now(UTC)
    log.news()
    user = user_pool.user_of(email)
    assert user
    password_resets.open_reset(PasswordReset(user=user, email=email, nonce="nonce-of-this-test", portal="", runs_out_at=now + RESET_LASTS))
    token = links.PASSWORD_RESET.token(user, "nonce-of-this-test")
    assert call("POST", "/v1/auth/reset-password", {"token": token, **CHOSEN}).status == 200
    assert log.one("staff.sign_ins_ended")["actor"] == {"kind": "staff", "name": email}


def test_an_invited_customer_accepts(world: World, log: Log) -> None:
    known = customers.get("demo", world.demo.customer()["id"])
    invited = customers.save(replace(known, status="invited", link_version=1, invited_at=datetime.now(UTC)), was=known)
    log.news()
    token = links.portal_activation_link("demo", invited.id, invited.link_version, email=invited.email).rpartition("/")[2]
    assert call("POST", "/v1/portal/activate", {"token": token, **CHOSEN}).status == 201
    entry = log.one("customer.accepted")
    assert (entry["actor"], entry["thing"]) == (CUSTOMER, invited.id)
    assert (entry["before"], entry["after"]) == ({"status": "invited"}, {"status": "accepted"})


def test_a_customer_signs_up(world: World, log: Log) -> None:
    email = world.demo.fresh("gail")
    response = call("POST", "/v1/portal/demo/register", {"email": email, "name": "Gail", **CHOSEN})
    assert response.status == 202, response.text
    token = links.CONFIRMATION.token("demo", sign_up_of(email))
    confirmed = call("POST", "/v1/portal/confirm", {"token": token})
    assert confirmed.status == 201, confirmed.text
    entry = log.one("customer.created")
    assert (entry["actor"], entry["before"], entry["after"]["email"]) == (CUSTOMER, None, email)


def test_an_online_payment(world: World, stripe: Stripe, log: Log) -> None:
    assert world.demo.call("PATCH", "", KEYS, by="owner").status == 200
    token = world.demo.invoice_token()
    assert call("POST", f"/v1/invoices/{token}/checkout").status == 201
    log.news()
    (opened,) = stripe.sessions()
    body = event(opened)
    assert call("POST", "/v1/stripe/demo/webhook", body, headers=signature(body)).status == 200
    entry = log.one("payment.received")
    assert (entry["actor"], entry["after"]["payments"][0]["method"]) == (CUSTOMER, "stripe")


def test_a_returned_code(world: World, log: Log) -> None:
    registration, contract, code = used_code(world)
    assert world.demo.call("DELETE", f"/registrations/{registration}").status == 204
    log.news()
    assert world.demo.call("POST", f"/contracts/{contract}/codes/{code}/return").status == 200
    entry = log.one("code.returned")
    assert (entry["actor"], entry["thing"]) == (MANAGER, code)


def test_a_move_in_the_waitlist(world: World, log: Log) -> None:
    session = world.demo.full_session()
    first, second = (
        world.demo.call("POST", f"/sessions/{session}/waitlist", {"email": world.demo.fresh("w"), "name": "W", "spots": 1}).json
        for _ in range(2)
    )
    log.news()
    assert world.demo.call("POST", f"/waitlist/{second['id']}/move", {"position": 1}).status == 200
    entry = log.one("waitlist.moved")
    assert (entry["actor"], entry["thing"]) == (MANAGER, second["id"])
    assert entry["before"] != entry["after"]
    assert first["id"] != second["id"]


def test_a_confirmed_place_on_a_waitlist(world: World, log: Log) -> None:
    session = world.demo.full_session()
    wanted = {"email": world.demo.fresh("w"), "name": "W", "spots": 1}
    joined = call("POST", f"/v1/portal/demo/sessions/{session}/waitlist", wanted)
    assert joined.status == 201
    log.news()
    session_id, _, id = joined.json["id"].partition("-")
    token = links.mailed_waitlist_link(waitlist.get("demo", session_id, id)).rpartition("/")[2]
    assert call("POST", f"/v1/waitlist/{token}/confirm").status == 200
    entry = log.one("waitlist.confirmed")
    assert (entry["actor"], entry["before"]) == (CUSTOMER, {"unconfirmed": True})


def test_a_customer_leaves_a_group(world: World, log: Log) -> None:
    group, customer = world.demo.group()["id"], world.demo.customer()["id"]
    path = f"/groups/{group}/customers/{customer}"
    assert world.demo.call("PUT", path).status == 204
    log.news()
    assert world.demo.call("DELETE", path).status == 204
    entry = log.one("customer.updated")
    assert (entry["actor"], entry["before"], (entry["after"] or {}).get("groups", [])) == (MANAGER, {"groups": [group]}, [])


def test_a_template_is_reset(world: World, log: Log) -> None:
    path, text = "/templates/invoice/fr", {"subject": "Bonjour", "body": "Chers tous."}
    assert world.demo.call("PUT", path, text, by="owner").status == 200
    log.news()
    assert world.demo.call("DELETE", path, by="owner").status == 204
    entry = log.one("template.reset")
    assert (entry["actor"], entry["before"]["subject"], entry["after"]) == (OWNER, "Bonjour", None)


def test_an_address_subscribes_again(world: World, log: Log) -> None:
    token = world.demo.unsubscribe_token()
    assert call("POST", f"/v1/unsubscribe/{token}").status == 200
    log.news()
    assert call("POST", f"/v1/resubscribe/{token}").status == 200
    assert log.one("address.resubscribed")["actor"] == CUSTOMER


def test_a_lifted_suppression(world: World, log: Log) -> None:
    customer = THINGS["customer"](world.demo)["customer"]
    email = world.demo.call("GET", f"/customers/{customer}").json["email"]
    organisations.note_bounce("demo", email, sent_at=datetime.now(UTC), reason="550", now=datetime.now(UTC))
    log.news()
    assert world.demo.call("POST", f"/customers/{customer}/reachable", by="owner").status == 200
    lifted = log.one("address.reachable")
    assert (lifted["actor"], lifted["before"]["bounce_reason"], lifted["after"]) == (OWNER, "550", None)


def test_no_secret_is_in_any_entry(world: World, log: Log) -> None:
    demo = world.demo
    assert demo.call("PATCH", "", KEYS, by="owner").status == 200
    used_code(world)
    joined(world)
    call("POST", "/v1/portal/demo/register", {"email": demo.fresh("gail"), "name": "Gail", **CHOSEN})
    tokens = [token_of(demo.waiting()), demo.invoice_token(), demo.waitlist_token(), demo.unsubscribe_token(), demo.calendar_token()]
    log.follow()
    rows = {key: {name: value for name, value in item.items() if name not in MARKS} for key, item in dump().items()}
    kept = [str(item) for key, item in rows.items() if "#audit " in key]
    planted = {*KEYS.values(), PASSWORD, *tokens, *(secret for row in rows.values() for secret in secrets_of(row))}
    assert len(kept) > 20
    assert len(planted) > 15
    assert [secret for secret in planted if any(secret in entry for entry in kept)] == []


def test_a_planted_secret_would_be_found() -> None:
    assert secrets_of({"seed": {"S": "s1"}, "name": {"S": "Ana"}}) == ["s1"]
    assert secrets_of({"nonce": {"S": "n1"}, "password": {"S": "sealed"}}) == ["n1", "sealed"]


def secrets_of(row: Item) -> list[str]:
    """Return the values of a row that nobody may read."""
    return [str(value) for name in SECRET for value in row.get(name, {}).values()]


def sign_up_of(email: str) -> str:
    """Return the id of the address's sign-up."""
    found = [key for key, item in dump().items() if "#joining#" in key and email in str(item)]
    return found[0].rpartition("#")[2].strip()


def used_code(world: World) -> tuple[str, str, str]:
    """Have a code used, and return the registration, the contract and the code."""
    demo = world.demo
    contract = demo.contract()["id"]
    (code,) = demo.codes(contract, demo.price(contract)["id"])
    registration = demo.register(demo.session(tags=["health"]), invitation_code=code)
    return registration["id"], contract, code


def test_a_second_factor(world: World, log: Log) -> None:
    email, now = joined(world), datetime.now(UTC)
    user, token = user_pool.user_of(email), user_pool.authenticate(email, PASSWORD).access_token
    member = staff_table.get("demo", user or "")
    assert member
    log.news()
    key = turn_on(member, PASSWORD, token, now=now)
    actor = {"kind": "staff", "name": email}
    assert log.one("staff.second_factor_on")["actor"] == actor
    waiting = call("POST", "/v1/auth/sign-in", {"email": email, "password": PASSWORD}).json["sign_in"]
    assert log.news() == []
    assert call("POST", "/v1/auth/sign-in/code", {"sign_in": waiting, "code": code_of(key)}).status == 200
    assert log.one("staff.signed_in")["actor"] == actor
    second_factor.end(member, PASSWORD, source="192.0.2.9", now=now)
    assert log.one("staff.second_factor_off")["actor"] == actor
    assert world.demo.call("DELETE", f"/staff/{user}/second-factor", by="owner").status == 204
    reset = log.one("staff.second_factor_reset")
    assert (reset["actor"], reset["thing"]) == (OWNER, user)
    assert key not in str(log.entries())


def test_a_family_moves_its_booking(world: World, log: Log) -> None:
    demo = world.demo
    assert demo.call("PATCH", "", {"self_service_moves": True}, by="owner").status == 200
    log.news()
    sessions = [demo.session(tags=["moves"]) for _ in range(3)]
    made = demo.register(sessions[0], "customer@demo.test")
    by_link = call("POST", f"/v1/bookings/{made['booking'].rpartition('/')[2]}/move", {"to_session": sessions[1]})
    signed_in = call("POST", f"/v1/me/registrations/{by_link.json['id']}/move", {"to_session": sessions[2]}, token=world.customer)
    assert (by_link.status, signed_in.status) == (200, 200)
    moved = [entry for entry in log.news() if entry["action"] == "registration.moved"]
    assert sorted(entry["thing"] for entry in moved) == sorted([made["id"], by_link.json["id"]])
    assert {entry["actor"]["kind"] for entry in moved} == {"customer"}
    assert demo.call("PATCH", "", {"self_service_moves": False}, by="owner").status == 200
