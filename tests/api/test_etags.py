"""ETag and If-Match on editable records: a change of an outdated version is refused, one without If-Match is made."""

from collections.abc import Callable

import pytest

from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office
from tests.http import Response

Change = Callable[[str], Response]
MEANT_BADLY = [
    '"v1',
    "v1",
    "1",
    '"v1" "v2"',
    '"v1", v2',
    ",",
    '"v1", *',
    "W/v1",
    "'v1'",
    '"v1"x',
    "\x00",
    '"é"',
    "*, *",
    "w/" + '"v1"',
    '"v1";q=1',
]
OTHERS = ['""', '"v0"', '"v2"', '"v99"', '"v9999999999"', '"v01"', '"V1"', '"anything"', '"*"', '"v-1"', '"v1.0"', '"v٣"']


@pytest.fixture(params=["session", "settings"])
def edit(request: pytest.FixtureRequest, demo: Office) -> tuple[Change, Callable[[], str]]:
    """Return a function that changes a record under an If-Match, and one that reads its ETag."""
    path, by = ("", "owner") if request.param == "settings" else (f"/sessions/{demo.session()}", "manager")
    body = {"name": "Demo"} if request.param == "settings" else {"title": "Aikido"}

    def change(match: str) -> Response:
        return demo.call("PATCH", path, body, by=by, headers={"If-Match": match} if match else {})

    return change, lambda: demo.call("GET", path, by=by).headers["etag"]


def test_a_change_of_the_latest_version_is_made_and_gives_a_new_etag(edit: tuple[Change, Callable[[], str]]) -> None:
    change, etag = edit
    before = etag()
    response = change(before)
    assert (response.status, response.headers["etag"]) == (200, etag())
    assert response.headers["etag"] != before


def test_a_change_of_an_older_version_is_refused(edit: tuple[Change, Callable[[], str]]) -> None:
    change, etag = edit
    before = etag()
    assert change("").status == 200
    with nothing_stored():
        response = change(before)
    assert (response.status, response.json["code"]) == (412, "changed_meanwhile")
    assert response.headers["content-type"] == "application/problem+json"
    assert change(etag()).status == 200


@pytest.mark.parametrize("match", ["", "*", " * "])
def test_without_a_version_the_change_is_made(edit: tuple[Change, Callable[[], str]], match: str) -> None:
    change, etag = edit
    change("")
    before = etag()
    assert change(match).status == 200
    assert etag() != before


def test_an_etag_weakened_by_a_proxy_matches(edit: tuple[Change, Callable[[], str]]) -> None:
    change, etag = edit
    assert change(f"W/{etag()}").status == 200


@pytest.mark.parametrize("match", ['{}, "v9"', '"v9" , {}', '"another", W/{}', ',"a,b",,{},'])
def test_one_match_of_a_list_is_enough(edit: tuple[Change, Callable[[], str]], match: str) -> None:
    change, etag = edit
    before = etag()
    response = change(match.format(before))
    assert (response.status, response.headers["etag"]) == (200, etag())
    with nothing_stored():
        again = change(match.format(before))
    assert (again.status, again.json["code"]) == (412, "changed_meanwhile")


def test_a_list_has_no_more_etags_than_are_tried(edit: tuple[Change, Callable[[], str]]) -> None:
    change, etag = edit
    others = [f'"v{number}"' for number in range(900, 920)]
    with nothing_stored():
        assert change(", ".join([etag(), *others])).json["code"] == "bad_if_match"
    assert change(", ".join([etag(), *others[1:]])).status == 200


@pytest.mark.parametrize("match", MEANT_BADLY)
def test_an_invalid_etag_is_refused(edit: tuple[Change, Callable[[], str]], match: str) -> None:
    with nothing_stored():
        response = edit[0](match)
    assert (response.status, response.json["code"]) == (400, "bad_if_match")


@pytest.mark.parametrize("match", OTHERS)
def test_an_etag_that_we_never_gave_matches_nothing(edit: tuple[Change, Callable[[], str]], match: str) -> None:
    if match == edit[1]():
        return
    with nothing_stored():
        assert edit[0](match).status in {400, 412}


def test_deleting_a_session_honours_if_match(demo: Office) -> None:
    session = demo.session()
    old = demo.call("GET", f"/sessions/{session}").headers["etag"]
    demo.edit(session, title="Aikido")
    with nothing_stored():
        assert demo.call("DELETE", f"/sessions/{session}", headers={"If-Match": old}).status == 412
        assert demo.call("DELETE", f"/sessions/{session}", headers={"If-Match": "old"}).status == 400
    new = demo.call("GET", f"/sessions/{session}").headers["etag"]
    assert demo.call("DELETE", f"/sessions/{session}", headers={"If-Match": new}).status == 204
    assert demo.call("GET", f"/sessions/{session}").status == 404


def test_what_happens_on_the_roster_does_not_change_the_session(demo: Office) -> None:
    session = demo.session()
    etag = demo.call("GET", f"/sessions/{session}").headers["etag"]
    invitation = demo.invite(session)
    demo.accept(invitation)
    demo.register(session)
    assert demo.call("GET", f"/sessions/{session}").headers["etag"] == etag
    assert demo.edit(session, headers={"If-Match": etag}, title="Aikido").status == 200


def test_of_two_edits_of_one_version_one_is_refused(demo: Office) -> None:
    session = demo.session()
    etag = demo.call("GET", f"/sessions/{session}").headers["etag"]
    first = demo.edit(session, headers={"If-Match": etag}, title="First")
    second = demo.edit(session, headers={"If-Match": etag}, location="Second")
    assert (first.status, second.status) == (200, 412)
    assert (demo.read(session)["title"], demo.read(session)["location"]) == ("First", "")


def test_if_match_does_not_reveal_what_exists(demo: Office) -> None:
    for match in ('"v1"', "nonsense", "*"):
        assert demo.call("PATCH", "/sessions/nothing-there", {"title": "X"}, headers={"If-Match": match}).status in {404, 400}
        assert demo.call("PATCH", f"/sessions/{demo.session()}", {"title": "X"}, by="viewer", headers={"If-Match": match}).status == 403
