"""R11: values of the wrong type or out of bounds: a pointer names every fault, and nothing is stored."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.bodies import in_days, person, session_body
from tests.api.route_cases import ROWS, filled
from tests.api.route_things import THINGS
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office, World
from tests.http import Response, call

WITH_BODIES = sorted(route for route, row in ROWS.items() if isinstance(row.body, dict) and row.body)
SESSION = session_body(
    leaders=["leader@demo.test"],
    description="Bring a towel",
    location="Gym",
    tags=["sport"],
    registration_opens_at=in_days(1),
    registration_closes_at=in_days(9),
    questions=[{"id": "q1", "label": "Size?", "kind": "choice", "required": True, "options": ["S", "M"]}],
    min_age=6,
    max_age=9,
    cancel_until_hours=24,
    date_reminder_hours=48,
    minimum={"participants": 3, "below": "ask", "hours_before": 24},
)
SETTINGS = {
    **{"name": "Demo", "from_name": "Demo", "reply_to": "a@demo.test", "locale": "fr", "time_zone": "Europe/Paris", "currency": "EUR"},
    **{"invitation_days": 5, "reminder_days": [3], "quiet_hours": {"starts": "21:00", "ends": "08:00"}, "forwarding": "open"},
    **{"waitlist": {"mode": "strict", "auto_offer": True, "offer_hours": 1, "cutoff_hours": 1}, "public_billing": "later"},
    **{
        "sibling_discount": {"from_nth": 2, "percent": 10},
        "vat_rate": 20.5,
        "payment_instructions": "Pay",
        "address": "3 rue Haute",
        "vat_number": "FR12",
        "accent": "#112233",
        "embed_origins": ["https://studio.example"],
        "cancel_until_hours": 24,
        "date_reminder_hours": 48,
        "self_service_moves": True,
        "support_until": in_days(2),
        "stripe_secret_key": "sk_1",
        "stripe_webhook_secret": "whsec_1",
    },
}
REPEAT = {"every": 1, "weekdays": ["mo"], "times": 3, "except": ["2040-10-01"], "as": "course"}
INVITATION = {
    **{"email": "ana@demo.test", "party_size": 1, "discount_code": "HELLO", "tier": "t1", "expires_at": in_days(2)},
    **{"forwarding": "open", "note": "Hi", "confirm_over_capacity": False},
}
REGISTRATION = person("ana@demo.test", party_size=1, tier="t1", discount_code="X", invitation_code="Y")
FULL_BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/orgs/{org}/sessions"): {**SESSION, "repeat": REPEAT},
    ("PATCH", "/v1/orgs/{org}/sessions/{session}"): {**SESSION, "tell": False, "scope": "this"},
    ("PATCH", "/v1/orgs/{org}"): SETTINGS,
    ("POST", "/v1/orgs/{org}/sessions/{session}/invitations"): INVITATION,
    ("POST", "/v1/orgs/{org}/sessions/{session}/cancel"): {
        "reason": "Snow",
        "tell": True,
        "credit_invoices": True,
        "refund_payments": True,
    },
    ("POST", "/v1/orgs/{org}/invitations/{invitation}/resend"): {"rotate": True},
    ("POST", "/v1/orgs/{org}/invitations/{invitation}/revive"): {"confirm_over_capacity": True, "expires_at": in_days(2)},
    ("POST", "/v1/portal/{org}/sessions/{session}/registrations"): REGISTRATION,
    ("POST", "/v1/portal/{org}/sessions/{session}/quote"): {"tier": "t1", "party_size": 1, "discount_code": "X", "invitation_code": "Y"},
    ("POST", "/v1/invitations/{token}/accept"): person("ana@demo.test", tier="t1"),
}
DIFFERS = {"/password_confirmation"}
"""The field that is also wrong if the password before it is."""
BODIES = {route: FULL_BODIES.get(route) or ROWS[route].body for route in sorted({*WITH_BODIES, *FULL_BODIES})}

OUT_OF_BOUNDS: dict[str, list[Any]] = {
    "spots_total": [-1, 4001, True, "5", 5.0, None, 10**30],
    "time_zone": [
        *["Mars/Base", "", "../../etc/passwd", "Europe", "localtime", "posix/Europe/Paris", "right/Europe/Paris", "x" * 10_000],
        *["Europe/Paris\0", "/usr/share/zoneinfo/Europe/Paris", "Europe/Paris ", None, 5],
    ],
    "meetings": [[], [session_body()["meetings"][0]] * 201, {}, None, [None]],
    "tiers": [[], session_body()["tiers"] * 7, "Child", [[]]],
    "tags": [["x"] * 21, [""], [1], "sport"],
    "questions": [[{"label": "Size?", "kind": "text"}] * 31, [{"label": "Size?", "kind": "essay"}]],
    "title": ["", "   ", "x" * 201, "x" * 10_000, 1, None, ["Judo"]],
    "description": ["x" * 5_001, None, 5],
}


def test_the_full_bodies_name_every_field() -> None:
    from tests.api.test_conformance import DESCRIPTION

    for (method, path), body in FULL_BODIES.items():
        reference = DESCRIPTION["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        known = DESCRIPTION["components"]["schemas"][reference.rpartition("/")[2]]["properties"].keys()
        assert known - body.keys() <= {"answers", "confirm_below_use"}, (method, path)


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
def test_a_value_of_the_wrong_type_is_named_by_its_pointer(world: World, route: tuple[str, str]) -> None:
    path, good = _place(world.demo, route)
    with nothing_stored():
        for pointer, body in _spoilt(good):
            response = call(route[0], path, body, token=_token(world, route))
            assert _fields(response) - DIFFERS == {pointer} - DIFFERS, (pointer, response.text)


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
def test_all_faults_of_a_body_are_reported_at_once(world: World, route: tuple[str, str]) -> None:
    path, good = _place(world.demo, route)
    body = {**{name: {"no": "value"} for name in good}, "colour": "red", "a/b~c": 1}
    with nothing_stored():
        response = call(route[0], path, body, token=_token(world, route))
    tops = {"/" + field.split("/")[1] for field in _fields(response)}
    assert tops == {f"/{name}" for name in good} | {"/colour", "/a~1b~0c"}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in OUT_OF_BOUNDS.items() for value in values])
def test_a_session_out_of_bounds_is_refused(demo: Office, field: str, value: Any) -> None:
    with nothing_stored():
        response = demo.call("POST", "/sessions", session_body(**{field: value}))
    assert all(pointer == f"/{field}" or pointer.startswith(f"/{field}/") for pointer in _fields(response)), response.text


@pytest.mark.parametrize("spots", [0, 1, 51, 4000])
def test_a_session_within_bounds_is_made(demo: Office, spots: int) -> None:
    assert demo.read(demo.session(spots_total=spots))["spots"] == {"total": spots, "taken": 0, "held": 0, "extra": 0, "free": spots}


@pytest.mark.parametrize("amount", [-1, 100_000_001, 12.5, "1250", True, None])
def test_a_price_is_a_whole_number_of_minor_units(demo: Office, amount: Any) -> None:
    tiers = [{"name": "Child", "price": {"amount": amount, "currency": "EUR"}}]
    with nothing_stored():
        assert _fields(demo.call("POST", "/sessions", session_body(tiers=tiers))) == {"/tiers/0/price/amount"}


@pytest.mark.parametrize("currency", ["eur", "EURO", "E", "", "EUR\n", "€", 5, None])
def test_a_currency_is_three_capital_letters(demo: Office, currency: Any) -> None:
    tiers = [{"name": "Child", "price": {"amount": 1, "currency": currency}}]
    with nothing_stored():
        assert _fields(demo.call("POST", "/sessions", session_body(tiers=tiers))) == {"/tiers/0/price/currency"}


def test_all_prices_of_a_session_are_in_one_currency(demo: Office) -> None:
    tiers = [{"name": name, "price": {"amount": 1, "currency": name}} for name in ("EUR", "USD")]
    session = demo.session()
    with nothing_stored():
        assert "mixed_currencies" in {code for _, code in demo.call("POST", "/sessions", session_body(tiers=tiers)).faults}
        assert demo.edit(session, tiers=tiers).json["code"] == "mixed_currencies"


@pytest.mark.parametrize("things", ["meetings", "tiers", "questions"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_duplicate_ids_within_a_session_are_refused(demo: Office, things: str, method: str) -> None:
    path = "/sessions" if method == "POST" else f"/sessions/{demo.session()}"
    one = SESSION[things][0]
    with nothing_stored():
        response = demo.call(method, path, {**SESSION, things: [{**one, "id": "same"}, {**one, "id": "same"}]})
    assert "same_id_twice" in {code for _, code in response.faults}


@pytest.mark.parametrize("party", [0, -1, 51, "2", 1.5, True])
def test_a_party_is_of_one_to_fifty(demo: Office, party: Any) -> None:
    session = demo.session()
    with nothing_stored():
        assert _fields(demo.ask(session, party_size=party)) == {"/party_size"}
        assert _fields(demo.enrol(session, party_size=party)) >= {"/party_size"}


def _token(world: World, route: tuple[str, str]) -> str:
    """Return the access token of a caller who may call the route."""
    return world.customer if route[1].startswith("/v1/me") else world.demo.tokens["owner"]


def _place(office: Office, route: tuple[str, str]) -> tuple[str, Any]:
    """Return the route's path for an existing resource, and a valid body."""
    names = re.findall(r"{(\w+)}", route[1])
    kind = ROWS[route].on or (names[-1] if names else "org")
    params = {"org": office.org, **office.kept_thing(kind, lambda: THINGS[kind](office))}
    return route[1].format(**params), filled(BODIES[route], office, params)


def _spoilt(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a copy of the value for each place in it, with an invalid value there, and the pointer to that place."""
    if pointer:
        yield pointer, [[{"no": "value"}]] if isinstance(value, dict) else {"no": "value"}
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ((where, {**value, name: spoilt}) for where, spoilt in _spoilt(inner, f"{pointer}/{name}"))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ((where, [*value[:index], spoilt, *value[index + 1 :]]) for where, spoilt in _spoilt(inner, f"{pointer}/{index}"))


def _fields(response: Response) -> set[str]:
    assert (response.status, response.json["code"]) == (422, "validation_failed"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    return {error["field"] for error in response.json["errors"]}
