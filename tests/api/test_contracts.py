"""Contracts, their prices and their participants over HTTP."""

from typing import Any

import pytest

from tests.api.bodies import fresh_prefix, in_days, price_body
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, World
from tests.http import Response

ACME = {"name": "Acme 2026", "client": "Acme"}


def _faults(response: Response) -> dict[str, str]:
    assert (response.status, response.json["code"]) == (422, "validation_failed"), response.text
    return {fault["field"]: fault["code"] for fault in response.json["errors"]}


def test_a_contract_is_created_edited_and_deleted(demo: Office) -> None:
    prefix = fresh_prefix()
    sent = {**ACME, "prefix": f" {prefix.lower()} ", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "identifier": "email"}
    made = demo.call("POST", "/contracts", sent)
    assert made.status == 201
    expected = {**sent, "prefix": prefix, "active": True, "issued": False}
    assert {name: made.json[name] for name in expected} == expected
    path = f"/contracts/{made.json['id']}"
    read = demo.call("GET", path)
    assert (read.json, read.headers["etag"]) == (made.json, made.headers["etag"])
    edited = demo.call("PATCH", path, {"active": False, "ends_on": None}, headers={"If-Match": read.headers["etag"]})
    assert (edited.status, edited.json) == (200, {**made.json, "active": False, "ends_on": None})
    old = {"If-Match": made.headers["etag"]}
    for method, body in (("PATCH", {"name": "Late"}), ("DELETE", None)):
        assert demo.call(method, path, body, headers=old).status == 412
    demo.price(made.json["id"])
    demo.participant(made.json["id"], email="ana@example.org")
    assert demo.call("DELETE", path, headers={"If-Match": edited.headers["etag"]}).status == 204
    assert demo.call("DELETE", path).status == demo.call("GET", path).status == demo.call("GET", path + "/prices").status == 404
    assert demo.contract(prefix=prefix)["prefix"] == prefix


def test_all_faults_of_a_contract_are_reported_at_once(demo: Office) -> None:
    with nothing_stored():
        wrong = {"prefix": "TOO-LONG-A-PREFIX", "starts_on": "2026-02-30", "identifier": "name", "colour": "red"}
        assert _faults(demo.call("POST", "/contracts", wrong)) == {
            "/name": "missing",
            "/client": "missing",
            "/prefix": "not_a_prefix",
            "/starts_on": "not_a_date",
            "/identifier": "not_one_of",
            "/colour": "unknown_field",
        }
        for prefix in ("ÄB", "A B", "A_B", "ABCDEFGHIJK", "١٢"):
            assert _faults(demo.call("POST", "/contracts", {**ACME, "prefix": prefix})) == {"/prefix": "not_a_prefix"}
        turned = demo.call("POST", "/contracts", {**ACME, "prefix": fresh_prefix(), "starts_on": "2026-12-31", "ends_on": "2026-01-01"})
        assert (turned.status, turned.json["code"]) == (422, "ends_before_it_starts")


def test_a_prefix_is_unique(demo: Office, world: World) -> None:
    first, second = demo.contract(), demo.contract()
    for method, path in (("POST", "/contracts"), ("PATCH", f"/contracts/{second['id']}")):
        taken = demo.call(method, path, {**ACME, "prefix": first["prefix"].lower()})
        assert (taken.status, taken.json["code"], taken.json["contract"]) == (409, "prefix_taken", first["id"])
    assert world.zebra.contract(prefix=first["prefix"])["prefix"] == first["prefix"]


def test_the_identifier_is_fixed_by_the_first_participant(demo: Office) -> None:
    contract = demo.contract()["id"]
    assert demo.call("PATCH", f"/contracts/{contract}", {"identifier": "email"}).status == 200
    demo.participant(contract, email="ana@example.org")
    refused = demo.call("PATCH", f"/contracts/{contract}", {"identifier": "client_id"})
    assert (refused.status, refused.json["code"]) == (409, "contract_has_participants")


def test_a_price_is_for_one_session_or_a_tag_in_the_organisations_currency(demo: Office, world: World) -> None:
    contract, session = demo.contract()["id"], demo.session()
    path = f"/contracts/{contract}/prices"
    made = demo.price(contract, session=session, tag=None)
    assert (made["session"], made["tag"], made["price"]) == (session, None, {"amount": 1000, "currency": "EUR"})
    with nothing_stored():
        assert _faults(demo.call("POST", path, {"tag": "x", "session": session, "price": {"amount": -1}})) == {
            "/code": "missing",
            "/label": "missing",
            "/price/amount": "greater_than_equal",
            "/price/currency": "missing",
            "/tag": "session_or_tag",
        }
        assert _faults(demo.call("POST", path, price_body(tag=None))) == {"/tag": "session_or_tag"}
    foreign = price_body(session=world.zebra.session(), tag=None, price={"amount": 1, "currency": "CHF"})
    with nothing_stored():
        assert _faults(demo.call("POST", path, foreign)) == {"/price/currency": "other_currency", "/session": "unknown_session"}
        taken = demo.call("POST", path, price_body(code="std"))
        assert (taken.status, taken.json["code"], taken.json["price"]) == (409, "price_code_taken", made["id"])


