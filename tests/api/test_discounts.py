"""Discount codes over HTTP: managed by staff, used by the public and the invited, priced line by line."""

from typing import Any

import pytest

from chalicelib.rules.codes import MISSES
from tests.api.bodies import in_days, person
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, stream_follows
from tests.api.test_public_registration import TWO_TIERS
from tests.http import call


def test_a_code_is_made_read_changed_and_ended_for_good(demo: Office) -> None:
    body = {"code": "Spring-25", "kind": "fixed", "value": 500, "max_uses": 3, "tags": ["clay"], "ends_at": in_days(5)}
    made = demo.call("POST", "/discount-codes", body)
    assert (made.status, made.json["state"], made.json["used"], made.json["currency"]) == (201, "active", 0, "EUR")
    again = demo.call("POST", "/discount-codes", {**body, "code": "SPRING-25"})
    assert (again.status, again.json["code"]) == (409, "discount_exists")
    read = demo.call("GET", "/discount-codes/spring-25")
    assert read.json == made.json
    off = demo.call("PATCH", "/discount-codes/spring-25", {"active": False}, headers={"If-Match": read.headers["etag"]})
    assert (off.json["state"], off.json["max_uses"]) == ("off", 3)
    stale = demo.call("PATCH", "/discount-codes/spring-25", {"active": True}, headers={"If-Match": read.headers["etag"]})
    assert (stale.status, stale.json["code"]) == (412, "changed_meanwhile")
    back = demo.call("PATCH", "/discount-codes/spring-25", {"active": True, "max_uses": None, "ends_at": in_days(-1)})
    assert (back.json["state"], back.json["max_uses"]) == ("ended", None)
    for changes in ({"active": True}, {"ends_at": in_days(9)}):
        over = demo.call("PATCH", "/discount-codes/spring-25", changes)
        assert (over.status, over.json["code"]) == (409, "discount_over")
    assert "Spring-25" in [item["code"] for item in demo.call("GET", "/discount-codes?limit=200").json["items"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": 101}, "/value"),
        ({"value": 0}, "/value"),
        ({"kind": "gift"}, "/kind"),
        ({"code": "a b"}, "/code"),
        ({"max_uses": 0}, "/max_uses"),
        ({"sessions": ["nowhere"]}, "/sessions/0"),
        ({"starts_at": in_days(2), "ends_at": in_days(1)}, "/ends_at"),
    ],
)
def test_invalid_codes_are_refused(demo: Office, wrong: dict[str, Any], field: str) -> None:
    with nothing_stored():
        refused = demo.call("POST", "/discount-codes", {"code": "Wrong", "kind": "percent", "value": 10, **wrong})
    assert (refused.status, [fault["field"] for fault in refused.json["errors"]]) == (422, [field])


def test_a_quote_shows_every_line_and_is_what_is_booked(demo: Office) -> None:
    changed = demo.call("PATCH", "", {"sibling_discount": {"from_nth": 2, "percent": 10}}, by="owner")
    assert changed.status == 200
    code, session = demo.discount()["code"], demo.session(tiers=TWO_TIERS)
    query = {"tier": "t2", "party_size": 2, "discount_code": code.lower()}
    quoted = call("POST", f"/v1/portal/demo/sessions/{session}/quote", query).json
    assert quoted["lines"] == [
        {"label": "Adult × 2", "amount": 4000},
        {"label": f"Discount code · {code}", "amount": -800},
        {"label": "Sibling discount · 10 %", "amount": -160},
    ]
    assert quoted["total"] == {"amount": 3040, "currency": "EUR"}
    booked = demo.register(session, "", "Kim", "Lou", tier="t2", discount_code=code.lower(), party_size=2)
    assert (booked["total"], booked["lowered"], booked["discount_code"]) == (quoted["total"], quoted["lines"][1:], code)
    row = demo.roster(session)["registrations"][0]
    assert row["total"] == quoted["total"]
    billed = demo.call("POST", f"/registrations/{booked['id']}/billing", {"status": "invoiced"}).json["invoice"]
    invoice = call("GET", f"/v1/invoices/{billed['link'].rpartition('/')[2]}").json
    assert (invoice["total"], len(invoice["lines"])) == (quoted["total"], 3)
    demo.call("PATCH", "", {"sibling_discount": None}, by="owner")


@pytest.mark.parametrize(
    ("of", "code"),
    [
        ({"starts_at": in_days(1)}, "discount_not_yet"),
        ({"ends_at": in_days(-1)}, "discount_ended"),
        ({"active": False}, "discount_ended"),
        ({"tags": ["elsewhere"]}, "discount_for_another_session"),
    ],
)
def test_a_wrong_code_says_why_and_holds_nothing(demo: Office, of: dict[str, Any], code: str) -> None:
    session, discount = demo.session(), demo.discount(**of)["code"]
    with nothing_stored():
        for refused in (
            demo.enrol(session, discount_code=discount),
            call("POST", f"/v1/portal/demo/sessions/{session}/quote", {"discount_code": discount}),
            demo.call("POST", f"/sessions/{session}/invitations", {"email": demo.fresh("ana"), "discount_code": discount}),
        ):
            assert (refused.status, refused.json["code"]) == (422, code)


def test_a_used_up_code_is_refused_until_a_use_is_returned(demo: Office) -> None:
    session, code = demo.session(), demo.discount(max_uses=1)["code"]
    booked = demo.register(session, discount_code=code)
    with nothing_stored():
        refused = demo.enrol(session, discount_code=code)
    assert (refused.status, refused.json["code"]) == (409, "discount_used_up")
    stream_follows(demo, session)
    assert demo.call("DELETE", f"/registrations/{booked['id']}").status == 204
    for _ in range(2):
        stream_follows(demo, session)
        assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 0
    demo.register(session, discount_code=code)


