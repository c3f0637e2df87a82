"""Two addresses of one person, merged into one customer."""

from datetime import UTC, datetime, timedelta

from chalicelib.operations.messages import queue
from tests.api.tenants import World, stream_follows


def test_two_addresses_of_one_person_become_one_customer(world: World) -> None:
    demo = world.demo
    kids = demo.group()["id"]
    stays = demo.customer(name="Ana", phone="", fields={"Level": "blue"}, participants=[{"name": "Kim"}])
    goes = demo.customer(
        name="Anna", phone="07", groups=[kids], fields={"level": "red", "Size": "M"}, participants=[{"name": "kim"}, {"name": "Lou"}]
    )
    booked = demo.register("", goes["email"], "Lou")
    merged = demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]})
    assert merged.status == 200, merged.text
    one = merged.json
    assert (one["id"], one["name"], one["email"], one["addresses"]) == (stays["id"], "Ana", stays["email"], [goes["email"]])
    assert (one["phone"], one["groups"], one["fields"]) == ("07", [kids], {"Level": "blue", "Size": "M"})
    assert [participant["name"] for participant in one["participants"]] == ["Kim", "Lou"]
    gone = demo.call("GET", f"/customers/{goes['id']}")
    assert (gone.status, gone.json["code"], gone.json["customer"]) == (410, "customer_merged", stays["id"])
    assert goes["id"] not in [entry["id"] for entry in demo.call("GET", "/customers?limit=200").json["items"]]
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).json["id"] == stays["id"]
    stream_follows(demo, booked["session"])
    found = demo.call("GET", f"/customers/{stays['id']}").json["registrations"]
    assert booked["id"] in [registration["id"] for registration in found]


def test_later_bookings_of_the_merged_address_belong_to_the_survivor(world: World) -> None:
    demo = world.demo
    stays, goes = demo.customer(), demo.customer()
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).status == 200
    booked = demo.register("", goes["email"].upper(), "Maya")
    stream_follows(demo, booked["session"])
    one = demo.call("GET", f"/customers/{stays['id']}").json
    assert [entry["id"] for entry in one["registrations"]] == [booked["id"]]
    taken = demo.call("POST", "/customers", {"name": "Other", "email": goes["email"]})
    assert (taken.status, taken.json["customer"]) == (409, stays["id"])
    assert demo.call("GET", f"/customers?q={goes['email']}").json["items"][0]["id"] == stays["id"]


def test_a_customer_is_not_merged_into_an_unknown_one_or_itself(world: World) -> None:
    demo = world.demo
    id = demo.customer()["id"]
    assert demo.call("POST", f"/customers/{id}/merge", {"into": id}).json["code"] == "same_customer"
    assert demo.call("POST", f"/customers/{id}/merge", {"into": "nobody"}).status == 404
    assert demo.call("POST", f"/customers/{id}/merge", {}).status == 422


def test_the_messages_of_both_addresses_come_together_page_by_page(world: World) -> None:
    demo = world.demo
    stays, goes = demo.customer(), demo.customer()
    sent = []
    for number in range(7):
        to = (stays if number % 3 else goes)["email"]
        key, data = f"{to} {number}", {"user": "u", "nonce": "n"}
        now = datetime.now(UTC) - timedelta(minutes=number)
        sent.append(queue(kind="password_reset", org="demo", to=to, locale="en", data=data, key=key, now=now))
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).status == 200
    found, following = [], ""
    while following is not None:
        page = demo.call("GET", f"/customers/{stays['id']}/messages?limit=2" + (f"&cursor={following}" if following else "")).json
        assert len(page["items"]) <= 2
        found += [message["id"] for message in page["items"]]
        following = page["next"]
    assert found == sent


def test_merged_customers_count_as_one_person_under_each_address(world: World) -> None:
    demo = world.demo
    stays, goes = demo.customer(), demo.customer()
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).status == 200
    session = demo.session(spots_total=2)
    booked = demo.register(session, stays["email"], "Kim")
    refused = demo.enrol(session, goes["email"].upper(), " kim ")
    assert (refused.status, refused.json["code"]) == (409, "already_registered")
    by_hand = {"new_customer": {"name": "Ana", "email": goes["email"]}, "participants": [{"name": "Kim"}], "billing": {"method": "later"}}
    assert demo.call("POST", f"/sessions/{session}/registrations", by_hand).json["code"] == "already_registered"
    other = demo.register(session, goes["email"], "Lou")
    corrected = demo.call("PATCH", f"/registrations/{other['id']}", {"participants": [{"name": "Kim"}]})
    assert corrected.json["code"] == "already_registered"
    assert demo.call("POST", f"/sessions/{session}/waitlist", {"email": stays["email"], "name": "Ana", "spots": 1}).status == 201
    waits = demo.call("POST", f"/sessions/{session}/waitlist", {"email": goes["email"], "name": "Ana", "spots": 1})
    assert (waits.status, waits.json["code"]) == (409, "already_waiting")
    mailed = demo.call("POST", f"/sessions/{session}/messages", {"registrations": "all", "subject": "Hello", "text": "Bring a hat."})
    assert demo.call("GET", f"/jobs/{mailed.json['job']}").json["total"] == 1, mailed.text
    assert demo.call("DELETE", f"/registrations/{booked['id']}").status in (200, 204)
    assert demo.call("PATCH", f"/registrations/{other['id']}", {"participants": [{"name": "Kim"}]}).status == 200


def test_a_person_with_two_addresses_is_invited_once(world: World) -> None:
    demo = world.demo
    stays, goes = demo.customer(), demo.customer()
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).status == 200
    session = demo.session()
    first = demo.invite(session, stays["email"])
    again = demo.call("POST", f"/sessions/{session}/invitations", {"email": goes["email"]})
    assert (again.status, again.json["code"], again.json["invitation"]) == (409, "already_invited", first["id"])
    assert demo.call("POST", f"/invitations/{first['id']}/cancel", {}).status in (200, 204)
    assert demo.call("POST", f"/sessions/{session}/invitations", {"email": goes["email"]}).status == 201


def test_a_corrected_main_address_is_one_with_the_merged_ones_and_the_former_is_not(world: World) -> None:
    demo = world.demo
    stays, goes, after = demo.customer(), demo.customer(), demo.fresh("corrected")
    assert demo.call("POST", f"/customers/{goes['id']}/merge", {"into": stays["id"]}).status == 200
    assert demo.call("PATCH", f"/customers/{stays['id']}", {"email": after}).status == 200
    session = demo.session()
    demo.invite(session, after)
    assert demo.call("POST", f"/sessions/{session}/invitations", {"email": goes["email"]}).json["code"] == "already_invited"
    assert demo.call("POST", f"/sessions/{session}/invitations", {"email": stays["email"]}).status == 201
