"""The roster and the capacity view: the people on a session, per meeting, and the use of every spot."""

import csv
import io
from collections.abc import Callable
from typing import Any

from tests.api.bodies import in_days
from tests.api.tenants import Office, stream_follows
from tests.http import call

Later = Callable[..., Any]


def course(office: Office) -> tuple[str, list[str]]:
    """Return a course of three meetings, the first of them past, and the ids of its meetings."""
    meetings = [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (-3, 4, 11)]
    session = office.session(meetings=meetings, registration_opens_at=in_days(-30))
    return session, [one["id"] for one in office.read(session)["meetings"]]


def names(roster: Any) -> list[str]:
    return sorted(participant["name"] for entry in roster["registrations"] for participant in entry["participants"])


def test_a_late_registration_is_not_on_past_meetings(demo: Office, later: Later) -> None:
    session, (first, second, third) = course(demo)
    demo.register(session, "", "Early")
    with later(days=5):
        demo.register(session, "", "Late")
    assert names(demo.roster(session)) == ["Early", "Late"]
    assert [names(demo.roster(session, meeting)) for meeting in (first, second, third)] == [[], ["Early"], ["Early", "Late"]]


def test_a_removed_registration_stays_on_past_meetings(demo: Office, later: Later) -> None:
    session, (first, second, third) = course(demo)
    registration = demo.register(session, "", "Leaver")
    stays = demo.register(session, "", "Stays")
    with later(days=5):
        assert demo.call("DELETE", f"/registrations/{registration['id']}").status == 204
        assert [names(demo.roster(session, meeting)) for meeting in (first, second, third)] == [[], ["Leaver", "Stays"], ["Stays"]]
        assert names(demo.roster(session)) == ["Stays"]
        assert demo.spots(session)["taken"] == stays["party_size"]


def test_an_accepted_invitation_is_on_the_remaining_meetings(demo: Office, later: Later) -> None:
    session, (_, second, third) = course(demo)
    invitation = demo.invite(session, expires_at=in_days(10))
    with later(days=5):
        demo.accept(invitation, "", "Invited")
    assert [names(demo.roster(session, meeting)) for meeting in (second, third)] == [[], ["Invited"]]


def test_an_unknown_meeting_has_an_empty_roster(demo: Office) -> None:
    session, _ = course(demo)
    demo.register(session)
    for meeting in ("m99", "%23", "x" * 500, "m1%00"):
        assert names(demo.roster(session, meeting)) == []


def test_the_roster_shows_the_invited_and_the_accepting_address(demo: Office) -> None:
    session, bob = demo.session(), demo.fresh("bob")
    pending, used, over = (demo.invite(session) for _ in range(3))
    demo.accept(used, bob, "Kim")
    demo.act(over, "cancel")
    stream_follows(demo, session)
    roster = demo.roster(session)
    seen = {entry["id"]: entry for entry in roster["invitations"]}
    assert [seen[one["id"]]["status"] for one in (pending, used, over)] == ["pending", "accepted", "cancelled"]
    assert [seen[one["id"]]["link"] is not None for one in (pending, used, over)] == [True, False, False]
    (registration,) = roster["registrations"]
    assert (seen[used["id"]]["used_by"], seen[used["id"]]["registration"]) == (bob, registration["id"])
    assert (registration["invitation"], registration["invited_email"], registration["email"]) == (used["id"], used["email"], bob)


def test_the_ledger_decides_before_the_stream_has_updated_the_rows(demo: Office) -> None:
    session = demo.session()
    invitation = demo.invite(session)
    demo.accept(invitation)
    (seen,) = demo.roster(session)["invitations"]
    assert (seen["status"], seen["spots_held"]) == ("accepted", 0)
    assert demo.act(invitation, "cancel").json["code"] == "already_accepted"


def test_capacity_names_every_spot_that_is_not_free(demo: Office) -> None:
    session = demo.session(spots_total=4)
    registration, invitation = demo.register(session, party_size=2), demo.invite(session, party_size=2)
    extra = demo.invite(session, confirm_over_capacity=True)
    view = demo.call("GET", f"/sessions/{session}/capacity").json
    found = {item["thing"]: (item["why"], item["spots"], item["extra"], item["until"]) for item in view["items"]}
    assert found == {
        registration["id"]: ("registration", 2, 0, None),
        invitation["id"]: ("invitation", 2, 0, invitation["expires_at"]),
        extra["id"]: ("invitation", 1, 1, extra["expires_at"]),
    }
    assert sum(item["spots"] for item in view["items"]) == view["spots"]["taken"] + view["spots"]["held"]
    assert sum(item["extra"] for item in view["items"]) == view["spots"]["extra"]


def test_an_expired_hold_keeps_no_spot(demo: Office, later: Later) -> None:
    session = demo.session()
    demo.invite(session)
    with later(days=8):
        view = demo.call("GET", f"/sessions/{session}/capacity").json
        assert (view["items"], view["spots"]["free"]) == ([], 5)
        assert [entry["status"] for entry in demo.roster(session)["invitations"]] == ["expired"]


def test_only_staff_of_the_organisation_read_a_roster(demo: Office) -> None:
    session = demo.session()
    for path in ("roster", "capacity", "invitations"):
        assert demo.call("GET", f"/sessions/{session}/{path}", by="viewer").status == 200
        assert call("GET", f"/v1/orgs/demo/sessions/{session}/{path}").status == 401


