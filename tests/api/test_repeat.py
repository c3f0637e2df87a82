"""Repeating a session as a course or a series, copies, and edits of this and the following."""

from typing import Any

import pytest

from tests.api.bodies import session_body
from tests.api.tenants import Office

TUESDAY = {"starts_at": "2040-10-02T15:00:00Z", "ends_at": "2040-10-02T16:30:00Z"}
TWELVE = {"times": 12, "except": ["2040-10-23", "2040-10-30"]}


def body(*, meetings: Any = (TUESDAY,), **repeat: Any) -> dict[str, Any]:
    return session_body(title="Judo", meetings=list(meetings), time_zone="Europe/Paris", repeat=repeat)


def made(demo: Office, **repeat: Any) -> Any:
    key = repeat.pop("key", "")
    response = demo.call("POST", "/sessions", body(**repeat), headers={"Idempotency-Key": key} if key else None)
    assert response.status == 201, response.text
    return response.json


def starts(session: Any) -> list[str]:
    return [meeting["starts_at"] for meeting in session["meetings"]]


def test_a_course_has_the_dates_of_its_preview(demo: Office) -> None:
    before = demo.call("GET", "/sessions").json
    preview = demo.call("POST", "/sessions/repeat-preview", body(**TWELVE, **{"as": "course"}))
    assert demo.call("GET", "/sessions").json == before, "nothing is made"
    course = made(demo, **TWELVE, **{"as": "course"})
    assert starts(course) == [one["starts_at"] for one in preview.json["meetings"]]
    assert len(starts(course)) == 12
    assert starts(course)[2:5] == ["2040-10-16T15:00:00Z", "2040-11-06T16:00:00Z", "2040-11-13T16:00:00Z"], "17:00 all along"
    assert (course["series"], course["registration_closes_at"]) == ("", starts(course)[-1])


def test_a_series_is_made_once_and_completed_after_a_crash(demo: Office) -> None:
    weekly = {"every": 2, "weekdays": ["tu", "th"], "until": "2040-10-20", "as": "series"}
    series = made(demo, key="series-1", **weekly)
    ids = [one["id"] for one in series["items"]]
    assert {one["series"] for one in series["items"]} == {series["series"]}
    assert [starts(one) for one in series["items"]] == [["2040-10-02T15:00:00Z"], ["2040-10-04T15:00:00Z"], *[[day] for day in LATER]]
    assert demo.call("DELETE", f"/sessions/{ids[1]}").status == 204
    again = made(demo, key="series-1", **weekly)
    assert [one["id"] for one in again["items"]] == ids


LATER = ("2040-10-16T15:00:00Z", "2040-10-18T15:00:00Z")


@pytest.mark.parametrize(
    ("repeat", "code"),
    [
        ({"as": "course"}, "until_or_times"),
        ({"as": "course", "times": 3, "until": "2041-01-01"}, "until_or_times"),
        ({"as": "course", "until": "2040-10-01"}, "no_dates"),
        ({"as": "series", "until": "2060-01-01"}, "too_many_dates"),
    ],
)
def test_a_repetition_that_cannot_be(demo: Office, repeat: dict[str, Any], code: str) -> None:
    for path in ("/sessions", "/sessions/repeat-preview"):
        response = demo.call("POST", path, body(**repeat))
        assert response.status == 422
        assert code in (response.json["code"], *(fault["code"] for fault in response.json.get("errors", ())))


def test_a_copy_keeps_everything_but_people_and_cancelled_dates(demo: Office) -> None:
    course = made(demo, times=4, **{"as": "course"})
    demo.register(course["id"])
    second = course["meetings"][1]["id"]
    assert demo.call("POST", f"/sessions/{course['id']}/meetings/{second}/cancel", {}).status == 200
    copy = demo.call("POST", f"/sessions/{course['id']}/duplicate", {"starts_at": "2040-10-24T10:00:00Z"})
    assert copy.status == 201
    assert starts(copy.json) == ["2040-10-24T10:00:00Z", "2040-11-07T11:00:00Z", "2040-11-14T11:00:00Z"], "12:00 all along"
    assert copy.json["spots"] == {**course["spots"], "taken": 0, "free": course["spots_total"]}
    told_apart = {"id", "meetings", "created_at", "registration_opens_at", "registration_closes_at", "spots"}
    assert {name: value for name, value in copy.json.items() if name not in told_apart} == {
        name: value for name, value in course.items() if name not in told_apart
    }
    named = demo.call("POST", f"/sessions/{course['id']}/duplicate", {"starts_at": "2040-10-24T10:00:00Z", "title": "Spring"}).json
    assert named["title"] == "Spring"


