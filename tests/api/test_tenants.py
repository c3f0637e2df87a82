"""R7: every route with every kind of caller, on their own resources, on another organisation's, and on unknown ones.

The expected answer follows from the route's declaration; both organisations have real data.
"""

import re
from typing import NamedTuple, get_args

import pytest

from chalicelib.api.endpoints import Endpoint, every
from chalicelib.rules.permissions import LED, Permission, Role, may
from chalicelib.web.audience import Public, SignedIn, SignedInCustomer, Staff
from chalicelib.web.routes import ROUTES
from tests.api.route_cases import ROWS, Row, filled
from tests.api.route_things import THINGS
from tests.api.stored_items import nothing_stored
from tests.api.tenants import World
from tests.http import Response, call

CALLERS = ("nobody", "leader", "viewer", "manager", "owner", "stranger", "customer", "newcomer")
"""nobody: anonymous; stranger: owner of the other organisation; customer: one of demo; newcomer: an account without an organisation."""
TENANCIES = ("own", "smuggled", "theirs", "none")
"""own resource; another organisation's resource under the own path; the other organisation's path; an unknown id."""
ALIKE = {"locale", "name"}
"""Resources whose ids are the same in every organisation, so that none can be smuggled."""
ALLOWED = 0
DECLARED = {(declared.method, declared.path): declared for declared in every()}


@pytest.mark.parametrize("route", sorted(DECLARED), ids=" ".join)
def test_a_route_admits_its_audience_and_shows_no_other_tenant(world: World, route: tuple[str, str]) -> None:
    assert route in ROWS, f"{route} needs a row in tests/api/route_cases.py"
    declared, row = DECLARED[route], ROWS[route]
    for tenancy in _tenancies(declared):
        wanted = {caller: _expected(declared, caller, tenancy) for caller in CALLERS}
        _params(world, declared, row, tenancy, fresh=False)
        with nothing_stored():
            for caller in (caller for caller in CALLERS if wanted[caller]):
                _check_refused(_try(world, declared, row, caller, tenancy), wanted[caller], world)
        for caller in (caller for caller in CALLERS if not wanted[caller]):
            what, response = _try(world, declared, row, caller, tenancy)
            assert response.status == row.gives, what


def test_a_change_needs_more_than_the_permission_to_read() -> None:
    readers = {
        route
        for route, declared in DECLARED.items()
        if isinstance(declared.who, Staff) and declared.who.permission == "read" and declared.method != "GET"
    }
    assert readers == {("POST", "/v1/orgs/{org}/notifications/read")}


def test_every_case_belongs_to_a_route() -> None:
    assert ROWS.keys() <= DECLARED.keys()


def test_every_route_of_the_application_under_v1_is_declared() -> None:
    served = {(method, path) for routes in ROUTES.values() for method, path in routes if path.startswith("/v1")}
    assert served == DECLARED.keys()


class Tried(NamedTuple):
    what: str
    response: Response


def _try(world: World, declared: Endpoint, row: Row, caller: str, tenancy: str) -> Tried:
    allowed = _expected(declared, caller, tenancy) == ALLOWED
    params = _params(world, declared, row, tenancy, fresh=allowed and declared.method != "GET")
    path = re.sub(r"{(\w+)}", lambda name: params[name[1]], declared.path)
    response = call(declared.method, path, filled(row.body, world.demo, params), token=_token(world, caller))
    tried = f"{declared.method} {declared.path} by {caller} on {tenancy}: {response.status} {response.text}"
    if "zebra" not in path and caller != "stranger":
        assert "zebra" not in response.text.lower(), tried
    return Tried(tried, response)


def _check_refused(tried: Tried, status: int, world: World) -> None:
    """A refusal is the same for another organisation's resource and for an unknown one."""
    what, response = tried
    assert response.status == status, what
    assert response.headers["content-type"] == "application/problem+json", what
    assert set(response.json) == {"type", "title", "status", "detail", "code"}, what
    for office in (world.demo, world.zebra):
        names = [value for thing in office.kept.values() for value in thing.values()]
        assert not [name for name in names if name in response.text], what


def _expected(declared: Endpoint, caller: str, tenancy: str) -> int:
    match declared.who:
        case Public():
            return ALLOWED if tenancy == "own" else ROWS[declared.method, declared.path].missing
        case SignedIn():
            return 401 if caller == "nobody" else ALLOWED
        case SignedInCustomer():
            return {"nobody": 401, "customer": ALLOWED if tenancy == "own" else 404}.get(caller, 404)
        case Staff() as who:
            if caller in get_args(Role) and who.led and not may(caller, who.permission) and may(caller, LED[who.permission]):  # type: ignore[arg-type]
                return _expected_of_leader(declared, tenancy)
            return _expected_of_staff(who.permission, caller, tenancy, nowhere=tenancy == "none" and _names(declared) == ["org"])
    raise AssertionError(declared.who)


def _expected_of_staff(permission: Permission, caller: str, tenancy: str, *, nowhere: bool) -> int:
    if caller == "nobody":
        return 401
    at_home = (caller == "stranger") == (tenancy == "theirs")
    if caller in {"customer", "newcomer"} or nowhere or not at_home:
        return 404
    if caller != "stranger" and not may(caller, permission):  # type: ignore[arg-type]
        return 403
    return ALLOWED if tenancy in {"own", "theirs"} else 404


def _expected_of_leader(declared: Endpoint, tenancy: str) -> int:
    """Who has the permission only on the sessions that they lead, and leads none, gets the routes whose answers are limited to these."""
    if tenancy != "own":
        return 404
    return 403 if "session" in _names(declared) or ROWS[declared.method, declared.path].of_session else ALLOWED


def _tenancies(declared: Endpoint) -> list[str]:
    """Return the places to try. Another organisation's public route is public for everybody, and not tried twice."""
    names = _names(declared)
    staffs = isinstance(declared.who, Staff)
    possible = {
        "own": True,
        "smuggled": (len(names) > 1 and not ALIKE & {*names}) or names == ["token"],
        "theirs": staffs,
        "none": bool(names),
    }
    return [tenancy for tenancy in TENANCIES if possible[tenancy]]


def _names(declared: Endpoint) -> list[str]:
    return re.findall(r"{(\w+)}", declared.path)


def _params(world: World, declared: Endpoint, row: Row, tenancy: str, *, fresh: bool) -> dict[str, str]:
    names = _names(declared)
    kind = row.on or (names[-1] if names else "org")
    here, owner = (world.zebra if tenancy == "theirs" else world.demo), (world.zebra if tenancy in {"smuggled", "theirs"} else world.demo)
    if tenancy == "none":
        return _nothing(names)
    thing = THINGS[kind](owner) if fresh else owner.kept_thing(kind, lambda: THINGS[kind](owner))
    if tenancy == "smuggled" and "token" in thing:
        thing = {"token": thing["token"].replace("zebra", "demo", 1)}
    return {"org": here.org, **thing}


def _nothing(names: list[str]) -> dict[str, str]:
    """Return unknown ids; the organisation exists if the path goes on below it."""
    made_up = {"org": "demo" if len(names) > 1 else "nothing", "token": "demo.nothing.nothing.nothing"}
    return {name: made_up.get(name, "nothing-there") for name in names} | {"extra": "nothing-there"}


def _token(world: World, caller: str) -> str | None:
    apart = {"nobody": None, "newcomer": world.newcomer, "customer": world.customer}
    if caller in apart:
        return apart[caller]
    return world.zebra.tokens["owner"] if caller == "stranger" else world.demo.tokens[caller]
