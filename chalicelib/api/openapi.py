"""The OpenAPI 3.1 document, generated from the declared routes and from the models that validate."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.api.endpoints import Endpoint, Request, endpoint, every
from chalicelib.api.responses import ApiResponse, Problem
from chalicelib.config import config
from chalicelib.rules.api_keys import NotForKeys
from chalicelib.rules.organisation_refusals import BookingsPaused, OrganisationSuspended
from chalicelib.rules.permissions import LED, NotAllowed, NotLeader, least_role
from chalicelib.rules.refusals import Busy, NotFound, Refusal, ValidationFailed
from chalicelib.web.audience import Public, SignedInCustomer, Staff
from chalicelib.web.refusals import (
    BadCursor,
    BadPrecondition,
    BodyTooLarge,
    InProgress,
    KeyReused,
    MalformedJson,
    NoFile,
    NotAFile,
    NotSignedIn,
    NotUtf8,
    UnsupportedMediaType,
    UploadTooLarge,
    status_of,
)

REF = "#/components/schemas/{model}"
VERSION = "1.0.0"
OTHERWISE = "Otherwise"
"""The answer that every route may give: a fault of ours, or a refusal of API Gateway, which has the same shape."""
PROBLEM = {"application/problem+json": {"schema": {"$ref": REF.format(model=Problem.__name__)}}}
FILES = {
    "text/csv": {"schema": {"type": "string", "description": "CSV in UTF-8, up to 4 MB."}},
    "application/octet-stream": {
        "schema": {"type": "string", "format": "binary", "description": "The file, up to 4 MB: CSV in any encoding, or a picture."}
    },
    "multipart/form-data": {
        "schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    },
}


@endpoint("GET", "/v1/openapi.json", id="openapi.describe", who=Public(), gives={200: None})
def describe(_request: Request[None]) -> ApiResponse:
    """Read the OpenAPI document."""
    return ApiResponse(200, description(), {"Cache-Control": "public, max-age=300"})


@cache
def description() -> str:
    """Return the OpenAPI document as JSON text."""
    models = sorted({model for declared in every() for model in _models(declared)} | {Problem}, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, _mode(model)) for model in models], ref_template=REF)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Rollbook",
                "version": VERSION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                "description": "Rosters with a hard number of spots, and invitations that hold one.",
            },
            "servers": [{"url": config().public_url}],
            "paths": _paths(),
            "components": {
                "schemas": schemas["$defs"],
                "responses": {OTHERWISE: {"description": "Any other refusal or fault.", "content": PROBLEM}},
                "securitySchemes": {
                    "bearer": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "An access token, or an API key (`rbk_…`) of staff routes.",
                    }
                },
            },
        }
    )


def refusals_of(declared: Endpoint) -> set[type[Refusal]]:
    """Return all refusals of a route: the declared ones, and those that follow from its declaration."""
    found: set[type[Refusal]] = {*declared.refuses, Busy, BodyTooLarge}
    if not isinstance(declared.who, Public):
        found |= {NotSignedIn}
    if isinstance(declared.who, Staff):
        found |= {NotAllowed, NotFound, OrganisationSuspended}
        found |= {NotForKeys} if declared.who.people_only else set()
        found |= {NotLeader} if declared.who.led else set()
    if "{" in declared.path or isinstance(declared.who, SignedInCustomer):
        found |= {NotFound}
    if declared.path.startswith("/v1/portal/{org}/"):
        found |= {BookingsPaused}
    if declared.takes:
        found |= {MalformedJson, UnsupportedMediaType, ValidationFailed}
    if declared.method == "POST" and declared.replayable:
        found |= {InProgress, KeyReused}
    if declared.files:
        found |= {KeyReused, NotAFile, UploadTooLarge, NotUtf8, NoFile}
    if declared.is_conditional:
        found |= {BadPrecondition}
    if "cursor" in declared.query:
        found |= {BadCursor, ValidationFailed}
    return found


def _models(declared: Endpoint) -> set[type[BaseModel]]:
    return {model for model in (declared.takes, declared.gives_led, *declared.gives.values()) if model}


def _mode(model: type[BaseModel]) -> Any:
    return "validation" if model.__module__.startswith("chalicelib.rules") else "serialization"


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for declared in every():
        paths.setdefault(declared.path, {})[declared.method.lower()] = _operation(declared)
        for ending, kind in declared.endings.items():
            other = replace(declared, kind=kind, gives=dict.fromkeys(declared.gives), gives_led=None)
            paths[declared.path + ending] = {declared.method.lower(): _operation(other, ending)}
    return paths


def _operation(declared: Endpoint, ending: str = "") -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": declared.operation_id + ending.replace(".", "_"),
        "summary": declared.summary,
        "tags": [declared.tag],
        "parameters": [*_path_parameters(declared), *_query_parameters(declared), *_header_parameters(declared)],
        "responses": {**_successes(declared), **_problems(declared), "default": {"$ref": f"#/components/responses/{OTHERWISE}"}},
    }
    if declared.takes:
        described["requestBody"] = {"required": True, "content": _content(declared)}
    described["security"] = [] if isinstance(declared.who, Public) else [{"bearer": []}]
    if isinstance(declared.who, Staff):
        described["x-role"] = least_role(LED[declared.who.permission] if declared.who.led else declared.who.permission)
    return described


def _content(declared: Endpoint) -> dict[str, Any]:
    taken = {"application/json": {"schema": _reference(declared.takes)}} if declared.takes else {}
    return {**taken, **(FILES if declared.files else {})}


def _path_parameters(declared: Endpoint) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"{(\w+)}", declared.path)]


def _query_parameters(declared: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": parameter.description, "schema": dict(parameter.schema)}
        for name, parameter in declared.query.items()
    ]


def _header_parameters(declared: Endpoint) -> list[dict[str, Any]]:
    said = {}
    if declared.method == "POST" and (declared.replayable or declared.files):
        said["Idempotency-Key"] = "Any text: the same key with the same request is answered once, for 24 hours."
    if declared.is_conditional:
        said["If-Match"] = "The ETag of the reading that the change is made on, or several; without it, the change is made in any case."
    return [{"name": name, "in": "header", "description": says, "schema": {"type": "string"}} for name, says in said.items()]


def _successes(declared: Endpoint) -> dict[str, Any]:
    headers = _success_headers(declared)
    responses = {str(status): _success(status, model, declared) for status, model in declared.gives.items()}
    return {status: {**response, "headers": {**headers, **_location(status)}} for status, response in responses.items()}


def _success_headers(declared: Endpoint) -> dict[str, Any]:
    headers = {}
    if declared.path in _conditional_paths() and declared.method in {"GET", "PUT", "PATCH"}:
        headers["ETag"] = _header("The version of the answered record, for If-Match.")
    if declared.method == "POST" and declared.replayable:
        headers["Idempotent-Replayed"] = _header("`true` when the answer to an earlier request with this Idempotency-Key is repeated.")
    return headers


def _location(status: str) -> dict[str, Any]:
    return {"Location": _header("The address of a file that is too large to be answered.")} if status == "303" else {}


@cache
def _conditional_paths() -> frozenset[str]:
    return frozenset(declared.path for declared in every() if declared.is_conditional)


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


def _success(status: int, model: type[BaseModel] | None, declared: Endpoint) -> dict[str, Any]:
    kind = declared.kind
    if status == 204:
        return {"description": "Done."}
    if model:
        led = declared.gives_led
        schema: Any = {"anyOf": [_reference(model), _reference(led)]} if led else _reference(model)
        also = {kind: {"schema": {"type": "string"}}} if kind != "application/json" else {}
        return {"description": "Done.", "content": {"application/json": {"schema": schema}, **also}}
    return {"description": "Done.", "content": {kind: {"schema": {"type": "object" if kind == "application/json" else "string"}}}}


def _problems(declared: Endpoint) -> dict[str, Any]:
    codes: dict[int, set[str]] = {}
    for refusal in refusals_of(declared):
        codes.setdefault(status_of(refusal), set()).add(refusal.code)
    return {
        str(status): {"description": ", ".join(sorted(found)), "content": PROBLEM, **_wait(status)}
        for status, found in sorted(codes.items())
    }


def _wait(status: int) -> dict[str, Any]:
    """Return the Retry-After header, for the statuses that carry it."""
    return {"headers": {"Retry-After": _header("Seconds to wait.", "integer")}} if status in {429, 503} else {}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
