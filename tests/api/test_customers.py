"""Customers and groups over HTTP: fields, filters, membership of groups, merging."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.events.jobs import WORK
from chalicelib.operations import jobs
from tests.api.stored_items import nothing_stored
from tests.api.tenants import World, stream_follows
from tests.operations.simulated_aws import redrive


def names(world: World, query: str) -> list[str]:
    found = world.demo.call("GET", f"/customers?{query}")
    assert found.status == 200, found.text
    return [one["name"] for one in found.json["items"]]


def test_a_customer_has_groups_and_fields(world: World) -> None:
    demo = world.demo
    group = demo.group("Tuesday")["id"]
    made = demo.customer(groups=[group, group], fields={"Level": "blue", "T-shirt": "M"})
    assert (made["groups"], made["fields"]) == ([group], {"Level": "blue", "T-shirt": "M"})
    path = f"/customers/{made['id']}"
    changed = demo.call("PATCH", path, {"groups": [], "fields": {"Level": "green"}})
    assert (changed.json["groups"], changed.json["fields"]) == ([], {"Level": "green"})
    unknown = demo.call("PATCH", path, {"groups": [group, "nothing-there"]})
    assert (unknown.status, unknown.faults) == (422, {("/groups/1", "unknown_group")})
    assert demo.call("POST", "/customers", {"name": "A", "email": demo.fresh("a"), "groups": ["x"]}).faults == {
        ("/groups/0", "unknown_group")
    }


def test_custom_fields_have_unique_names_and_limits(world: World) -> None:
    demo = world.demo

    def made(fields: Any) -> Any:
        return demo.call("POST", "/customers", {"name": "A", "email": demo.fresh("a"), "fields": fields})

    assert made({"Level": "1", "LEVEL": "2"}).faults == {("/fields", "same_name_twice")}
    assert made({"e-mail": "1", "EMAIL": "2"}).faults == {("/fields", "reserved_name")}
    assert made({str(number): "" for number in range(41)}).status == 422
    assert made({"n" * 101: ""}).status == made({"n": "v" * 501}).status == 422
    assert made({str(number): "v" for number in range(40)}).status == 201


def test_the_list_is_of_one_status_one_group_or_both_with_full_pages(world: World) -> None:
    demo = world.demo
    group = demo.group()["id"]
    for number in range(6):
        demo.customer(name=f"Filtered {number}", groups=[group] if number % 2 else [])
    assert names(world, f"group={group}") == ["Filtered 1", "Filtered 3", "Filtered 5"]
    assert names(world, f"group={group}&status=added&q=filt") == ["Filtered 1", "Filtered 3", "Filtered 5"]
    assert names(world, f"group={group}&status=accepted") == []
    first = demo.call("GET", f"/customers?group={group}&limit=2").json
    assert [one["name"] for one in first["items"]] == ["Filtered 1", "Filtered 3"]
    assert names(world, f"group={group}&limit=2&cursor={first['next']}") == ["Filtered 5"]
    assert demo.call("GET", "/customers?status=waiting").faults == {("/status", "not_one_of")}


def test_accents_matter_neither_to_the_order_nor_to_a_search(world: World) -> None:
    group = world.demo.group()["id"]
    for name in ("Zoe", "Élodie Petit", "Fay", "Dan"):
        world.demo.customer(name=name, groups=[group])
    listed = world.demo.call("GET", f"/customers?group={group}").json["items"]
    assert [one["name"] for one in listed] == ["Dan", "Élodie Petit", "Fay", "Zoe"]
    for q in ("elodie", "%C3%89LODIE", "E%CC%81lo+pet"):
        assert [one["name"] for one in world.demo.call("GET", f"/customers?group={group}&q={q}").json["items"]] == ["Élodie Petit"]


def test_group_names_are_unique(world: World) -> None:
    demo = world.demo
    first = demo.group("Judo kids")
    again = demo.call("POST", "/groups", {"name": "  judo KIDS "})
    assert (again.status, again.json["code"], again.json["group"]) == (409, "group_exists", first["id"])
    other = demo.group("Aikido")
    assert demo.call("PATCH", f"/groups/{other['id']}", {"name": "Judo Kids"}).status == 409
    assert demo.call("PATCH", f"/groups/{first['id']}", {"name": "JUDO kids"}).json["name"] == "JUDO kids"
    assert demo.call("PATCH", f"/groups/{first['id']}", {"name": "Karate"}).json["name"] == "Karate"
    assert demo.call("PATCH", f"/groups/{other['id']}", {"name": "Judo Kids"}).status == 200
    assert demo.call("POST", "/groups", {"name": "one; two"}).status == 422
    stale = demo.call("PATCH", f"/groups/{first['id']}", {"name": "Boxing"}, headers={"If-Match": '"v1"'})
    assert stale.status == 412


def test_joining_and_leaving_a_group_are_idempotent(world: World) -> None:
    demo = world.demo
    group, customer = demo.group()["id"], demo.customer()["id"]
    path = f"/groups/{group}/customers/{customer}"
    assert [demo.call("PUT", path).status for _ in range(2)] == [204, 204]
    assert demo.call("GET", f"/customers/{customer}").json["groups"] == [group]
    assert [demo.call("DELETE", path).status for _ in range(2)] == [204, 204]
    assert demo.call("GET", f"/customers/{customer}").json["groups"] == []


def test_a_deleted_group_is_left_by_everybody_and_its_name_is_free(world: World) -> None:
    demo = world.demo
    group = demo.group("Summer camp")["id"]
    customer = demo.customer(groups=[group])["id"]
    assert demo.call("DELETE", f"/groups/{group}").status == 204
    assert demo.call("GET", f"/customers/{customer}").json["groups"] == []
    assert demo.call("PUT", f"/groups/{group}/customers/{customer}").status == 404
    assert demo.call("DELETE", f"/groups/{group}").status == 404
    assert demo.group("Summer camp")["id"] != group


def test_a_corrected_address_keeps_its_history_and_can_be_used_by_another(world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    booked = demo.register("", customer["email"])
    stream_follows(demo, booked["session"])
    path, after = f"/customers/{customer['id']}", demo.fresh("corrected")
    changed = demo.call("PATCH", path, {"email": after, "bookings_follow": False}).json
    assert (changed["email"], changed["addresses"]) == (after, [customer["email"]])
    assert [one["id"] for one in demo.call("GET", path).json["registrations"]] == [booked["id"]]
    other = demo.customer(email=customer["email"])
    assert other["id"] != customer["id"]
    assert demo.call("GET", path).json["registrations"] == []


def test_all_data_about_a_customer_can_be_exported(world: World) -> None:
    demo = world.demo
    group = demo.group("Tell me")["id"]
    customer = demo.customer(name="Zoé", phone="07", groups=[group], fields={"Level": "blue"}, participants=[{"name": "Kim"}])
    booked = demo.register("", customer["email"], "Kim")
    demo.invite(booked["session"], customer["email"], note="for Kim")
    demo.call("POST", f"/registrations/{booked['id']}/billing", {"status": "invoiced"})
    stream_follows(demo, booked["session"])
    redrive("demo", now=datetime.now(UTC) + timedelta(minutes=5))
    response = demo.call("GET", f"/customers/{customer['id']}/export")
    assert response.headers["content-disposition"] == 'attachment; filename="customer.json"'
    told = response.json
    assert (told["customer"]["name"], told["customer"]["groups"], told["customer"]["fields"]) == ("Zoé", ["Tell me"], {"Level": "blue"})
    assert [(entry["title"], entry["participants"]) for entry in told["registrations"]] == [("Judo demo", ["Kim"])]
    assert [entry["note"] for entry in told["invitations"]] == ["for Kim"]
    assert {"session_invitation", "confirmation", "invoice"} <= {message["kind"] for message in told["messages"]}
    assert all(message["text"] for message in told["messages"] if message["state"] == "sent")
    assert [invoice["total"]["amount"] for invoice in told["invoices"]] == [1250]
    assert told["addresses"] == [
        {
            "address": customer["email"],
            "unsubscribed": False,
            "date_reminders": True,
            "language": None,
            "suppressed": False,
            "suppressed_for": "",
            "bounce": None,
            "complaints": [],
        }
    ]
    assert "nonce" not in response.text
    assert demo.call("GET", "/customers.csv", by="viewer").text.startswith("\ufeffName,Email,Phone,Participants,Groups,Status")


def test_a_large_group_is_left_by_a_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.operations.customers.groups.SLICE", 2)
    monkeypatch.setattr("chalicelib.rules.jobs.SLICE", 2)
    demo = world.demo
    group = demo.group("Everybody")["id"]
    members = [demo.customer(groups=[group])["id"] for _ in range(5)]
    assert demo.call("DELETE", f"/groups/{group}").status == 204
    assert group not in [one["id"] for one in demo.call("GET", "/groups?limit=200").json["items"]]
    job = next(one["id"] for one in demo.call("GET", "/jobs").json["items"] if one["kind"] == "group")
    while jobs.read_job("demo", job).open:
        jobs.run_step("demo", job, WORK, now=datetime.now(UTC))
    assert [demo.call("GET", f"/customers/{id}").json["groups"] for id in members] == [[]] * 5
    assert demo.call("DELETE", f"/groups/{group}").status == 404


def test_a_customer_without_history_is_deleted_and_the_address_is_free(world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    assert demo.call("DELETE", f"/customers/{customer['id']}").status == 204
    assert demo.call("GET", f"/customers/{customer['id']}").status == 404
    assert demo.call("DELETE", f"/customers/{customer['id']}").status == 404
    again = demo.call("POST", "/customers", {"name": "Ana", "email": customer["email"]})
    assert again.status == 201


def test_a_customer_that_was_edited_meanwhile_is_not_deleted(world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    read = demo.call("GET", f"/customers/{customer['id']}")
    demo.call("PATCH", f"/customers/{customer['id']}", {"phone": "07"})
    refused = demo.call("DELETE", f"/customers/{customer['id']}", headers={"If-Match": read.headers["etag"]})
    assert (refused.status, refused.json["code"]) == (412, "changed_meanwhile")


@pytest.mark.parametrize("history", ["registered", "removed", "invited", "waiting", "registered under a former address"])
def test_a_customer_with_history_is_not_deleted(history: str, world: World) -> None:
    demo = world.demo
    customer = demo.customer()
    match history:
        case "registered" | "removed" | "registered under a former address":
            booked = demo.register("", customer["email"], "Kim")
            stream_follows(demo, booked["session"])
            if history == "removed":
                assert demo.call("DELETE", f"/registrations/{booked['id']}").status in {200, 204}
            if history == "registered under a former address":
                demo.call("PATCH", f"/customers/{customer['id']}", {"email": f"new-{customer['email']}"})
        case "invited":
            demo.invite(demo.session(), customer["email"])
        case "waiting":
            full = demo.session(spots_total=1)
            demo.register(full, "someone@demo.test", "Lou")
            assert demo.call("POST", f"/sessions/{full}/waitlist", {"email": customer["email"], "name": "Ana", "spots": 1}).status == 201
    with nothing_stored():
        refused = demo.call("DELETE", f"/customers/{customer['id']}")
    assert (refused.status, refused.json["code"]) == (409, "customer_in_use")
    assert demo.call("GET", f"/customers/{customer['id']}").status == 200
