"""R8: every answer of a route conforms to the OpenAPI document, for valid and invalid requests, anonymous and from each role.

schemathesis generates the requests from the document. Their paths contain ids of existing and of invented resources; some fields of
their bodies have sensible values, so that requests get past validation.
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
from chalicelib.rules.inputs.input import Changes, Input
from tests.api.route_cases import ROWS, Row, filled
from tests.api.route_things import THINGS
from tests.api.tenants import World
from tests.api.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
"""Requests per route; each is sent anonymously and by each role, until their caller is refused."""
BOUNDED = settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
DESCRIPTION = json.loads(description())
SCHEMAS: dict[str, dict[str, Any]] = DESCRIPTION["components"]["schemas"]


Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]
Operations = dict[tuple[str, str], Operation]


def _operations(description: dict[str, Any]) -> Operations:
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application
    schema.config.generation.update(with_security_parameters=False)
    found = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    return {(operation.method.upper(), operation.path): operation for operation in found}


def _closed() -> dict[str, Any]:
    """Return the document without what would excuse an answer: additional properties, and the answer to everything else."""
    closed: dict[str, Any] = json.loads(description())
    for operation in (operation for path in closed["paths"].values() for operation in path.values()):
        del operation["responses"]["default"]
    for model in closed["components"]["schemas"].values():
        if "properties" in model:
            model.setdefault("additionalProperties", False)
    return closed


OPERATIONS = _operations(_closed())


ROUTES = sorted(OPERATIONS, key=lambda route: ("sign-out" in route[1], *route))
"""Routes that can sign out the callers come last."""


def test_numbers_choices_and_moments_have_their_types() -> None:
    operations = [operation for path in DESCRIPTION["paths"].values() for operation in path.values()]
    parameters = {
        (one["name"], json.dumps(one["schema"])) for operation in operations for one in operation["parameters"] if one["in"] == "query"
    }
    assert {schema for name, schema in parameters if name == "limit"} == {
        json.dumps({"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
    }
    assert all("enum" in schema for name, schema in parameters if name in {"state", "status"})
    fields = [field for model in SCHEMAS.values() for field in model.get("properties", {}).items()]
    moments = [json.dumps(schema) for name, schema in fields if name.endswith("_at") or name in {"since", "at", "until"}]
    assert len(moments) > 50
    assert [schema for schema in moments if "date-time" not in schema] == []


@pytest.mark.parametrize("model", [name for name in SCHEMAS if name.endswith("Changes")])
def test_changes_have_no_defaults_and_null_only_where_it_removes_a_value(model: str) -> None:
    kept: type[Changes] = next(one for one in _subclasses(Changes) if one.__name__ == model)
    for name, field in SCHEMAS[model]["properties"].items():
        assert "default" not in field, name
        assert ({"type": "null"} in field.get("anyOf", [])) == (name in kept.nullable), name


def test_a_participant_of_a_change_has_no_default_that_clears_answers() -> None:
    assert "default" not in SCHEMAS["ParticipantInput"]["properties"]["answers"]


def test_no_schema_is_named_by_a_module() -> None:
    """Two models of one name would get long names, which differ from one version to the next."""
    assert [name for name in SCHEMAS if "__" in name] == []


def test_examples_are_accepted() -> None:
    examples = {model: example for model in _subclasses(Input) for example in SCHEMAS.get(model.__name__, {}).get("examples", [])}
    assert len(examples) >= 5
    for model, example in examples.items():
        model.model_validate(example)


def test_every_operation_says_whether_it_needs_a_token() -> None:
    for path, operations in DESCRIPTION["paths"].items():
        for method, operation in operations.items():
            assert "security" in operation, (method, path)


def test_answers_name_their_headers() -> None:
    session = DESCRIPTION["paths"]["/v1/orgs/{org}/sessions/{session}"]
    assert "ETag" in session["get"]["responses"]["200"]["headers"]
    assert "ETag" in session["patch"]["responses"]["200"]["headers"]
    created = DESCRIPTION["paths"]["/v1/orgs/{org}/sessions"]["post"]["responses"]
    assert "Idempotent-Replayed" in created["201"]["headers"]
    assert "Retry-After" in created["503"]["headers"]


def _subclasses(model: type[Any]) -> list[type[Any]]:
    return [model, *(one for child in model.__subclasses__() for one in _subclasses(child))]


def test_the_description_is_valid_openapi() -> None:
    validate(DESCRIPTION, cls=OpenAPIV31SpecValidator)


def test_exactly_the_declared_routes_are_described() -> None:
    described = {(method.upper(), path) for path, methods in DESCRIPTION["paths"].items() for method in methods}
    endings = {(declared.method, declared.path + ending) for declared in every() for ending in declared.endings}
    assert described == {(declared.method, declared.path) for declared in every()} | endings


def test_every_operation_has_a_unique_id_and_a_summary() -> None:
    operations = [operation for methods in DESCRIPTION["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"].endswith(".") for operation in operations)


def test_request_headers_are_described_where_they_are_read() -> None:
    for declared in every():
        operation = DESCRIPTION["paths"][declared.path][declared.method.lower()]
        headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (declared.method == "POST" and (declared.replayable or declared.files))
        assert ("If-Match" in headers) == ({"400", "412"} <= operation["responses"].keys() and declared.method != "POST")


def test_an_undescribed_answer_is_noticed(world: World) -> None:
    poorer = _closed()
    del poorer["paths"]["/v1/me"]["get"]["responses"]["401"]
    case = _operations(poorer)["GET", "/v1/me"].Case()
    with pytest.raises(schemathesis.errors.FailureGroup, match="401"):
        case.call_and_validate(checks=CHECKS)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_answers_are_as_described(world: World, route: tuple[str, str]) -> None:
    named = _named(world, route)
    sensible = filled(_row(route).body or {}, world.demo, named)
    for_staff = route[1].startswith("/v1/orgs/")

    @BOUNDED
    @given(
        _cases(OPERATIONS[route], named),
        st.sets(st.sampled_from(sorted(sensible))) | st.just(set(sensible)) if sensible else st.just(set()),
    )
    def answered_as_described(case: Case, kept: set[str]) -> None:
        if isinstance(case.body, dict):
            case.body = {**case.body, **{name: sensible[name] for name in kept}}
        for token in tuple(callers):
            response = case.call_and_validate(headers={"Authorization": f"Bearer {token}"} if token else {}, checks=CHECKS)
            if for_staff and response.status_code in {401, 403}:
                callers.remove(token)  # Refused whatever they send.

    callers = [None, *world.demo.tokens.values(), *([world.customer] if "/v1/me" in route[1] else [])]
    answered_as_described()


def _cases(operation: Operation, named: dict[str, str]) -> "st.SearchStrategy[Case]":
    """Return valid and invalid requests, most of them for existing resources."""
    fitting, unfitting = (operation.as_strategy(mode, path_parameters=named or None) for mode in GenerationMode)
    return st.one_of(fitting, unfitting, operation.as_strategy(GenerationMode.POSITIVE))


def _row(route: tuple[str, str]) -> Row:
    """Return the test case of a route, whatever the suffix of its path."""
    method, path = route
    return ROWS.get(route) or ROWS[method, re.sub(r"\.(pdf|ics|csv|svg)$", "", path)]


def _named(world: World, route: tuple[str, str]) -> dict[str, str]:
    """Return ids of existing resources for the parameters of the path."""
    names = re.findall(r"{(\w+)}", route[1])
    thing = THINGS[_row(route).on or names[-1]](world.demo) if names else {}
    return {name: value for name, value in {"org": "demo", **thing}.items() if name in names}
