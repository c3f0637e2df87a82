"""R11: ids and links in paths that are none: 404 like anything that is not there, whatever was written, and nothing is stored."""

import re
from urllib.parse import quote

import pytest

from chalicelib.api.endpoints import every
from tests.api.rows import ROWS, filled
from tests.api.world import Office, World, nothing_stored, token_of
from tests.http import Response, call

NO_IDS = {
    "a hash": "a%23b",
    "a key of the table": "x%230%23SESSION",
    "a decoded key": quote("x#0#SESSION", safe=""),
    "up and away": "..%2F..%2Fzebra",
    "an encoded slash": "a%2Fb",
    "a double encoding": "%252e%252e%252f",
    "a percent sign": "100%25",
    "half an escape": "%E0%A4%A",
    "no UTF-8": "%FF%FE",
    "half a character": "%ED%A0%80",
    "NUL": "a%00b",
    "a line break": "a%0D%0ASet-Cookie:%20x=1",
    "a space": "%20",
    "letters of all kinds": quote("séance-王-😀"),
    "right-to-left override": "%E2%80%AEcba",
    "ten thousand": "x" * 10_000,
    "more than a key has room for": "x" * 2_049,
    "more bytes than a key has room for": quote("é" * 1_000),
    "many parts": "-".join(["x"] * 500),
    "a hyphen": "-",
    "a dot": "%2E",
    "two dots": "%2E%2E",
    "SQL": quote("' OR 1=1 --"),
    "a template": quote("{{7*7}}${7*7}"),
}
SIGNED = "/v1/stripe/{org}/webhook"
"""Whoever cannot sign for an organisation is not told whether there is one."""
WITH_NAMES = sorted((declared.method, declared.path) for declared in every() if "{" in declared.path and declared.path != SIGNED)