def test_extras_can_only_be_kept_for_a_holder_on_this_session(demo: Office, later: Later) -> None:
    session, other = demo.session(spots_total=0), demo.session(spots_total=0)
    elsewhere = demo.invite(other, confirm_over_capacity=True)
    gone = demo.invite(session, confirm_over_capacity=True)
    plain = demo.register(demo.session())
    for thing in (elsewhere["id"], plain["id"], "nothing", "-", "x-"):
        assert demo.call("POST", f"/sessions/{session}/extras/keep", {"thing": thing}).status == 404
    with later(days=8):
        assert demo.call("POST", f"/sessions/{session}/extras/keep", {"thing": gone["id"]}).status == 404
    assert demo.spots(session)["total"] == 0


def test_a_past_meeting_keeps_its_party_sizes_and_amounts_are_current(demo: Office, later: Later) -> None:
    course = [{"starts_at": in_days(days), "ends_at": in_days(days + 0.1)} for days in (1, 9, 20)]
    session = demo.session(meetings=course, spots_total=20)
    came, grew = demo.register(session, "", "Kim", "Lou"), demo.register(session, "", "Max")
    with later(days=5):
        assert demo.call("PATCH", f"/registrations/{came['id']}", {"party_size": 1, "participants": [{"name": "Kim"}]}).status == 200
        assert demo.call("PATCH", f"/registrations/{grew['id']}", {"party_size": 3}).status == 200
    with later(days=15):
        assert demo.call("PATCH", f"/registrations/{grew['id']}", {"party_size": 2}).status == 200
        assert demo.call("DELETE", f"/registrations/{came['id']}").status == 204
        rosters = [demo.roster(session, meeting) for meeting in ("m1", "m2", "m3", "")]
    parties = [{entry["id"]: entry["party_size"] for entry in roster["registrations"]} for roster in rosters]
    first, second = came["id"], grew["id"]
    assert parties == [{first: 2, second: 1}, {first: 1, second: 3}, {second: 2}, {second: 2}]
    assert {entry["total"]["amount"] for roster in rosters for entry in roster["registrations"] if entry["id"] == second} == {2500}
    assert {roster["spots"]["taken"] for roster in rosters} == {2}


def test_the_orders_csv_says_what_was_booked_and_paid(demo: Office) -> None:
    meetings = [{"starts_at": "2040-06-01T10:00:00Z", "ends_at": "2040-06-01T11:00:00Z"}]
    tiers = [{"name": "Child", "price": {"amount": 1000, "currency": "EUR"}}]
    session = demo.session(title="Judo, Tuesdays", time_zone="Asia/Tokyo", meetings=meetings, tiers=tiers)
    booked = demo.register(session, "", "Kim", "Lee; Ann")
    stream_follows(demo, session)
    demo.call("POST", f"/registrations/{booked['id']}/payments", {"amount": {"amount": 1250, "currency": "EUR"}, "method": "cash"})
    text = demo.call("GET", "/orders.csv").text.removeprefix("\ufeff")
    (row,) = [row for row in csv.DictReader(io.StringIO(text)) if row["Registration"] == booked["id"]]
    assert (row["Session"], row["Starts"], row["Time zone"]) == ("Judo, Tuesdays", "2040-06-01 19:00", "Asia/Tokyo")
    assert (row["Tier"], row["Participants"], row["Total"], row["Paid"]) == ("Child", 'Kim; "Lee; Ann"', "20.00", "12.50")


def statuses(office: Office, registration: str) -> set[str]:
    """Return the billing statuses under which the registration is listed, in the API and in the CSV."""
    listed = set()
    for status in ("unpaid", "free", "invoiced", "partly_paid", "paid", "refunded"):
        found = {order["id"] for order in office.call("GET", f"/orders?status={status}&limit=200").json["items"]}
        assert (registration in found) == (registration in office.call("GET", f"/orders.csv?status={status}").text)
        listed |= {status} if registration in found else set()
    return listed


def test_a_registration_of_a_free_tier_is_not_unpaid(demo: Office) -> None:
    session = demo.session(tiers=[{"name": "Free", "price": {"amount": 0, "currency": "EUR"}}])
    booked = demo.register(session)
    stream_follows(demo, session)
    assert (booked["billing"]["status"], statuses(demo, booked["id"])) == ("free", {"free"})
    text = demo.call("GET", "/orders.csv?status=free").text.removeprefix("\ufeff")
    assert {row["Billing"] for row in csv.DictReader(io.StringIO(text))} == {"nothing to pay"}


def test_a_registration_with_a_price_is_unpaid(demo: Office) -> None:
    session = demo.session()
    booked = demo.register(session)
    stream_follows(demo, session)
    assert (booked["billing"]["status"], statuses(demo, booked["id"])) == ("unpaid", {"unpaid"})


def test_the_billing_of_a_free_registration_can_be_set(demo: Office) -> None:
    session = demo.session(tiers=[{"name": "Free", "price": {"amount": 0, "currency": "EUR"}}])
    booked = demo.register(session)
    stream_follows(demo, session)
    paid = demo.call("POST", f"/registrations/{booked['id']}/billing", {"status": "paid"})
    assert (paid.status, paid.json["billing"]["status"], statuses(demo, booked["id"])) == (200, "paid", {"paid"})
    again = demo.call("POST", f"/registrations/{booked['id']}/billing", {"status": "unpaid"})
    assert again.json["billing"]["status"] == "free"