def test_a_price_changes_its_product_and_is_deleted(demo: Office) -> None:
    contract = demo.contract()["id"]
    one, path = demo.price(contract), f"/contracts/{contract}/prices"
    mine = f"{path}/{one['id']}"
    etag = demo.call("GET", mine).headers["etag"]
    changed = demo.call("PATCH", mine, {"session": demo.session(), "code": "VIP"}, headers={"If-Match": etag})
    assert (changed.json["tag"], changed.json["code"]) == (None, "VIP")
    assert demo.call("PATCH", mine, {"tag": "health"}, headers={"If-Match": etag}).status == 412
    assert demo.call("PATCH", mine, {"tag": "health"}).json["session"] is None
    assert _faults(demo.call("PATCH", mine, {"tag": None})) == {"/tag": "session_or_tag"}
    assert demo.call("DELETE", mine, headers={"If-Match": etag}).status == 412
    demo.price(contract, code="ABC")
    assert [price["code"] for price in demo.call("GET", path).json["items"]] == ["ABC", "VIP"]
    assert [demo.call("DELETE", mine).status, demo.call("GET", mine).status] == [204, 404]


def test_a_price_of_another_contract_is_not_found(demo: Office) -> None:
    one, other = demo.contract()["id"], demo.contract()["id"]
    price, participant = demo.price(one)["id"], demo.participant(one)["id"]
    for path in (f"/contracts/{other}/prices/{price}", f"/contracts/{other}/participants/{participant}"):
        assert [demo.call(method, path, body).status for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None))] == [404] * 3


def test_a_participant_is_added_changed_and_deleted(demo: Office) -> None:
    contract = demo.contract()["id"]
    path = f"/contracts/{contract}/participants"
    details = {"Team": "Sales", "Allergies": "Nuts"}
    sent = {"client_id": "C-1", "name": "Ana", "email": "Ana@Example.org", "details": details, "shareable": ["Team"]}
    made = demo.call("POST", path, sent)
    assert (made.status, made.json) == (201, {**sent, "id": made.json["id"], "codes": []})
    mine = f"{path}/{made.json['id']}"
    assert demo.call("GET", mine).json == made.json
    taken = demo.call("POST", path, {"client_id": "c-1"})
    assert (taken.status, taken.json["code"], taken.json["participant"]) == (409, "participant_exists", made.json["id"])
    changed = demo.call("PATCH", mine, {"client_id": "C-2", "details": {"Allergies": "None"}}, headers={"If-Match": made.headers["etag"]})
    assert (changed.json["details"], changed.json["shareable"]) == ({"Allergies": "None"}, [])
    assert demo.call("PATCH", mine, {"name": "Late"}, headers={"If-Match": made.headers["etag"]}).status == 412
    assert _faults(demo.call("PATCH", mine, {"client_id": "", "shareable": ["Team"]})) == {
        "/client_id": "missing",
        "/shareable": "unknown_detail",
    }
    assert [demo.call("DELETE", mine).status, demo.call("GET", mine).status] == [204, 404]
    assert demo.participant(contract, client_id="C-2")["client_id"] == "C-2"


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({"name": "Ana"}, {"/client_id": "missing"}),
        (
            {"client_id": "x" * 101, "email": "ana", "details": {"a": "x" * 501}, "shareable": ["b"]},
            {"/client_id": "too_long", "/email": "not_an_address", "/details/a": "too_long"},
        ),
        ({"details": {"Team": "", "TEAM": ""}}, {"/details": "same_name_twice"}),
        ({"details": {"price code": "x"}}, {"/details": "name_taken"}),
        ({"details": {str(number): "x" for number in range(41)}}, {"/details": "too_many"}),
        ({"details": {"a": "x"}, "shareable": ["a", "b"]}, {"/shareable": "unknown_detail"}),
    ],
)
def test_all_faults_of_a_participant_are_reported_at_once(demo: Office, sent: dict[str, Any], faults: dict[str, str]) -> None:
    kept = demo.kept_thing("contract to fill", lambda: {"contract": demo.contract()["id"]})
    with nothing_stored():
        assert _faults(demo.call("POST", f"/contracts/{kept['contract']}/participants", sent)) == faults


def test_participants_are_listed_by_name_and_found(demo: Office) -> None:
    contract = demo.contract()["id"]
    for name, client_id in (("cléo", "C-3"), ("Ána Díaz", "C-1"), ("", "B-2")):
        demo.participant(contract, name=name, client_id=client_id)
    path = f"/contracts/{contract}/participants"
    first = demo.call("GET", f"{path}?limit=2").json
    rest = demo.call("GET", f"{path}?limit=2&cursor={first['next']}").json
    assert [one["client_id"] for one in first["items"] + rest["items"]] == ["C-1", "B-2", "C-3"]
    assert rest["next"] is None
    for q in ("d%C3%ADaz", "ana+diaz"):
        assert [one["client_id"] for one in demo.call("GET", f"{path}?q={q}").json["items"]] == ["C-1"], "with and without accents"


def test_contracts_are_listed_by_name_page_by_page(demo: Office) -> None:
    names = {demo.contract(name=name)["id"]: name for name in ("zeta", "Alpha", "beta")}
    found: list[Any] = []
    following = ""
    while following is not None:
        page = demo.call("GET", "/contracts?limit=2" + (f"&cursor={following}" if following else "")).json
        found, following = found + page["items"], page["next"]
    assert [one["name"] for one in found if one["id"] in names] == ["Alpha", "beta", "zeta"]


def test_a_retried_request_makes_one_thing(demo: Office) -> None:
    key = {"Idempotency-Key": f"contract-{in_days(0)}"}
    body = {**ACME, "prefix": fresh_prefix()}
    assert demo.call("POST", "/contracts", body, headers=key).json == demo.call("POST", "/contracts", body, headers=key).json
