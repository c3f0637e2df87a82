"""API keys over HTTP: made once, used wherever staff may sign in, refused when they have ended; the matrix of routes and keys."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.api.endpoints import Endpoint, every
from chalicelib.config import config
from chalicelib.rules import times
from chalicelib.rules.permissions import LED, PERMISSIONS
from chalicelib.rules.permissions import may as role_may
from chalicelib.tables import dynamodb
from chalicelib.tables import keys as keys_of_rows
from chalicelib.tables.conditions import THERE, Update
from chalicelib.web.audience import SignedInCustomer, Staff
from tests.api.audit_log import Log
from tests.api.bodies import in_days
from tests.api.route_cases import ROWS, filled
from tests.api.route_things import THINGS
from tests.api.stored_items import dump, nothing_stored
from tests.api.tenants import Office, World
from tests.http import Response, call

NAME = "Website of the school"
TODAY = in_days(0)[:10]
PAST_RANDOM = "rbk_" + "A" * 36


def make(office: Office, role: str = "viewer", **more: Any) -> Any:
    made = office.call("POST", "/api-keys", {"name": NAME, "role": role, **more}, by="owner")
    assert made.status == 201, made.text
    return made.json


def listed(office: Office, id: str) -> Any:
    items = office.call("GET", "/api-keys?limit=200", by="owner").json["items"]
    return next((one for one in items if one["id"] == id), None)


def ask(token: str, path: str = "/v1/orgs/demo/sessions", method: str = "GET", body: Any = None) -> Response:
    return call(method, path, body, token=token)


def test_a_key_is_shown_once_and_kept_as_a_digest(demo: Office) -> None:
    made = make(demo, expires_at=in_days(30))
    assert re.fullmatch(r"rbk_[0-9A-Za-z]{36}", made["key"])
    assert made["prefix"] == made["key"][:8]
    shown = listed(demo, made["id"])
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert (shown["name"], shown["role"], shown["last_used_at"]) == (NAME, "viewer", None)
    assert made["key"] not in json.dumps(dump())


def test_a_repeated_request_gets_the_same_key_which_is_kept_encrypted(demo: Office) -> None:
    body = {"name": "Repeated", "role": "viewer"}
    first, again = (demo.call("POST", "/api-keys", body, by="owner", headers={"Idempotency-Key": "make-one"}) for _ in range(2))
    assert first.json == again.json
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json["key"] not in json.dumps(dump())
    assert len([one for one in demo.call("GET", "/api-keys", by="owner").json["items"] if one["name"] == "Repeated"]) == 1


def test_a_key_signs_in_and_its_use_is_noted_once_an_hour(demo: Office, later: Callable[..., Any]) -> None:
    made = make(demo)
    assert ask(made["key"]).status == 200
    first = listed(demo, made["id"])["last_used_at"]
    assert first
    with later(minutes=59), nothing_stored():
        assert ask(made["key"]).status == 200
    with later(minutes=61):
        assert ask(made["key"]).status == 200
    assert listed(demo, made["id"])["last_used_at"] > first


def test_a_deleted_key_is_refused_at_once(demo: Office) -> None:
    made = make(demo)
    assert ask(made["key"]).status == 200
    assert demo.call("DELETE", f"/api-keys/{made['id']}", by="owner").status == 204
    refused = ask(made["key"])
    assert (refused.status, refused.json["code"]) == (401, "not_signed_in")
    assert listed(demo, made["id"]) is None
    assert demo.call("DELETE", f"/api-keys/{made['id']}", by="owner").status == 404


def test_a_key_ends_at_its_moment(demo: Office, later: Callable[..., Any]) -> None:
    made = make(demo, expires_at=in_days(2))
    assert ask(made["key"]).status == 200
    with later(days=2.1):
        assert ask(made["key"]).status == ask(made["key"], "/v1/me").status == 401
    assert listed(demo, made["id"])["expires_at"] == made["expires_at"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "viewer"}, "/name"),
        ({"name": "x"}, "/role"),
        ({"name": "x", "role": "owner"}, "/role"),
        ({"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": "x", "role": "viewer", "key": PAST_RANDOM}, "/key"),
    ],
)
def test_what_is_wrong_with_a_key_is_said(demo: Office, body: Any, field: str) -> None:
    refused = demo.call("POST", "/api-keys", body, by="owner")
    assert (refused.status, [error["field"] for error in refused.json["errors"]]) == (422, [field])


def test_there_is_room_for_a_number_of_keys(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.operations.api_keys.MOST_KEYS", 0)
    refused = demo.call("POST", "/api-keys", {"name": "x", "role": "viewer"}, by="owner")
    assert (refused.status, refused.json["code"]) == (409, "too_many_api_keys")


@pytest.mark.parametrize("token", ["rbk_", PAST_RANDOM, "rbk_" + "x" * 9_000, "rbk_\u00e9", "rbk_#", "rbk_../.."])
def test_texts_that_are_no_keys_are_refused_without_a_read(demo: Office, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.tables.dynamodb.get", None)
    assert ask(token).status == ask(token, "/v1/me").status == 401


def test_who_a_key_is(world: World) -> None:
    made = make(world.demo, "manager")
    me = ask(made["key"], "/v1/me").json
    assert (me["name"], me["email"], me["memberships"], me["customer_of"]) == (NAME, "", [{"org": "demo", "role": "manager"}], [])


def test_what_a_key_does_is_in_the_audit_log_under_its_name(world: World, log: Log) -> None:
    made = make(world.demo, "manager")
    entry = log.one("api_key.created")
    assert entry["thing"] == made["id"]
    assert entry["after"] == {"name": NAME, "role": "manager", "prefix": made["prefix"]}
    changed = ask(made["key"], "/v1/orgs/demo/sessions/" + world.demo.session(), "PATCH", {"title": "By a key"})
    assert changed.status == 200, changed.text
    assert log.one("session.updated")["actor"] == {"kind": "key", "name": NAME}
    world.demo.call("DELETE", f"/api-keys/{made['id']}", by="owner")
    assert log.one("api_key.deleted")["actor"] == {"kind": "staff", "name": "owner@demo.test"}


def test_a_use_alone_is_no_entry_of_the_audit_log(world: World, log: Log) -> None:
    made = make(world.demo)
    log.news()
    assert ask(made["key"]).status == 200
    assert log.news() == []


def test_a_leaders_key_leads_what_its_maker_leads(demo: Office) -> None:
    key, session = make(demo, "leader")["key"], demo.session()
    path = f"/v1/orgs/demo/sessions/{session}"
    assert ask(key, path).json["code"] == "not_leader"
    assert demo.edit(session, leaders=["owner@demo.test"]).status == 200
    assert ask(key, path).status == 200


STAFF_ROUTES = sorted((one for one in every() if isinstance(one.who, Staff)), key=lambda one: (one.path, one.method))
Keys = dict[str, str]


@pytest.fixture(scope="module")
def made_once() -> Keys:
    return {}


@pytest.fixture
def keys(world: World, made_once: Keys) -> Keys:
    """A key of each kind, each used once, so that a further use within the hour writes nothing."""
    if not made_once:
        made_once |= {role: make(world.demo, role)["key"] for role in ("leader", "viewer", "manager")}
        made_once["foreign"] = make(world.zebra, "manager")["key"]
        for name, key in made_once.items():
            assert ask(key, f"/v1/orgs/{'zebra' if name == 'foreign' else 'demo'}/meetings?from={TODAY}&to={TODAY}").status == 200
        ended = make(world.demo, "manager")
        assert world.demo.call("DELETE", f"/api-keys/{ended['id']}", by="owner").status == 204
        made_once["ended"] = ended["key"]
        made_once["expired"] = expired(make(world.demo, "manager"))
    return made_once


def expired(made: Any) -> str:
    """Have the end of a key lie in the past, and return the key."""
    past = Update().set(expires_at=times.written(datetime.now(UTC) - timedelta(seconds=1)))
    dynamodb.update(config().records_table, keys_of_rows.api_key("demo", made["id"]), past, THERE)
    return str(made["key"])


def expected(declared: Endpoint, key: str) -> int:
    """Return the status of the refusal that a key meets on a route for staff; 0 if it is admitted."""
    who = declared.who
    assert isinstance(who, Staff)
    if key in {"foreign", "ended", "expired"}:
        return 404 if key == "foreign" else 401
    if who.people_only:
        return 403
    if role_may(key, who.permission):  # type: ignore[arg-type]
        return 0
    led = who.led and LED[who.permission] in PERMISSIONS[key]  # type: ignore[index]
    of_session = "{session}" in declared.path or ROWS[declared.method, declared.path].of_session
    return 0 if led and not of_session else 403


@pytest.mark.parametrize("declared", STAFF_ROUTES, ids=lambda one: f"{one.method} {one.path}")
def test_the_matrix_of_routes_and_keys(world: World, keys: Keys, declared: Endpoint) -> None:
    row, names = ROWS[declared.method, declared.path], re.findall(r"{(\w+)}", declared.path)
    kind = row.on or (names[-1] if names[-1] in THINGS else "org")
    params = {"org": "demo", **world.demo.kept_thing(kind, lambda: THINGS[kind](world.demo))}
    path = re.sub(r"{(\w+)}", lambda name: params.get(name[1], "nothing"), declared.path)
    body = filled(row.body, world.demo, params)
    for key, text in keys.items():
        if wanted := expected(declared, key):
            with nothing_stored():
                refused = ask(text, path, declared.method, body)
            assert (refused.status, refused.headers["content-type"]) == (wanted, "application/problem+json"), (key, refused.text)
            assert text not in refused.text
        elif declared.method == "GET":
            admitted = ask(text, path)
            assert admitted.status == row.gives, (key, admitted.text)
            assert text not in admitted.text


def test_no_key_reaches_the_owners_own_matters(keys: Keys) -> None:
    own = [one for one in STAFF_ROUTES if re.search("/(staff|api-keys|webhooks|second-factor|audit)", one.path)]
    assert len(own) > 10
    assert {expected(one, key) for one in own for key in ("leader", "viewer", "manager")} == {403}


def test_the_routes_of_customers_know_no_keys(world: World, keys: Keys) -> None:
    for declared in every():
        if isinstance(declared.who, SignedInCustomer):
            assert ask(keys["manager"], declared.path, declared.method, ROWS[declared.method, declared.path].body).status == 404


def test_a_page_takes_no_key(world: World, keys: Keys) -> None:
    for header in ({"Cookie": f"rollbook-access={keys['manager']}"}, {"Authorization": f"Bearer {keys['manager']}"}):
        response = call("GET", "/o/demo/sessions", headers=header)
        assert response.status in {303, 401}
