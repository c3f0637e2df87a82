"""Baskets over HTTP: every line or none, the line of each refusal, and nothing held or used by a refused basket."""

from typing import Any

import pytest

from tests.api.bodies import in_days, token_of
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, stream_follows
from tests.http import Response, call

TIERS = [{"name": name, "price": {"amount": amount, "currency": "EUR"}} for name, amount in (("Child", 1000), ("Adult", 2000))]
ONE_PRICE = [{"name": "Child", "price": {"amount": 1000, "currency": "EUR"}}]


def line(session: str, *children: str, **more: Any) -> dict[str, Any]:
    return {"session": session, "participants": [{"name": child} for child in children or ("Kim",)], **more}


def basket(office: Office, *lines: dict[str, Any], email: str = "", **more: Any) -> dict[str, Any]:
    return {"email": email or office.fresh("ana"), "name": "Ana", "lines": list(lines), **more}


def place(office: Office, *lines: dict[str, Any], headers: dict[str, str] | None = None, **more: Any) -> Response:
    return call("POST", f"/v1/portal/{office.org}/baskets", basket(office, *lines, **more), headers=headers)


def placed(office: Office, *lines: dict[str, Any], **more: Any) -> Any:
    response = place(office, *lines, **more)
    assert response.status == 201, response.text
    return response.json


def quoted(office: Office, *lines: dict[str, Any], **more: Any) -> Response:
    return call("POST", f"/v1/portal/{office.org}/baskets/quote", {"lines": list(lines), **more})


def refused(office: Office, *lines: dict[str, Any], **more: Any) -> tuple[int, str, int | None]:
    """Place a basket that is refused, and check that it leaves nothing."""
    with nothing_stored():
        response = place(office, *lines, **more)
    return response.status, response.json["code"], response.json.get("line")


def follow(office: Office, *lines: dict[str, Any]) -> None:
    for session in {each["session"] for each in lines}:
        stream_follows(office, session)


def taken(office: Office, *sessions: str) -> list[tuple[int, int]]:
    return [(spots["taken"], spots["held"]) for spots in map(office.spots, sessions)]


def test_everything_in_a_basket_is_booked_together(demo: Office) -> None:
    one, other = demo.session(tiers=ONE_PRICE), demo.session(tiers=TIERS)
    adult = demo.read(other)["tiers"][1]["id"]
    order = placed(demo, line(one, "Kim", "Lee"), line(other, "Kim", tier=adult), email="cleo@demo.test")
    assert (order["status"], order["total"]) == ("booked", {"amount": 4000, "currency": "EUR"})
    assert [(each["session"], each["email"], each["party_size"], each["total"]["amount"]) for each in order["registrations"]] == [
        (one, "cleo@demo.test", 2, 2000),
        (other, "cleo@demo.test", 1, 2000),
    ]
    assert taken(demo, one, other) == [(2, 0), (1, 0)]
    follow(demo, *order["registrations"])
    assert [entry["name"] for entry in demo.roster(one)["registrations"]] == ["Ana"]
    read = call("GET", f"/v1/orders/{order['order']}")
    assert (read.status, read.json["status"], read.json["total"]["amount"]) == (200, "booked", 4000)
    assert read.json["confirmation"] == order["confirmation"]


def test_the_price_that_is_quoted_is_the_one_that_is_booked(demo: Office) -> None:
    code = demo.discount(kind="fixed", value=500)["code"]
    lines = line(demo.session(tiers=ONE_PRICE), "Kim"), line(demo.session(tiers=TIERS[:1]), "Kim", "Lee")
    quote = quoted(demo, *lines, discount_code=code)
    assert quote.status == 200, quote.text
    order = placed(demo, *lines, discount_code=code)
    assert [each["amount"] for each in quote.json["lines"]] == [each["total"]["amount"] for each in order["registrations"]] == [833, 1667]
    assert quote.json["total"] == order["total"] == {"amount": 2500, "currency": "EUR"}
    assert [one["amount"] for one in quote.json["lines"][0]["lines"]] == [1000, -167]


