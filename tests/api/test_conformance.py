"""R8: whatever fits the description of a route, or does not fit, gets an answer that the description has, from nobody and from each role.

schemathesis makes up the requests from the OpenAPI document. In their paths are names of real things, or made-up ones; some fields of their
bodies are sensible ones, so that they get past the form.
"""

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib.api.endpoints import every
from chalicelib.api.openapi import description
from tests.api.rows import ROWS, THINGS, Row, filled
from tests.api.world import World
from tests.api.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
"""For each route; every one is sent by nobody and by each role."""
BOUNDED = settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
DESCRIPTION = json.loads(description())


Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]
Operations = dict[tuple[str, str], Operation]


def _operations(description: dict[str, Any]) -> Operations:
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application
    schema.config.generation.update(with_security_parameters=False)
    found = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    return {(operation.method.upper(), operation.path): operation for operation in found}


OPERATIONS = _operations(DESCRIPTION)


ROUTES = sorted(OPERATIONS, key=lambda route: ("sign-out" in route[1], *route))
"""What may sign out those who call comes last."""


def test_the_description_is_valid_openapi() -> None:
    validate(DESCRIPTION, cls=OpenAPIV31SpecValidator)


def test_every_route_is_described_and_nothing_else_is() -> None:
    described = {(method.upper(), path) for path, methods in DESCRIPTION["paths"].items() for method in methods}
    endings = {(declared.method, declared.path + ending) for declared in every() for ending in declared.endings}
    assert described == {(declared.method, declared.path) for declared in every()} | endings


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    operations = [operation for methods in DESCRIPTION["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"].endswith(".") for operation in operations)


def test_headers_that_count_are_described_where_they_count() -> None:
    for declared in every():
        operation = DESCRIPTION["paths"][declared.path][declared.method.lower()]
        headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (declared.method == "POST" and (declared.kept or declared.files))
        assert ("If-Match" in headers) == ({"400", "412"} <= operation["responses"].keys() and declared.method != "POST")


def test_an_answer_that_is_not_described_would_be_noticed(world: World) -> None:
    poorer = json.loads(description())
    del poorer["paths"]["/v1/me"]["get"]["responses"]["401"]
    case = _operations(poorer)["GET", "/v1/me"].Case()
    with pytest.raises(schemathesis.errors.FailureGroup, match="401"):
        case.call_and_validate(checks=CHECKS)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_answers_are_as_described(world: World, route: tuple[str, str]) -> None:
    named = _named(world, route)
    sensible = filled(_row(route).body or {}, world.demo, named)

    @BOUNDED
    @given(
        _cases(OPERATIONS[route], named),
        st.sets(st.sampled_from(sorted(sensible))) | st.just(set(sensible)) if sensible else st.just(set()),
    )
    def answered_as_described(case: Case, kept: set[str]) -> None:
        if isinstance(case.body, dict):
            case.body = {**case.body, **{name: sensible[name] for name in kept}}
        for token in (None, *world.demo.tokens.values(), *([world.customer] if "/v1/me" in route[1] else [])):
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"} if token else {}, checks=CHECKS)

    answered_as_described()


def _cases(operation: Operation, named: dict[str, str]) -> "st.SearchStrategy[Case]":
    """Return requests that fit the description or do not, more often than not on things that are there."""
    fitting, unfitting = (operation.as_strategy(mode, path_parameters=named or None) for mode in GenerationMode)
    return st.one_of(fitting, unfitting, operation.as_strategy(GenerationMode.POSITIVE))


def _row(route: tuple[str, str]) -> Row:
    """Return the row of a route, whatever its path ends in."""
    method, path = route
    return ROWS.get(route) or ROWS[method, path.removesuffix(".pdf").removesuffix(".ics")]


def _named(world: World, route: tuple[str, str]) -> dict[str, str]:
    """Return the names of real things that the path takes."""
    names = re.findall(r"{(\w+)}", route[1])
    thing = THINGS[_row(route).on or names[-1]](world.demo) if names else {}
    return {name: value for name, value in {"org": "demo", **thing}.items() if name in names}
