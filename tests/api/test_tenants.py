"""R7: every route as everybody, on one's own things, on another organisation's, and on none.

The expected answer follows from how the route is declared; behind it stands a real world in both organisations.
"""

import re
from typing import NamedTuple

import pytest

from chalicelib.api.endpoints import Customer, Endpoint, Public, SignedIn, Staff, every
from chalicelib.rules.organisations import Role, may
from chalicelib.web.routes import ROUTES
from tests.api.rows import ROWS, THINGS, Row, filled
from tests.api.world import World, nothing_stored
from tests.http import Response, call

CALLERS = ("nobody", "viewer", "manager", "owner", "stranger", "customer", "newcomer")
"""Nobody is signed in; stranger owns the other organisation; customer is one of demo's; newcomer has an account and belongs nowhere."""
PLACES = ("own", "smuggled", "theirs", "none")
"""Own thing; another organisation's thing under one's own path; that organisation's path; nothing of that name."""
ALIKE = {"locale"}
"""Of what every organisation has the same names, nothing can be smuggled."""
ALLOWED = 0
DECLARED = {(declared.method, declared.path): declared for declared in every()}


@pytest.mark.parametrize("route", sorted(DECLARED), ids=" ".join)
def test_a_route_lets_in_whom_it_declares_and_shows_nobody_what_is_not_theirs(world: World, route: tuple[str, str]) -> None:
    assert route in ROWS, f"{route} needs a row in tests/api/rows.py"
    declared, row = DECLARED[route], ROWS[route]
    for place in _places(declared):
        wanted = {caller: _expected(declared, caller, place) for caller in CALLERS}
        _params(world, declared, row, place, fresh=False)
        with nothing_stored():
            for caller in (caller for caller in CALLERS if wanted[caller]):
                _check_refused(_try(world, declared, row, caller, place), wanted[caller], world)
        for caller in (caller for caller in CALLERS if not wanted[caller]):
            what, answer = _try(world, declared, row, caller, place)
            assert answer.status == row.gives, what


def test_every_row_is_of_a_route() -> None:
    assert ROWS.keys() <= DECLARED.keys()


def test_every_route_of_the_application_under_v1_is_declared() -> None:
    served = {(method, path) for routes in ROUTES.values() for method, path in routes if path.startswith("/v1")}
    assert served == DECLARED.keys()


class Tried(NamedTuple):
    what: str
    answer: Response


def _try(world: World, declared: Endpoint, row: Row, caller: str, place: str) -> Tried:
    allowed = _expected(declared, caller, place) == ALLOWED
    params = _params(world, declared, row, place, fresh=allowed and declared.method != "GET")
    path = re.sub(r"{(\w+)}", lambda name: params[name[1]], declared.path)
    answer = call(declared.method, path, filled(row.body, world.demo, params), token=_token(world, caller))
    tried = f"{declared.method} {declared.path} by {caller} on {place}: {answer.status} {answer.text}"
    if "zebra" not in path and caller != "stranger":
        assert "zebra" not in answer.text.lower(), tried
    return Tried(tried, answer)


def _check_refused(tried: Tried, status: int, world: World) -> None:
    """What is refused looks the same for a thing that is another's, and for one that never was."""
    what, answer = tried
    assert answer.status == status, what
    assert answer.headers["content-type"] == "application/problem+json", what
    assert set(answer.json) == {"type", "title", "status", "detail", "code"}, what
    for office in (world.demo, world.zebra):
        names = [value for thing in office.kept.values() for value in thing.values()]
        assert not [name for name in names if name in answer.text], what


def _expected(declared: Endpoint, caller: str, place: str) -> int:
    match declared.who:
        case Public():
            return ALLOWED if place == "own" else ROWS[declared.method, declared.path].missing
        case SignedIn():
            return 401 if caller == "nobody" else ALLOWED
        case Customer():
            return {"nobody": 401, "customer": ALLOWED}.get(caller, 404)
        case Staff(role):
            return _expected_of_staff(role, caller, place, nowhere=place == "none" and _names(declared) == ["org"])
    raise AssertionError(declared.who)


def _expected_of_staff(role: Role, caller: str, place: str, *, nowhere: bool) -> int:
    if caller == "nobody":
        return 401
    at_home = (caller == "stranger") == (place == "theirs")
    if caller in {"customer", "newcomer"} or nowhere or not at_home:
        return 404
    if caller != "stranger" and not may(caller, role):  # type: ignore[arg-type]
        return 403
    return ALLOWED if place in {"own", "theirs"} else 404


def _places(declared: Endpoint) -> list[str]:
    """Return where the route can be tried. What is public of another organisation is public for everybody: that is not tried twice."""
    names = _names(declared)
    staffs = isinstance(declared.who, Staff)
    possible = {
        "own": True,
        "smuggled": (len(names) > 1 and not ALIKE & {*names}) or names == ["token"],
        "theirs": staffs,
        "none": bool(names),
    }
    return [place for place in PLACES if possible[place]]


def _names(declared: Endpoint) -> list[str]:
    return re.findall(r"{(\w+)}", declared.path)


def _params(world: World, declared: Endpoint, row: Row, place: str, *, fresh: bool) -> dict[str, str]:
    names = _names(declared)
    kind = row.on or (names[-1] if names else "org")
    here, owner = (world.zebra if place == "theirs" else world.demo), (world.zebra if place in {"smuggled", "theirs"} else world.demo)
    if place == "none":
        return _nothing(names)
    thing = THINGS[kind](owner) if fresh else owner.kept_thing(kind, lambda: THINGS[kind](owner))
    if place == "smuggled" and "token" in thing:
        thing = {"token": thing["token"].replace("zebra", "demo", 1)}
    return {"org": here.org, **thing}


def _nothing(names: list[str]) -> dict[str, str]:
    """Return names of nothing; the organisation is there if there is anything under it."""
    made_up = {"org": "demo" if len(names) > 1 else "nothing", "token": "demo.nothing.nothing.nothing"}
    return {name: made_up.get(name, "nothing-there") for name in names} | {"extra": "nothing-there"}


def _token(world: World, caller: str) -> str | None:
    apart = {"nobody": None, "newcomer": world.newcomer, "customer": world.customer}
    if caller in apart:
        return apart[caller]
    return world.zebra.tokens["owner"] if caller == "stranger" else world.demo.tokens[caller]