def test_a_discount_code_is_used_once_and_returned_with_the_last_line(demo: Office) -> None:
    code = demo.discount(max_uses=1, max_uses_per_customer=1)["code"]
    lines = line(demo.session()), line(demo.session())
    order = placed(demo, *lines, discount_code=code, email="ada@demo.test")
    follow(demo, *lines)

    def used() -> int:
        return int(demo.call("GET", f"/discount-codes/{code}").json["used"])

    assert used() == 1
    assert refused(demo, line(demo.session()), discount_code=code)[:2] == (409, "discount_used_up")
    for registration, left in zip(order["registrations"], (1, 0), strict=True):
        assert demo.call("DELETE", f"/registrations/{registration['id']}").status == 204
        follow(demo, *lines)
        assert used() == left


def test_a_code_that_fits_no_line_is_refused_and_one_that_fits_some_lowers_those(demo: Office) -> None:
    here, there = demo.session(tiers=ONE_PRICE), demo.session(tiers=ONE_PRICE)
    code = demo.discount(sessions=[here])["code"]
    assert refused(demo, line(there), discount_code=code) == (422, "discount_for_another_session", None)
    assert refused(demo, line(there), discount_code="NOSUCH") == (422, "unknown_discount", None)
    assert [each["amount"] for each in quoted(demo, line(there), line(here), discount_code=code).json["lines"]] == [1000, 800]


def test_siblings_count_over_the_basket(demo: Office) -> None:
    assert demo.call("PATCH", "", {"sibling_discount": {"from_nth": 2, "percent": 50}}, by="owner").status == 200
    try:
        lines = [line(demo.session(tiers=ONE_PRICE), name) for name in ("Kim", "Lee", "Kim")]
        order = placed(demo, *lines)
        assert [each["total"]["amount"] for each in order["registrations"]] == [1000, 500, 1000]
        assert [one["amount"] for one in order["registrations"][1]["lowered"]] == [-500]
    finally:
        assert demo.call("PATCH", "", {"sibling_discount": None}, by="owner").status == 200


@pytest.mark.parametrize("first", [True, False], ids=["the full one first", "the full one last"])
def test_a_full_line_is_named_and_nothing_is_held(demo: Office, first: bool) -> None:
    full, free = demo.session(spots_total=1), demo.session()
    demo.register(full)
    lines = [line(full), line(free)] if first else [line(free), line(full)]
    code = demo.discount()["code"]
    assert refused(demo, *lines, discount_code=code) == (409, "session_full", 0 if first else 1)


def test_two_lines_of_one_session_that_fit_only_apart_are_refused(demo: Office) -> None:
    session = demo.session(spots_total=3)
    assert refused(demo, line(session, "Kim", "Lee"), line(session, "Mia", "Noa"))[:2] == (409, "session_full")
    assert taken(demo, session) == [(0, 0)]
    placed(demo, line(session, "Kim", "Lee"), line(session, "Mia"))
    assert taken(demo, session) == [(3, 0)]


def test_each_refusal_names_its_line(demo: Office) -> None:
    good, past = demo.session(), demo.session(meetings=[{"starts_at": in_days(-2), "ends_at": in_days(-1)}])
    early = demo.session(registration_opens_at=in_days(2))
    known = demo.fresh("ana")
    demo.register(good, known, "Kim")
    assert refused(demo, line(demo.session()), line("nosuch")) == (404, "not_found", 1)
    assert refused(demo, line(demo.session()), line(past)) == (409, "session_past", 1)
    assert refused(demo, line(early), line(good)) == (409, "registration_not_open", 0)
    assert refused(demo, line(demo.session()), line(good, "KIM"), email=known) == (409, "already_registered", 1)
    assert refused(demo, line(good, "Mia"), line(good, "mia")) == (409, "already_registered", 1)
    assert refused(demo, line(good, "Mia"), line(demo.session(tiers=TIERS))) == (422, "tier_needed", 1)
    assert refused(demo, line(good, "Mia"), line(good, "Noa", tier="none")) == (422, "unknown_tier", 1)