def nothing_there(answer: Response) -> None:
    assert (answer.status, answer.json["code"]) == (404, "not_found"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize("written", NO_IDS.values(), ids=NO_IDS)
def test_whatever_stands_for_a_name_in_a_path_is_just_not_there(world: World, written: str) -> None:
    with nothing_stored():
        for method, path in WITH_NAMES:
            names = re.findall(r"{(\w+)}", path)
            for named in names:
                tried = path.format(**{**dict.fromkeys(names, "nothing-there"), "org": "demo", named: written})
                body = filled(ROWS[method, path].body, world.demo, {})
                nothing_there(call(method, tried, body, token=world.demo.tokens["owner"]))


@pytest.mark.parametrize("written", ["a%23b", "x" * 10_000, "%FF"])
def test_nobody_is_asked_to_sign_in_whatever_stands_in_the_path(world: World, written: str) -> None:
    for path in (f"/v1/orgs/{written}", f"/v1/orgs/demo/sessions/{written}"):
        assert call("GET", path).status in {401, 404}


def test_an_id_belongs_to_its_own_kind_and_its_own_session(demo: Office) -> None:
    invitation, registration = demo.invite(), demo.register()
    session, own = invitation["session"], invitation["id"].partition("-")[2]
    swapped = [
        f"/registrations/{invitation['id']}",
        f"/invitations/{registration['id']}",
        f"/invitations/{own}",
        f"/invitations/{session}",
        f"/invitations/{session}-",
        f"/invitations/-{own}",
        f"/invitations/{registration['session']}-{own}",
        f"/invitations/{invitation['id']}-{own}",
        f"/invitations/{invitation['id']}%20",
        f"/invitations/{invitation['id'].upper()}",
        f"/sessions/{invitation['id']}",
        f"/sessions/{session.upper()}",
    ]
    for path in swapped:
        nothing_there(demo.call("GET", path))


def test_names_of_parameters_in_a_path_are_not_looked_for_in_the_query(demo: Office) -> None:
    nothing_there(demo.call("GET", f"/sessions/nothing-there?session={demo.session()}&org=demo"))


def _tampered(token: str) -> dict[str, str]:
    org, session, own, seal = token.split(".")
    return {
        "another organisation": f"zebra.{session}.{own}.{seal}",
        "another session": f"{org}.{_other(session)}.{own}.{seal}",
        "another invitation": f"{org}.{session}.{_other(own)}.{seal}",
        "another seal": f"{org}.{session}.{own}.{_other(seal)}",
        "a shorter seal": token[:-1],
        "a longer seal": token + "A",
        "no seal": f"{org}.{session}.{own}.",
        "without its seal": f"{org}.{session}.{own}",
        "a part too many": f"{org}.{session}.{own}.x.{seal}",
        "parts moved over their borders": f"{org}.{session[:-1]}.{session[-1]}{own}.{seal}",
        "small letters": token.lower(),
        "capital letters": token.upper(),
        "a part empty": f"{org}..{own}.{seal}",
        "a seal beyond ASCII": f"{org}.{session}.{own}.{quote('é' * 22)}",
        "a seal of NUL": f"{org}.{session}.{own}.%00",
        "a space behind": token + "%20",
        "a line break behind": token + "%0A",
        "padding": token + "%3D%3D",
        "a hash in a part": f"{org}%23.{session}.{own}.{seal}",
        "the whole key": f"{org}.{session}%232.{own}.{seal}",
        "dots only": "...",
        "ten thousand dots": "." * 10_000,
        "a long part": f"{org}.{'x' * 5_000}.{own}.{seal}",
        "nothing like it": "made-up",
    }


def _other(part: str) -> str:
    return ("y" if part[0] == "x" else "x") + part[1:]


def test_a_link_with_any_part_changed_is_no_link(demo: Office) -> None:
    invitation = demo.invite()
    token = token_of(invitation)
    with nothing_stored():
        for what, tampered in _tampered(token).items():
            for method, verb in (("GET", ""), ("POST", "/accept"), ("POST", "/decline")):
                body = ROWS["POST", "/v1/invitations/{token}/accept"].body if verb == "/accept" else None
                answer = call(method, f"/v1/invitations/{tampered}{verb}", body)
                assert (answer.status, answer.json["code"]) == (404, "not_found"), (what, answer.text)
    assert call("GET", f"/v1/invitations/{token}").status == 200


def test_the_link_of_one_kind_is_none_of_another(world: World) -> None:
    invitation, unsubscribe = token_of(world.demo.invite()), world.demo.unsubscribe_token()
    with nothing_stored():
        nothing_there(call("GET", f"/v1/unsubscribe/{invitation}"))
        nothing_there(call("POST", f"/v1/unsubscribe/{invitation}"))
        nothing_there(call("GET", f"/v1/invitations/{unsubscribe}"))
        for route in ("activate", "reset-password"):
            body = {"token": invitation, "password": "Passw0rd-1234", "password_confirmation": "Passw0rd-1234"}
            nothing_there(call("POST", f"/v1/auth/{route}", body))


def test_the_link_of_one_organisation_does_not_open_the_other(world: World) -> None:
    ours, theirs = token_of(world.demo.invite()), token_of(world.zebra.invite())
    _, session, own, seal = theirs.split(".")
    nothing_there(call("GET", f"/v1/invitations/demo.{session}.{own}.{seal}"))
    nothing_there(call("GET", f"/v1/invitations/{ours.rpartition('.')[0]}.{seal}"))


def test_a_link_ends_with_its_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.settings import settings

    token = token_of(world.demo.invite())
    monkeypatch.setenv("ROLLBOOK_LINK_KEY", "another key")
    settings.cache_clear()
    nothing_there(call("GET", f"/v1/invitations/{token}"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/orgs/demo/nothing"),
        ("GET", "/v1"),
        ("GET", "/v2/health"),
        ("PUT", "/v1/health"),
        ("HEAD", "/v1/health"),
        ("OPTIONS", "/v1/health"),
        ("DELETE", "/v1/orgs/demo/sessions"),
        ("POST", "/v1/orgs/demo"),
        ("GET", "/v1/auth/sign-in"),
        ("GET", "/v1/orgs//sessions"),
        ("GET", "/v1/orgs/demo/sessions//roster"),
    ],
)
def test_what_is_no_route_says_so_without_telling_anything(world: World, method: str, path: str) -> None:
    with nothing_stored():
        answer = call(method, path, token=world.demo.tokens["owner"])
    assert answer.status in {403, 404, 405}
    assert "demo" not in answer.text


def test_a_slash_at_the_end_is_the_same_path(demo: Office) -> None:
    assert demo.call("GET", "/sessions/").status == 200
    assert demo.call("GET", "/").json["org"] == "demo"