def test_this_and_the_following_change_together(demo: Office) -> None:
    items = made(demo, times=4, **{"as": "series"})["items"]
    listed = demo.call("GET", f"/sessions?series={items[0]['series']}").json["items"]
    assert [one["id"] for one in listed] == [one["id"] for one in items]
    for session in items[2:]:
        demo.register(session["id"])
    moved = [{**items[1]["meetings"][0], "starts_at": "2040-10-10T16:00:00Z", "ends_at": "2040-10-10T17:00:00Z"}]
    edited = demo.edit(items[1]["id"], scope="following", title="Aikido", meetings=moved)
    assert edited.status == 200, edited.text
    assert [one["id"] for one in edited.json["items"]] == [one["id"] for one in items[1:]]
    assert [starts(one)[0] for one in edited.json["items"]] == [f"2040-10-{day}T16:00:00Z" for day in (10, 17, 24)]
    assert (edited.json["id"], edited.json["title"], edited.json["told"]) == (items[1]["id"], "Aikido", 2)
    assert (demo.read(items[0]["id"])["title"], starts(demo.read(items[0]["id"]))) == ("Judo", starts(items[0]))
    alone = demo.edit(items[1]["id"], scope="this", title="Trial")
    assert (alone.status, demo.read(items[2]["id"])["title"]) == (200, "Aikido")


def test_fewer_spots_than_are_used_change_no_session(demo: Office) -> None:
    items = made(demo, times=3, **{"as": "series"})["items"]
    demo.register(items[2]["id"])
    refused = demo.edit(items[0]["id"], scope="following", spots_total=0)
    assert (refused.status, refused.json["code"]) == (409, "below_use")
    assert {demo.read(one["id"])["spots_total"] for one in items} == {items[0]["spots_total"]}
    assert demo.edit(items[0]["id"], scope="following", spots_total=0, confirm_below_use=True).status == 200
    assert {demo.read(one["id"])["spots_total"] for one in items} == {0}


def test_the_last_date_cannot_be_cancelled_alone(demo: Office) -> None:
    course = demo.course()
    path = f"/sessions/{course['session']}/meetings"
    first, second = (meeting["id"] for meeting in demo.read(course["session"])["meetings"])
    before = demo.read(course["session"])
    cancelled = demo.call("POST", f"{path}/{first}/cancel", {"reason": "Snow"})
    assert [bool(meeting["cancelled_at"]) for meeting in cancelled.json["meetings"]] == [True, False]
    assert [meeting["cancel_reason"] for meeting in cancelled.json["meetings"]] == ["Snow", ""]
    assert (cancelled.json["spots"], cancelled.json["state"]) == (before["spots"], before["state"])
    assert demo.call("POST", f"{path}/{first}/cancel", {}).status == 200, "it may be repeated"
    refused = demo.call("POST", f"{path}/{second}/cancel", {})
    assert (refused.status, refused.json["code"]) == (409, "last_meeting")
    assert demo.edit(course["session"], meetings=[cancelled.json["meetings"][0]]).json["code"] == "last_meeting"
    assert demo.call("POST", f"{path}/other/cancel", {}).status == 404
    read_again = demo.edit(course["session"], meetings=demo.read(course["session"])["meetings"]).json
    assert read_again["meetings"] == cancelled.json["meetings"], "what was read may be sent back"
    restored = demo.call("POST", f"{path}/{first}/restore")
    assert restored.json["meetings"] == before["meetings"]


def test_a_cancelled_last_date_takes_the_end_of_registration_along(demo: Office) -> None:
    course = demo.course(cancelled=True)
    first, second = demo.read(course["session"])["meetings"]
    assert demo.read(course["session"])["registration_closes_at"] == first["starts_at"]
    demo.call("POST", f"/sessions/{course['session']}/meetings/{second['id']}/restore")
    assert demo.read(course["session"])["registration_closes_at"] == second["starts_at"]