def test_the_faults_of_all_forms_come_at_once(demo: Office) -> None:
    changes = {"questions": [{"id": "size", "label": "Size", "kind": "text", "required": True}]}
    lines = line(demo.session(**changes)), line(demo.session()), line(demo.session(**changes))
    with nothing_stored():
        response = place(demo, *lines)
    assert (response.status, response.json["code"]) == (422, "answers_do_not_fit")
    assert [error["field"] for error in response.json["errors"]] == ["/lines/0/answers/size", "/lines/2/answers/size"]


def test_an_empty_basket_and_one_of_21_lines_are_refused(demo: Office) -> None:
    session = demo.session()
    for lines in ([], [line(session, f"Kim {n}") for n in range(21)]):
        with nothing_stored():
            response = place(demo, *lines)
        assert (response.status, response.json["errors"][0]["field"]) == (422, "/lines")


def test_an_invitation_is_a_line_at_its_own_price(demo: Office) -> None:
    full, free = demo.session(spots_total=1, tiers=ONE_PRICE), demo.session(tiers=ONE_PRICE)
    code = demo.discount(value=50)["code"]
    invitation = demo.invite(full, "ida@demo.test", discount_code=code)
    lines = line(full, invitation=token_of(invitation)), line(free)
    assert quoted(demo, *lines).json["total"]["amount"] == 1500
    order = placed(demo, *lines, email="ida@demo.test")
    follow(demo, *lines)
    assert order["total"]["amount"] == 1500
    assert demo.look(invitation)["status"] == "accepted"
    assert taken(demo, full, free) == [(1, 0), (1, 0)]
    assert refused(demo, *lines, email="ida@demo.test") == (409, "already_used", 0)


def test_a_moved_line_returns_the_discount_of_its_invitation(demo: Office) -> None:
    session, other, code = demo.session(), demo.session(), demo.discount(value=50)["code"]
    invitation = demo.invite(session, "ida@demo.test", discount_code=code)
    lines = line(session, invitation=token_of(invitation)), line(demo.session())
    (first, _) = placed(demo, *lines, email="ida@demo.test")["registrations"]
    follow(demo, *lines)
    moved = demo.call("POST", f"/registrations/{first['id']}/transfer", {"to_session": other}).json["id"]
    assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 1
    assert demo.call("DELETE", f"/registrations/{moved}").status == 204
    assert demo.call("GET", f"/discount-codes/{code}").json["used"] == 0


def test_an_invitation_stays_open_when_another_line_is_full(demo: Office) -> None:
    invitation, full = demo.invite(email="ivo@demo.test"), demo.session(spots_total=1)
    demo.register(full)
    session = invitation["id"].partition("-")[0]
    assert refused(demo, line(session, invitation=token_of(invitation)), line(full), email="ivo@demo.test")[1:] == ("session_full", 1)
    assert demo.look(invitation)["status"] == "pending"
    assert demo.accept(invitation).status == 201


def test_invitations_that_cannot_be_booked_at_once_are_refused(demo: Office) -> None:
    session = demo.session(spots_total=9)
    approve, locked = (demo.invite(session, forwarding=how) for how in ("approve", "locked"))
    cancelled = demo.invite(session)
    assert demo.act(cancelled, "cancel").status == 200
    assert refused(demo, line(session, invitation=token_of(approve))) == (409, "needs_approval", 0)
    assert refused(demo, line(session, invitation=token_of(locked))) == (403, "other_address", 0)
    assert refused(demo, line(session, invitation=token_of(cancelled))) == (410, "invitation_over", 0)
    assert refused(demo, line(demo.session(), invitation=token_of(approve))) == (404, "not_found", 0)
    assert refused(demo, line(session, "A", "B", invitation=token_of(approve))) == (422, "too_many_participants", 0)
    twice = place(demo, *[line(session, name, invitation=token_of(approve)) for name in ("A", "B")])
    assert (twice.status, twice.json["errors"][0]["field"]) == (422, "/lines/1/invitation")


