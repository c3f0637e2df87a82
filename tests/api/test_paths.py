"""R11: invalid ids and links in paths answer 404 like unknown ones, whatever they contain, and nothing is stored."""

import re
from urllib.parse import quote

import pytest

from chalicelib.api.endpoints import every
from tests.api.bodies import token_of
from tests.api.route_cases import ROWS, filled
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, World
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
"""A caller who cannot sign for an organisation must not learn whether it exists."""
WITH_NAMES = sorted((declared.method, declared.path) for declared in every() if "{" in declared.path and declared.path != SIGNED)


def nothing_there(response: Response) -> None:
    assert (response.status, response.json["code"]) == (404, "not_found"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json) == {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize("written", NO_IDS.values(), ids=NO_IDS)
def test_invalid_ids_in_paths_are_not_found(world: World, written: str) -> None:
    with nothing_stored():
        for method, path in WITH_NAMES:
            names = re.findall(r"{(\w+)}", path)
            for named in names:
                tried = path.format(**{**dict.fromkeys(names, "nothing-there"), "org": "demo", named: written})
                body = filled(ROWS[method, path].body, world.demo, {})
                nothing_there(call(method, tried, body, token=world.demo.tokens["owner"]))


@pytest.mark.parametrize("written", ["a%23b", "x" * 10_000, "%FF"])
def test_public_paths_with_invalid_ids_never_answer_401(world: World, written: str) -> None:
    for path in (f"/v1/orgs/{written}", f"/v1/orgs/demo/sessions/{written}"):
        assert call("GET", path).status in {401, 404}


def test_an_id_belongs_to_its_own_kind_and_its_own_session(demo: Office) -> None:
    invitation, registration = demo.invite(), demo.register()
    session, id = invitation["session"], invitation["id"].partition("-")[2]
    swapped = [
        f"/registrations/{invitation['id']}",
        f"/invitations/{registration['id']}",
        f"/invitations/{id}",
        f"/invitations/{session}",
        f"/invitations/{session}-",
        f"/invitations/-{id}",
        f"/invitations/{registration['session']}-{id}",
        f"/invitations/{invitation['id']}-{id}",
        f"/invitations/{invitation['id']}%20",
        f"/invitations/{invitation['id'].upper()}",
        f"/sessions/{invitation['id']}",
        f"/sessions/{session.upper()}",
    ]
    for path in swapped:
        nothing_there(demo.call("GET", path))


def test_path_parameters_are_not_read_from_the_query(demo: Office) -> None:
    nothing_there(demo.call("GET", f"/sessions/nothing-there?session={demo.session()}&org=demo"))


def _tampered(token: str) -> dict[str, str]:
    org, session, id, seal = token.split(".")
    return {
        "another organisation": f"zebra.{session}.{id}.{seal}",
        "another session": f"{org}.{_other(session)}.{id}.{seal}",
        "another invitation": f"{org}.{session}.{_other(id)}.{seal}",
        "another seal": f"{org}.{session}.{id}.{_other(seal)}",
        "a shorter seal": token[:-1],
        "a longer seal": token + "A",
        "no seal": f"{org}.{session}.{id}.",
        "without its seal": f"{org}.{session}.{id}",
        "a part too many": f"{org}.{session}.{id}.x.{seal}",
        "parts moved over their borders": f"{org}.{session[:-1]}.{session[-1]}{id}.{seal}",
        "small letters": token.lower(),
        "capital letters": token.upper(),
        "a part empty": f"{org}..{id}.{seal}",
        "a seal beyond ASCII": f"{org}.{session}.{id}.{quote('é' * 22)}",
        "a seal of NUL": f"{org}.{session}.{id}.%00",
        "a space behind": token + "%20",
        "a line break behind": token + "%0A",
        "padding": token + "%3D%3D",
        "a hash in a part": f"{org}%23.{session}.{id}.{seal}",
        "the whole key": f"{org}.{session}%232.{id}.{seal}",
        "dots only": "...",
        "ten thousand dots": "." * 10_000,
        "a long part": f"{org}.{'x' * 5_000}.{id}.{seal}",
        "nothing like it": "made-up",
    }


def _other(part: str) -> str:
    return ("y" if part[0] == "x" else "x") + part[1:]


def test_a_link_with_any_part_changed_is_not_found(demo: Office) -> None:
    invitation = demo.invite()
    token = token_of(invitation)
    with nothing_stored():
        for what, tampered in _tampered(token).items():
            for method, verb in (("GET", ""), ("POST", "/accept"), ("POST", "/decline")):
                body = ROWS["POST", "/v1/invitations/{token}/accept"].body if verb == "/accept" else None
                response = call(method, f"/v1/invitations/{tampered}{verb}", body)
                assert (response.status, response.json["code"]) == (404, "not_found"), (what, response.text)
    assert call("GET", f"/v1/invitations/{token}").status == 200


def test_a_link_of_one_kind_is_invalid_for_another(world: World) -> None:
    invitation, unsubscribe = token_of(world.demo.invite()), world.demo.unsubscribe_token()
    with nothing_stored():
        nothing_there(call("GET", f"/v1/unsubscribe/{invitation}"))
        nothing_there(call("POST", f"/v1/unsubscribe/{invitation}"))
        nothing_there(call("GET", f"/v1/invitations/{unsubscribe}"))
        for route in ("activate", "reset-password"):
            body = {"token": invitation, "password": "Lilac-Otter-12", "password_confirmation": "Lilac-Otter-12"}
            nothing_there(call("POST", f"/v1/auth/{route}", body))


def test_the_link_of_one_organisation_does_not_open_the_other(world: World) -> None:
    ours, theirs = token_of(world.demo.invite()), token_of(world.zebra.invite())
    _, session, id, seal = theirs.split(".")
    nothing_there(call("GET", f"/v1/invitations/demo.{session}.{id}.{seal}"))
    nothing_there(call("GET", f"/v1/invitations/{ours.rpartition('.')[0]}.{seal}"))


def test_a_link_ends_with_its_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.config import config

    token = token_of(world.demo.invite())
    monkeypatch.setenv("ROLLBOOK_LINK_KEY", "another key")
    config.cache_clear()
    nothing_there(call("GET", f"/v1/invitations/{token}"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/orgs/demo/nothing"),
        ("GET", "/v1"),
        ("GET", "/v2/health"),
        ("PUT", "/v1/health"),
        ("HEAD", "/v1/auth/sign-in"),
        ("DELETE", "/v1/orgs/demo/sessions"),
        ("POST", "/v1/orgs/demo"),
        ("GET", "/v1/auth/sign-in"),
        ("GET", "/v1/orgs//sessions"),
        ("GET", "/v1/orgs/demo/sessions//roster"),
    ],
)
def test_an_unknown_route_answers_without_details(world: World, method: str, path: str) -> None:
    with nothing_stored():
        response = call(method, path, token=world.demo.tokens["owner"])
    assert response.status in {404, 405}
    assert "demo" not in response.text


def test_a_slash_at_the_end_is_the_same_path(demo: Office) -> None:
    assert demo.call("GET", "/sessions/").status == 200
    assert demo.call("GET", "/").json["org"] == "demo"
