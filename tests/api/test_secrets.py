"""R9: no user input reaches a log, a metric or standard output, nor an answer to another person.

Sentinels are sent in every field, header, query and path of every route, in valid and invalid requests: while everything works, while
the database fails with its arguments in the error message, and while a route fails unexpectedly.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from chalicelib.api import endpoints
from chalicelib.tables import dynamodb
from chalicelib.web.call import Call
from tests.api.route_cases import ROWS, filled
from tests.api.route_things import THINGS
from tests.api.tenants import World
from tests.api.test_validation import BODIES
from tests.captured_output import written_down
from tests.http import Response, call

WORD = "sentinel"
ADDRESSES = {"email", "reply_to"}
PASSWORDS = {"password", "password_confirmation"}
TEXTS = {
    *(
        "name",
        "title",
        "label",
        "description",
        "location",
        "note",
        "reason",
        "text",
        "subject",
        "from_name",
        "payment_instructions",
        "address",
        "vat_number",
    ),
    *("discount_code", "invitation_code", "code", "token", "refresh_token", "thing", "phone"),
}
KEYS = {"stripe_secret_key": f"sk_{WORD}", "stripe_webhook_secret": f"whsec_{WORD}"}
_numbers = itertools.count()
HEADERS = {
    "Cookie": f"session={WORD}",
    "User-Agent": WORD,
    "Referer": f"http://127.0.0.1:8000/i/{WORD}",
    "X-Forwarded-For": WORD,
    "Accept-Language": WORD,
}


def planted(value: Any, name: str = "") -> Any:
    """Return a body with sentinels in all its free-text fields."""
    if isinstance(value, dict):
        return {inner: planted(value[inner], inner) for inner in value}
    if isinstance(value, list):
        return [planted(inner, name) for inner in value]
    if name in ADDRESSES:
        return f"{WORD}@example.org"
    if name in PASSWORDS:
        return f"{WORD.title()}-Passw0rd"
    if name == "url":
        return f"https://{WORD}.example.org/{WORD}?{WORD}"
    if name in KEYS:
        return KEYS[name]
    return f"{WORD.title()} {name}" if name in TEXTS else value


@pytest.fixture
def written(world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Return all output so far."""
    with written_down(monkeypatch, capfd) as until_now:
        yield until_now


def test_no_user_input_is_logged_in_normal_operation(world: World, written: Callable[[], str]) -> None:
    responses = _everywhere(world)
    assert {200, 201, 204, 401, 403, 404, 409, 422} <= {response.status for response in responses}
    _check(written(), world, expected=('"message":"refused"', '"_aws"', "not_found"))
    assert not [response.text for response in responses if any(key in response.text for key in KEYS.values())]
    for response in responses:
        if response.status in {400, 401, 403, 404, 413, 415}:
            assert WORD not in response.text.lower(), response.text


def test_no_user_input_is_logged_when_a_database_error_quotes_it(
    world: World, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _things(world)

    def fail(_ask: object) -> NoReturn:
        error = {"Error": {"Code": "ValidationException", "Message": f"{WORD}@example.org {world.demo.tokens['owner']}"}}
        raise ClientError(error, f"Put{WORD}")  # type: ignore[arg-type]

    monkeypatch.setattr(dynamodb, "with_retries", fail)
    _check_faults(_everywhere(world))
    _check(written(), world, expected=('"message":"failed"', '"_aws"', "ClientError"))


def test_no_user_input_is_logged_when_a_route_fails_unexpectedly(
    world: World, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _things(world)

    def fail(_declared: object, request: Call) -> NoReturn:
        secret = f"{request.body!r} {request.headers} {request.params} {request.query}"
        try:
            raise KeyError(secret)
        except KeyError as inner:
            raise RuntimeError(secret) from inner

    monkeypatch.setattr(endpoints, "_checked", fail)
    responses = _everywhere(world)
    assert {response.status for response in responses} == {500}
    _check_faults(responses)
    _check(written(), world, expected=('"message":"failed"', "RuntimeError"))


def _things(world: World) -> dict[tuple[str, str], dict[str, str]]:
    """Return the path parameters of each route: existing resources, created once per route."""
    return {route: _thing(world, route) for route in ROWS}


def _thing(world: World, route: tuple[str, str]) -> dict[str, str]:
    names = re.findall(r"{(\w+)}", route[1])
    if not names:
        return {}
    kind = ROWS[route].on or names[-1]
    return {"org": "demo", **world.demo.kept_thing(" ".join(route), lambda: THINGS[kind](world.demo))}


def _everywhere(world: World) -> list[Response]:
    """Call every route with valid and invalid input, as an authorised and as an unauthorised caller."""
    responses, owner, viewer = [], world.demo.tokens["owner"], world.demo.tokens["viewer"]
    for (method, path), real in _things(world).items():
        body = planted(filled(BODIES.get((method, path), ROWS[method, path].body), world.demo, real))
        right, wrong = path.format(**real), path.format(**{**dict.fromkeys(real, WORD), "org": f"{WORD}@example.org"})
        tried = [
            *((right, sent, owner) for sent in _sent(body)),
            (right, body, viewer),
            (right, body, None),
            (right, body, WORD),
            (wrong, body, owner),
        ]
        responses += [_ask(method, f"{address}?lang={WORD}&q={WORD}", sent, token) for address, sent, token in tried]
    return responses


def _sent(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        return [body]
    return [
        body,
        body,
        {**body, f"{WORD}_field": WORD},
        f'{{"email": "{WORD}@example.org", ',
        {**body, "email": f"{WORD} <{WORD}@example.org>"},
    ]


def _ask(method: str, path: str, body: Any, token: str | None) -> Response:
    more = {} if method == "POST" else {"If-Match": '"v1"'}
    return call(method, path, body, token=token, headers={**HEADERS, **more, "Idempotency-Key": f"{WORD}-{next(_numbers)}"})


def _check_faults(responses: list[Response]) -> None:
    for response in responses:
        if response.status >= 500:
            assert response.json.keys() == {"type", "title", "status", "detail", "code"}
            assert WORD not in response.text.lower()


def _check(written: str, world: World, *, expected: tuple[str, ...]) -> None:
    for part in expected:
        assert part in written, "nothing was logged at all"
    assert WORD not in written.lower(), _around(written)
    assert "@" not in written.replace("@staticmethod", ""), _around(written, "@")
    assert not [token for office in (world.demo, world.zebra) for token in office.tokens.values() if token in written]
    assert ".test" not in written


def _around(written: str, word: str = WORD) -> str:
    index = written.lower().index(word)
    return written[max(0, index - 300) : index + 100]