def test_uses_per_customer_are_limited(demo: Office) -> None:
    session, code = demo.session(), demo.discount(max_uses_per_customer=1)["code"]
    demo.register(session, "cara@demo.test", "Kim", discount_code=code)
    with nothing_stored():
        refused = demo.enrol(session, " CARA@demo.test", "Lou", discount_code=code)
    assert (refused.status, refused.json["code"]) == (409, "discount_used_up")
    assert "You have used" in refused.json["detail"]
    demo.register(session, "drew@demo.test", discount_code=code)


def test_the_addresses_of_one_customer_count_together(demo: Office) -> None:
    session, code = demo.session(), demo.discount(max_uses_per_customer=3)["code"]
    eva, fay = demo.customer(name="Eva"), demo.customer(name="Fay")
    first = demo.register(session, eva["email"], "Kim", discount_code=code)
    demo.register(session, fay["email"], "Lou", discount_code=code)
    demo.register(session, fay["email"], "Max", discount_code=code)
    assert demo.call("POST", f"/customers/{fay['id']}/merge", {"into": eva["id"]}).status == 200
    with nothing_stored():
        for email in (eva["email"], fay["email"]):
            assert demo.enrol(session, email, "Nia", discount_code=code).json["code"] == "discount_used_up"
    assert demo.call("DELETE", f"/registrations/{first['id']}").status == 204
    demo.register(session, fay["email"], "Nia", discount_code=code)
    assert demo.enrol(session, eva["email"], "Oda", discount_code=code).json["code"] == "discount_used_up"
    assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 3


def test_failed_codes_are_counted_by_client_address(demo: Office) -> None:
    session, code = demo.session(), demo.discount()["code"]
    path = f"/v1/portal/demo/sessions/{session}"
    with nothing_stored():
        assert call("POST", "/v1/portal/demo/sessions/nowhere/quote", {"discount_code": "WINTER"}, source="192.0.2.77").status == 404
    for number in range(MISSES):
        body = {"discount_code": "WINTER"} if number % 2 else {**person(demo.fresh("gus"), "Kim"), "discount_code": "no code!"}
        refused = call("POST", f"{path}/{'quote' if number % 2 else 'registrations'}", body, source="192.0.2.77")
        assert (refused.status, refused.json["code"]) == (422, "unknown_discount")
    refused = call("POST", f"{path}/quote", {"discount_code": code}, source="192.0.2.77")
    assert (refused.status, refused.json["code"], 0 < int(refused.headers["retry-after"]) <= 600) == (429, "too_many_attempts", True)
    assert call("POST", f"{path}/quote", {"discount_code": code}, source="192.0.2.78").status == 200
    assert call("POST", f"{path}/quote", {}, source="192.0.2.77").status == 200


def test_an_invitation_keeps_its_terms_and_a_use_of_the_code(demo: Office) -> None:
    session, code = demo.session(), demo.discount(max_uses=1)["code"]
    invitation = demo.invite(session, discount_code=code)
    assert demo.enrol(session, discount_code=code).json["code"] == "discount_used_up"
    demo.call("PATCH", f"/discount-codes/{code}", {"value": 1, "active": False})
    terms = call("GET", f"/v1/invitations/{invitation['link'].rpartition('/')[2]}").json["terms"]
    assert (terms["discount_code"], terms["total"]["amount"], len(terms["lines"])) == (code, 1000, 2)
    accepted = demo.accept(invitation)
    assert (accepted.status, accepted.json["total"]["amount"]) == (201, 1000)
    assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 1


def test_an_ended_invitation_returns_its_use_and_reviving_takes_it_again(demo: Office) -> None:
    session, code = demo.session(), demo.discount(max_uses=1)["code"]
    invitation = demo.invite(session, discount_code=code)
    assert demo.act(invitation, "cancel").status == 200
    for _ in range(2):
        stream_follows(demo, session)
        assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 0
    assert demo.act(invitation, "revive").status == 200
    assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 1
    assert demo.act(invitation, "cancel").status == 200
    stream_follows(demo, session)
    demo.register(session, discount_code=code)
    refused = demo.act(invitation, "revive")
    assert (refused.status, refused.json["code"]) == (409, "discount_used_up")


def test_a_registration_refused_as_full_uses_no_code(demo: Office) -> None:
    session, code = demo.session(spots_total=1), demo.discount()["code"]
    demo.register(session)
    refused = demo.call("POST", f"/sessions/{session}/invitations", {"email": demo.fresh("ana"), "discount_code": code})
    assert (refused.status, refused.json["code"]) == (409, "session_full")
    assert demo.enrol(session, discount_code=code).json["code"] == "session_full"
    assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 0


def test_staff_add_somebody_at_a_discount_which_counts_as_a_use(demo: Office) -> None:
    code, session = demo.discount(max_uses=1), demo.session()
    body = {"new_customer": {"name": "Ana", "email": "ana-at-the-desk@example.org"}, "participants": [{"name": "Kim"}]}
    added = demo.call("POST", f"/sessions/{session}/registrations", {**body, "discount_code": code["code"].lower()})
    assert added.status == 201, added.text
    assert demo.call("GET", f"/discount-codes/{code['code']}").json["used"] == 1
    other = {**body, "participants": [{"name": "Lou"}], "discount_code": code["code"]}
    assert demo.call("POST", f"/sessions/{session}/registrations", other).status in {409, 410}
    assert demo.spots(session)["taken"] == 1
