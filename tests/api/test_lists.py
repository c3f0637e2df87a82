"""Paged lists. An invalid limit, and a cursor that is altered or from another list, are refused."""

from urllib.parse import quote

import pytest

from tests.api.bodies import in_days
from tests.api.tenants import Office, World
from tests.http import Response, call


@pytest.fixture(scope="module")
def filled() -> dict[str, str]:
    """Ids of resources that are created once per module."""
    return {}


@pytest.fixture
def busy(demo: Office, filled: dict[str, str]) -> str:
    """A session with seven invitations, in an organisation with six sessions, one of them past."""
    if not filled:
        filled["busy"] = demo.session(spots_total=20)
        for _ in range(7):
            demo.invite(filled["busy"])
        for _ in range(4):
            demo.session()
        demo.session(meetings=[{"starts_at": in_days(-2), "ends_at": in_days(-1)}])
    return filled["busy"]


def walk(office: Office, path: str, limit: int) -> list[list[str]]:
    """Return the ids on each page."""
    first = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    page = office.call("GET", first).json
    pages = [page]
    while page["next"]:
        page = office.call("GET", f"{first}&cursor={page['next']}").json
        pages.append(page)
    return [[item["id"] for item in page["items"]] for page in pages]


def refused(response: Response) -> None:
    assert (response.status, response.json["code"]) == (400, "bad_cursor"), response.text


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_the_pages_together_are_the_list_without_duplicates(demo: Office, busy: str, limit: int) -> None:
    for path in (f"/sessions/{busy}/invitations", "/sessions", "/sessions?state=open", "/sessions?state=past"):
        whole = walk(demo, path, 200)
        assert len(whole) == 1
        pages = walk(demo, path, limit)
        assert [one for page in pages for one in page] == whole[0]
        assert all(len(page) <= limit for page in pages)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "abc", "1e3", "1.0", "", "+5", "%205", "0x10", "٣", "9" * 400, "5%00", "null", "1,2"])
def test_a_limit_from_1_to_200(demo: Office, busy: str, limit: str) -> None:
    for path in ("/sessions", f"/sessions/{busy}/invitations"):
        response = demo.call("GET", f"{path}?limit={quote(limit, safe='%')}")
        assert (response.status, response.json["code"]) == (422, "validation_failed")
        assert [error["field"] for error in response.json["errors"]] == ["/limit"]
    assert call("GET", f"/v1/portal/demo/sessions?limit={quote(limit, safe='%')}").status == 422


@pytest.mark.parametrize("state", ["full!", "OPEN", "", "open,full"])
def test_a_state_is_one_of_the_six(demo: Office, state: str) -> None:
    response = demo.call("GET", f"/sessions?state={state}")
    assert response.status == (422 if state else 200)


def test_a_cursor_changed_by_hand_is_refused(demo: Office, busy: str) -> None:
    good = demo.call("GET", "/sessions?limit=1").json["next"]
    payload, seal = good.split(".")
    flipped = ("A" if payload[0] != "A" else "B") + payload[1:]
    for bad in (
        "",
        "x",
        ".",
        "..",
        good[:-1],
        good + "A",
        f"{flipped}.{seal}",
        f"{payload}.{seal[::-1]}",
        f"{payload}.",
        f".{seal}",
        good + "." + seal,
    ):
        refused(demo.call("GET", f"/sessions?limit=1&cursor={bad}"))
    for bad in ("%00", "é" * 22, "%FF.%FF", "x" * 9_000, good.swapcase(), quote("{'pk': 'zebra'}")):
        refused(demo.call("GET", f"/sessions?limit=1&cursor={quote(bad, safe='%')}"))
    assert demo.call("GET", f"/sessions?limit=5&cursor={good}").status == 200


def test_a_cursor_belongs_to_its_list_and_its_filter(world: World, busy: str) -> None:
    demo, zebra = world.demo, world.zebra
    for _ in range(2):
        zebra.session()
    sessions = demo.call("GET", "/sessions?limit=1").json["next"]
    opened = demo.call("GET", "/sessions?limit=1&state=open").json["next"]
    invitations = demo.call("GET", f"/sessions/{busy}/invitations?limit=1").json["next"]
    public = call("GET", "/v1/portal/demo/sessions?limit=1").json["next"]
    theirs = zebra.call("GET", "/sessions?limit=1").json["next"]
    assert all((sessions, opened, invitations, public, theirs))
    other = demo.session()
    tried = {
        "/sessions": (opened, invitations, public, theirs),
        "/sessions?state=open": (sessions, public),
        "/sessions?state=past": (opened,),
        f"/sessions/{busy}/invitations": (sessions, theirs),
        f"/sessions/{other}/invitations": (invitations,),
    }
    for path, cursors in tried.items():
        for cursor in cursors:
            refused(demo.call("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}"))
    refused(demo.call("GET", f"/staff?cursor={sessions}", by="owner"))
    refused(call("GET", f"/v1/portal/zebra/sessions?cursor={public}"))
    refused(call("GET", f"/v1/portal/demo/sessions?cursor={sessions}"))


def test_a_cursor_serves_every_reader_of_the_list(demo: Office, busy: str) -> None:
    cursor = demo.call("GET", "/sessions?limit=1").json["next"]
    ours, theirs = (demo.call("GET", f"/sessions?limit=1&cursor={cursor}", by=role).json for role in ("owner", "viewer"))
    assert ours == theirs


def test_a_cursor_reveals_nothing_beyond_its_list(world: World, busy: str) -> None:
    cursor = call("GET", "/v1/portal/demo/sessions?limit=1").json["next"]
    for secret in ("@", "owner", "manager"):
        assert secret not in cursor


def test_repeating_a_parameter_does_not_bypass_its_check(demo: Office, busy: str) -> None:
    response = demo.call("GET", "/sessions?limit=1&limit=500")
    assert response.status == 422 or len(response.json["items"]) == 1


def test_a_page_continues_after_a_session_that_was_deleted(demo: Office, busy: str) -> None:
    for _ in range(2):
        demo.session(meetings=[{"starts_at": in_days(1), "ends_at": in_days(1.1)}])
    first = demo.call("GET", "/sessions?limit=1&state=open").json
    assert demo.call("DELETE", f"/sessions/{first['items'][0]['id']}").status == 204
    rest = demo.call("GET", f"/sessions?limit=200&state=open&cursor={first['next']}").json["items"]
    assert {item["id"] for item in rest} == {item["id"] for item in demo.call("GET", "/sessions?limit=200&state=open").json["items"]}