def test_two_invitations_to_one_session_are_accepted_together(demo: Office) -> None:
    session = demo.session(spots_total=2)
    invitations = [demo.invite(session) for _ in range(2)]
    placed(demo, *[line(session, f"Kim {n}", invitation=token_of(each)) for n, each in enumerate(invitations)])
    follow(demo, line(session))
    assert [demo.look(each)["status"] for each in invitations] == ["accepted", "accepted"]
    assert taken(demo, session) == [(2, 0)]


def test_an_invitation_code_is_a_line_and_is_used_by_a_booking_only(demo: Office) -> None:
    contract = demo.contract()["id"]
    price = demo.price(contract, price={"amount": 300, "currency": "EUR"})["id"]
    (code,) = demo.codes(contract, price, max_redemptions=2)
    one, other, full = demo.session(tags=["health"]), demo.session(tags=["health"]), demo.session(spots_total=1)
    demo.register(full)
    coded = line(one, invitation_code=code), line(other, "Lee", invitation_code=code)
    assert refused(demo, *coded, line(full)) == (409, "session_full", 2)
    assert refused(demo, line(one, "Kim", "Lee", invitation_code=code), coded[1]) == (409, "too_few_uses", 1)
    assert refused(demo, line(full, "Lee", invitation_code=code))[1] == "code_for_another_session"
    order = placed(demo, *coded)
    follow(demo, *coded)
    assert (order["total"]["amount"], taken(demo, one, other)) == (600, [(1, 0), (1, 0)])
    assert refused(demo, coded[0], line(full)) == (410, "code_spent", 0)
    assert demo.call("GET", f"/contracts/{contract}/codes/{code}").json["left"] == 0


def test_a_repeated_request_is_answered_with_the_same_order(demo: Office) -> None:
    session, key = demo.session(), {"Idempotency-Key": demo.fresh("key")}
    body = basket(demo, line(session))
    first, again = (call("POST", f"/v1/portal/{demo.org}/baskets", body, headers=key) for _ in range(2))
    assert (first.status, again.status, again.headers["idempotent-replayed"]) == (201, 201, "true")
    assert first.json == again.json
    assert taken(demo, session) == [(1, 0)]


def test_a_link_of_an_order_that_was_made_up_opens_nothing(demo: Office) -> None:
    token = placed(demo, line(demo.session()))["order"]
    for wrong in (token[:-1], token.replace("demo", "zebra"), "demo.x", ""):
        assert call("GET", f"/v1/orders/{wrong}").status == 404


def test_an_order_shows_what_stands_today(demo: Office) -> None:
    order = placed(demo, line(demo.session(tiers=ONE_PRICE)), line(demo.session(tiers=ONE_PRICE)))
    follow(demo, *order["registrations"])
    assert demo.call("DELETE", f"/registrations/{order['registrations'][0]['id']}").status == 204
    today = call("GET", f"/v1/orders/{order['order']}").json
    assert today["total"]["amount"] == 1000
    assert [bool(each["removed_at"]) for each in today["registrations"]] == [True, False]


def test_each_line_counts_as_a_registration_towards_the_limit_of_a_mailbox(demo: Office) -> None:
    email, sessions = demo.fresh("much"), [demo.session() for _ in range(16)]
    for part in (sessions[:15], sessions[:14]):
        assert place(demo, *(line(each, demo.fresh("kid").partition("@")[0]) for each in part), email=email).status == 201
    assert refused(demo, line(sessions[15], "A"), line(sessions[0], "B"), email=email)[:2] == (429, "too_many_requests")
    assert place(demo, line(sessions[15], "A"), email=email).status == 201
