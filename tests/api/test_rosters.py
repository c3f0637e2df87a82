"""The roster and the capacity view: who is on a session, on which of its dates, and where every spot is."""

from collections.abc import Callable
from typing import Any

from tests.api.world import Office, in_days, stream_follows
from tests.http import call

Later = Callable[..., Any]


def course(office: Office) -> tuple[str, list[str]]:
    """Return a course of three dates, the first of which is over, and the ids of its meetings."""
    meetings = [{"starts_at": in_days(day), "ends_at": in_days(day + 0.05)} for day in (-3, 4, 11)]
    session = office.session(meetings=meetings, registration_opens_at=in_days(-30))
    return session, [one["id"] for one in office.read(session)["meetings"]]


def names(roster: Any) -> list[str]:
    return sorted(participant["name"] for entry in roster["registrations"] for participant in entry["participants"])


def test_who_joins_a_course_late_is_not_on_its_past_dates(demo: Office, later: Later) -> None:
    session, (first, second, third) = course(demo)
    demo.register(session, "", "Early")
    with later(days=5):
        demo.register(session, "", "Late")
    assert names(demo.roster(session)) == ["Early", "Late"]
    assert [names(demo.roster(session, meeting)) for meeting in (first, second, third)] == [[], ["Early"], ["Early", "Late"]]


def test_who_is_removed_stays_on_the_dates_that_were(demo: Office, later: Later) -> None:
    session, (first, second, third) = course(demo)
    registration = demo.register(session, "", "Leaver")
    stays = demo.register(session, "", "Stays")
    with later(days=5):
        assert demo.call("DELETE", f"/registrations/{registration['id']}").status == 204
        assert [names(demo.roster(session, meeting)) for meeting in (first, second, third)] == [[], ["Leaver", "Stays"], ["Stays"]]
        assert names(demo.roster(session)) == ["Stays"]
        assert demo.spots(session)["taken"] == stays["party_size"]


def test_who_accepts_an_invitation_is_on_the_dates_after_that(demo: Office, later: Later) -> None:
    session, (_, second, third) = course(demo)
    invitation = demo.invite(session, expires_at=in_days(10))
    with later(days=5):
        demo.accept(invitation, "", "Invited")
    assert [names(demo.roster(session, meeting)) for meeting in (second, third)] == [[], ["Invited"]]


def test_an_unknown_date_has_nobody(demo: Office) -> None:
    session, _ = course(demo)
    demo.register(session)
    for meeting in ("m99", "%23", "x" * 500, "m1%00"):
        assert names(demo.roster(session, meeting)) == []


def test_the_roster_says_who_used_whose_invitation(demo: Office) -> None:
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


def test_the_ledger_decides_before_the_stream_has_told_the_rows(demo: Office) -> None:
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


def test_what_has_run_out_keeps_no_spot(demo: Office, later: Later) -> None:
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


def test_extras_are_kept_for_somebody_who_is_on_this_session(demo: Office, later: Later) -> None:
    session, other = demo.session(spots_total=0), demo.session(spots_total=0)
    elsewhere = demo.invite(other, confirm_over_capacity=True)
    gone = demo.invite(session, confirm_over_capacity=True)
    plain = demo.register(demo.session())
    for thing in (elsewhere["id"], plain["id"], "nothing", "-", "x-"):
        assert demo.call("POST", f"/sessions/{session}/extras/keep", {"thing": thing}).status == 404
    with later(days=8):
        assert demo.call("POST", f"/sessions/{session}/extras/keep", {"thing": gone["id"]}).status == 404
    assert demo.spots(session)["total"] == 0


def test_a_past_date_keeps_the_parties_that_it_had_and_money_goes_by_today(demo: Office, later: Later) -> None:
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
