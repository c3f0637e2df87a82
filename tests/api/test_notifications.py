"""Notifications over HTTP: their links, and the read marks of each member."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.rules.times import written
from tests.api.tenants import Office, stream_follows
from tests.api.test_lists import walk


@pytest.fixture
def session(demo: Office) -> str:
    """A session with two registrations that the stream has followed."""
    id = demo.session()
    for name in ("ana", "ben"):
        demo.register(id, demo.fresh(name))
    follow(demo, id)
    return id


def follow(office: Office, session: str) -> None:
    for _ in range(2):  # The stream confirms the row, and the confirmed row makes the notification.
        stream_follows(office, session)


def listed(office: Office, by: str = "viewer", **query: str) -> Any:
    response = office.call("GET", "/notifications?limit=200" + "".join(f"&{name}={value}" for name, value in query.items()), by=by)
    assert response.status == 200, response.text
    return response.json


def mark(office: Office, by: str = "viewer", **body: Any) -> Any:
    response = office.call("POST", "/notifications/read", body, by=by)
    assert response.status == 200, response.text
    return response.json


def test_a_registration_makes_a_notification_with_its_link(demo: Office, session: str) -> None:
    first = listed(demo)["items"][0]
    assert (first["kind"], first["session"], first["read"]) == ("registered", session, False)
    assert demo.call("GET", f"/registrations/{first['registration']}").json["session"] == session
    assert first["link"] == f"http://127.0.0.1:8000/o/demo/registrations/{first['registration']}"
    assert first["text"] == "A Parent registered for Judo demo."
    assert listed(demo, lang="fr")["items"][0]["text"] == "Nouvelle inscription à Judo demo\u00a0: A Parent."
    assert first["at"] <= written(datetime.now(UTC))
    assert {first[name] for name in ("invitation", "message", "job")} == {None}


def test_each_member_marks_for_themselves(demo: Office, session: str) -> None:
    before = listed(demo)
    id = before["items"][1]["id"]
    assert mark(demo, ids=[id, "of-nothing"]) == {"unread": before["unread"] - 1}
    assert [item["read"] for item in listed(demo)["items"][:2]] == [False, True]
    assert listed(demo, by="manager")["unread"] >= 2
    assert mark(demo, all=True) == {"unread": 0}
    assert all(item["read"] for item in listed(demo)["items"])
    assert not any(item["read"] for item in listed(demo, by="manager")["items"][:2])


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": ["x"], "all": True}, {"all": False}, {"ids": ["x"] * 101}, {"ids": ["x" * 41]}])
def test_some_or_all_are_marked_as_read(demo: Office, body: Any) -> None:
    assert demo.call("POST", "/notifications/read", body).status == 422


def test_pages_and_cursors(demo: Office, session: str) -> None:
    whole = walk(demo, "/notifications", 200)[0]
    assert [id for page in walk(demo, "/notifications", 1) for id in page] == whole
    assert demo.call("GET", f"/notifications?cursor={demo.call('GET', '/staff?limit=1', by='owner').json['next']}").status == 400
