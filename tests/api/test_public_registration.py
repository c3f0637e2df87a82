"""Public registration and removal by staff: identity of participants, refusals before spots are held, and spots that are freed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.bodies import in_days, person
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, World
from tests.http import Response, call

Later = Callable[..., Any]
TWO_TIERS = [{"name": name, "price": {"amount": amount, "currency": "EUR"}} for name, amount in (("Child", 1250), ("Adult", 2000))]

UNPROCESSABLE = {"unknown_discount", "one_code_only"}


def refused(response: Response, code: str) -> None:
    assert (response.status, response.json["code"]) == (422 if code in UNPROCESSABLE or "tier" in code else 409, code), response.text


@pytest.mark.parametrize(
    "spelling",
    [
        "Zoë Müller",
        "zoë müller",
        "ZOË MÜLLER",
        " Zoë   Müller ",
        "Zoe\u0308 Mu\u0308ller",
        "Zoë\u00a0Müller",
        "Ｚｏë Müller",
        "Zoë\u200b Mü\u00adller",
    ],
    ids=ascii,
)
def test_the_same_participant_in_another_spelling_is_the_same(demo: Office, spelling: str) -> None:
    session = demo.session()
    demo.register(session, "ana@demo.test", "Zoë Müller")
    with nothing_stored():
        again = demo.enrol(session, "ANA@demo.test ", spelling)
    refused(again, "already_registered")
    assert demo.spots(session)["taken"] == 1


def test_a_domain_in_other_letters_is_the_same_address(demo: Office) -> None:
    session, code = demo.session(), demo.discount(max_uses_per_customer=1)["code"]
    demo.register(session, "ana@bücher.example", "Kim", discount_code=code)
    with nothing_stored():
        refused(demo.enrol(session, "ANA@xn--bcher-kva.example", "Kim"), "already_registered")
        refused(demo.enrol(session, "ana@xn--bcher-kva.example", "Lee", discount_code=code), "discount_used_up")
    customer = demo.customer(email="bo@bücher.example")
    known = demo.call("POST", "/customers", {"name": "Bo", "email": "bo@xn--bcher-kva.example"})
    assert (known.status, known.json["code"], known.json["customer"]) == (409, "customer_exists", customer["id"])
    assert customer["email"] == "bo@bücher.example"


def test_siblings_and_namesakes_of_other_families_are_others(demo: Office) -> None:
    session = demo.session()
    demo.register(session, "ana@demo.test", "Kim")
    demo.register(session, "ana@demo.test", "Kimberly", "Lee")
    demo.register(session, "ben@demo.test", "Kim")
    demo.register(demo.session(), "ana@demo.test", "Kim")
    assert demo.spots(session)["taken"] == 4


def test_one_known_participant_refuses_the_whole_party_and_holds_nothing(demo: Office) -> None:
    session = demo.session()
    demo.register(session, "ana@demo.test", "Kim")
    with nothing_stored():
        refused(demo.enrol(session, "ana@demo.test", "Lee", "Mia", "KIM"), "already_registered")
    demo.register(session, "ana@demo.test", "Lee", "Mia")


def test_a_participant_cannot_be_named_twice_in_one_party(demo: Office) -> None:
    session, other = demo.session(), demo.session()
    invitation, standing = demo.invite(session, party_size=3), demo.register(other, "", "Kim", party_size=3)
    people = [{"name": name} for name in ("Kim", "Lee", " KIM")]
    by_hand = {"new_customer": {"name": "Ana", "email": "ana@demo.test"}, "participants": people}
    with nothing_stored():
        for response in (
            demo.enrol(session, "", "Kim", "Lee", " KIM"),
            demo.accept(invitation, "", "Kim", "Lee", " KIM"),
            demo.call("POST", f"/sessions/{session}/registrations", by_hand),
            demo.call("PATCH", f"/registrations/{standing['id']}", {"participants": people}),
        ):
            (fault,) = response.json["errors"]
            assert (response.status, fault["field"], fault["code"]) == (422, "/participants/2/name", "named_twice")


def test_a_removed_participant_may_register_again(demo: Office) -> None:
    session = demo.session()
    first = demo.register(session, "ana@demo.test", "Kim")
    assert demo.call("DELETE", f"/registrations/{first['id']}").status == 204
    assert demo.spots(session) == {"total": 5, "taken": 0, "held": 0, "extra": 0, "free": 5}
    second = demo.register(session, "ana@demo.test", "Kim")
    assert second["id"] != first["id"]
    with nothing_stored():
        assert demo.call("DELETE", f"/registrations/{first['id']}").status == 204
    assert demo.spots(session)["taken"] == 1
    kept = demo.call("GET", f"/registrations/{first['id']}").json
    assert (kept["participants"], kept["removed_at"] is not None) == ([{"name": "Kim"}], True)


def test_a_refused_registration_leaves_nothing_and_may_be_retried(demo: Office, later: Later) -> None:
    session = demo.session(spots_total=1)
    standing = demo.register(session)
    with nothing_stored():
        for _ in range(2):
            refused(demo.enrol(session, "ana@demo.test", "Kim"), "session_full")
    demo.call("DELETE", f"/registrations/{standing['id']}")
    demo.register(session, "ana@demo.test", "Kim")


@pytest.mark.parametrize(("size", "spots"), [(None, 2), (2, 2), (5, 5)])
def test_a_party_may_be_larger_than_its_names(demo: Office, size: int | None, spots: int) -> None:
    session = demo.session()
    registered = demo.register(session, "", "Kim", "Lee", **({"party_size": size} if size else {}))
    assert (registered["party_size"], registered["total"]["amount"]) == (spots, 1250 * spots)
    assert demo.spots(session)["free"] == 5 - spots


def test_a_party_is_never_smaller_than_its_names(demo: Office) -> None:
    session = demo.session()
    with nothing_stored():
        response = demo.enrol(session, "", "Kim", "Lee", party_size=1)
    assert {code for _, code in response.faults} == {"too_many_participants"}


def test_a_party_larger_than_the_session_is_told_how_many_are_free(demo: Office) -> None:
    session = demo.session()
    demo.register(session)
    with nothing_stored():
        full = demo.enrol(session, party_size=5)
    refused(full, "session_full")
    assert (full.json["free"], full.json["wanted"]) == (4, 5)
    assert "Only 4 spots are free" in full.json["detail"]


def test_the_public_is_bound_by_the_registration_window(demo: Office, later: Later) -> None:
    session = demo.session(registration_opens_at=in_days(2), registration_closes_at=in_days(4))
    for days, code in ((0, "registration_not_open"), (5, "registration_closed"), (11, "session_past")):
        with later(days=days), nothing_stored():
            refused(demo.enrol(session), code)
    with later(days=3):
        demo.register(session)


def test_several_prices_need_a_choice_and_one_does_not(demo: Office) -> None:
    session = demo.session(tiers=TWO_TIERS)
    with nothing_stored():
        refused(demo.enrol(session), "tier_needed")
        refused(demo.enrol(session, tier="t3"), "unknown_tier")
        assert demo.enrol(session, tier="").status == 422
    assert demo.register(session, tier="t2")["price"]["amount"] == 2000
    assert demo.register(demo.session())["tier"] == "t1"


def test_an_unusable_code_is_refused_and_not_ignored(demo: Office) -> None:
    session = demo.session()
    with nothing_stored():
        refused(demo.enrol(session, discount_code="HALF"), "unknown_discount")
        refused(demo.enrol(session, discount_code="HALF", invitation_code="ABC"), "one_code_only")
        quoted = call("POST", f"/v1/portal/demo/sessions/{session}/quote", {"discount_code": "HALF"})
        refused(quoted, "unknown_discount")


@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_quote_is_what_a_registration_costs(demo: Office, size: int) -> None:
    session = demo.session(tiers=TWO_TIERS, spots_total=50)
    path = f"/v1/portal/demo/sessions/{session}/quote"
    with nothing_stored():
        quoted = call("POST", path, {"tier": "t2", "party_size": size})
        refused(call("POST", path, {"party_size": size}), "tier_needed")
    assert quoted.json["total"] == {"amount": 2000 * size, "currency": "EUR"}
    assert sum(line["amount"] for line in quoted.json["lines"]) == 2000 * size
    assert demo.register(session, tier="t2", party_size=size)["total"] == quoted.json["total"]


def test_the_public_view_of_a_session_names_no_person(demo: Office) -> None:
    session = demo.session()
    demo.register(session, "ana.secret@demo.test", "Kim Secret")
    demo.invite(session, "ben.secret@demo.test", note="secret note")
    for path in (f"/v1/portal/demo/sessions/{session}", "/v1/portal/demo/sessions?limit=200"):
        seen = call("GET", path)
        assert seen.status == 200
        assert "secret" not in seen.text.lower()
        assert "held" not in seen.text
    assert call("GET", f"/v1/portal/demo/sessions/{session}").json["spots"] == {"total": 5, "free": 3}


def test_a_session_is_public_only_under_its_own_organisation(world: World) -> None:
    theirs = world.zebra.session()
    assert call("GET", f"/v1/portal/demo/sessions/{theirs}").status == 404
    with nothing_stored():
        assert call("POST", f"/v1/portal/demo/sessions/{theirs}/registrations", person("ana@demo.test")).status == 404
        assert call("POST", f"/v1/portal/demo/sessions/{theirs}/quote", {}).status == 404


def test_the_window_of_a_session_does_not_bind_the_price_of_one_that_is_over(demo: Office) -> None:
    past = demo.session(meetings=[{"starts_at": in_days(-2), "ends_at": in_days(-1)}])
    assert call("GET", f"/v1/portal/demo/sessions/{past}").status == 404
    refused(demo.enrol(past), "session_past")


@pytest.mark.parametrize("names", [["Kim"] * 51, [], ["Kim", ""]])
def test_one_to_fifty_names(demo: Office, names: list[str]) -> None:
    body = {**person("ana@demo.test"), "participants": [{"name": name} for name in names]}
    with nothing_stored():
        assert (
            call("POST", f"/v1/portal/demo/sessions/{demo.kept_thing('s', lambda: {'s': 'nothing-there'})['s']}/registrations", body).status
            == 422
        )


def test_a_booking_belongs_to_the_time_it_was_made(demo: Office) -> None:
    session = demo.session()
    before = demo.register(session)
    demo.edit(session, tiers=[{"name": "Child", "price": {"amount": 1, "currency": "EUR"}}])
    after = demo.register(session)
    assert (before["price"]["amount"], after["price"]["amount"]) == (1250, 1)
    assert demo.call("GET", f"/registrations/{before['id']}").json["price"]["amount"] == 1250
