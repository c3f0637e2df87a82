"""Waiting for any of several sessions, over HTTP."""

from tests.api.tenants import Office
from tests.http import Response, call

WHO = {"email": "cleo@example.org", "name": "Cleo", "spots": 1}


def join(session: str, *others: str, key: str = "k") -> Response:
    body = {**WHO, "alternatives": list(others)}
    return call("POST", f"/v1/portal/demo/sessions/{session}/waitlist", body, headers={"Idempotency-Key": key})


def leave(link: str, query: str = "") -> Response:
    return call("POST", f"/v1/waitlist/{link.rpartition('/')[2]}/leave{query}")


def listed(demo: Office, session: str) -> list[tuple[str, list[str]]]:
    found = demo.call("GET", f"/sessions/{session}/waitlist").json["items"]
    return [(one["status"], one["alternatives"]) for one in found]


def test_one_place_in_line_for_any_of_several_sessions(demo: Office) -> None:
    first, second, third = (demo.full_session() for _ in range(3))
    made = join(first, second, third)
    assert (made.status, made.json["session"], made.json["position"]) == (201, first, 1)
    assert [(one["session"], one["status"], one["position"]) for one in made.json["alternatives"]] == [
        (second, "waiting", 1),
        (third, "waiting", 1),
    ]
    assert join(first, second, third).json == made.json
    assert listed(demo, second) == [("waiting", [first, third])]
    place = call("GET", f"/v1/waitlist/{made.json['alternatives'][0]['link'].rpartition('/')[2]}").json
    assert [one["session"] for one in place["alternatives"]] == [first, third]
    assert leave(made.json["link"]).status == 204
    assert (listed(demo, first), len(listed(demo, second))) == ([], 1)
    assert leave(made.json["link"], "?everywhere=true").status == 204
    assert leave(made.json["link"], "?everywhere=true").status == 204
    assert (listed(demo, second), listed(demo, third)) == ([], [])


def test_a_session_that_cannot_be_waited_for_refuses_all(demo: Office) -> None:
    first, open_one = demo.full_session(), demo.session(spots_total=9)
    refused = join(first, open_one)
    assert (refused.status, refused.json["code"]) == (409, "cannot_wait_for")
    assert (refused.json["session"], refused.json["because"]) == (open_one, "spots_are_free")
    assert listed(demo, first) == []
    assert join(first, "nowhere", key="k2").status == 404
    too_many = [f"s{number}" for number in range(10)]
    assert join(first, *too_many, key="k3").status == 422


def test_staff_put_somebody_in_several_lines(demo: Office) -> None:
    first, second = demo.full_session(), demo.full_session()
    made = demo.call("POST", f"/sessions/{first}/waitlist", {**WHO, "alternatives": [second]})
    assert (made.status, made.json["alternatives"]) == (201, [second])
    again = demo.call("POST", f"/sessions/{first}/waitlist", {**WHO, "alternatives": [second]})
    assert (again.status, again.json["code"]) == (409, "already_waiting")
