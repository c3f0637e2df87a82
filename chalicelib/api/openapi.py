"""The description of the API (OpenAPI 3.1), made from the declarations and the models that validate."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.api.answers import Answer, Problem
from chalicelib.api.endpoints import Customer, Endpoint, Public, Request, Staff, endpoint, every
from chalicelib.rules.organisations import NotAllowed
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound, Refusal
from chalicelib.web.refusals import (
    STATUS,
    BadCursor,
    BadPrecondition,
    BodyTooLarge,
    InProgress,
    Invalid,
    KeyReused,
    MalformedJson,
    NoFile,
    NotAFile,
    NotSignedIn,
    NotUtf8,
    UnsupportedMediaType,
    UploadTooLarge,
)

REF = "#/components/schemas/{model}"
VERSION = "1.0.0"
FILES = {
    "text/csv": {"schema": {"type": "string", "description": "CSV in UTF-8, up to 4 MB."}},
    "application/octet-stream": {"schema": {"type": "string", "format": "binary", "description": "CSV in any encoding, up to 4 MB."}},
    "multipart/form-data": {
        "schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    },
}


@endpoint("GET", "/v1/openapi.json", who=Public(), gives={200: None})
def describe(_request: Request[None]) -> Answer:
    """Describe every route."""
    return Answer(200, description(), {"Cache-Control": "public, max-age=300"})


@cache
def description() -> str:
    """Return the whole description as JSON."""
    models = sorted({model for declared in every() for model in _models(declared)} | {Problem}, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, _mode(model)) for model in models], ref_template=REF)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Rollbook",
                "version": VERSION,
                "description": "Rosters with a hard number of spots, and invitations that hold one.",
            },
            "paths": _paths(),
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }
    )


def refusals_of(declared: Endpoint) -> set[type[Refusal]]:
    """Return everything that a route may refuse: its own refusals, and those that follow from how it is declared."""
    found: set[type[Refusal]] = {*declared.refuses, Busy, BodyTooLarge}
    if not isinstance(declared.who, Public):
        found |= {NotSignedIn}
    if isinstance(declared.who, Staff):
        found |= {NotAllowed, NotFound}
    if "{" in declared.path or isinstance(declared.who, Customer):
        found |= {NotFound}
    if declared.takes:
        found |= {MalformedJson, UnsupportedMediaType, Invalid}
    if declared.method == "POST" and declared.kept:
        found |= {InProgress, KeyReused}
    if declared.files:
        found |= {KeyReused, NotAFile, UploadTooLarge, NotUtf8, NoFile}
    if _is_conditional(declared):
        found |= {BadPrecondition}
    if "cursor" in declared.query:
        found |= {BadCursor, Invalid}
    return found


def _models(declared: Endpoint) -> set[type[BaseModel]]:
    return {model for model in (declared.takes, *declared.gives.values()) if model}


def _mode(model: type[BaseModel]) -> Any:
    return "validation" if model.__module__.startswith("chalicelib.rules") else "serialization"


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for declared in every():
        paths.setdefault(declared.path, {})[declared.method.lower()] = _operation(declared)
        for ending, kind in declared.endings.items():
            other = replace(declared, kind=kind, gives=dict.fromkeys(declared.gives))
            paths[declared.path + ending] = {declared.method.lower(): _operation(other, ending)}
    return paths


def _operation(declared: Endpoint, ending: str = "") -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{declared.tag}_{declared.handler.__name__}{ending.replace('.', '_')}",
        "summary": declared.summary,
        "tags": [declared.tag],
        "parameters": [*_path_parameters(declared), *_query_parameters(declared), *_header_parameters(declared)],
        "responses": {**_successes(declared), **_problems(declared)},
    }
    if declared.takes:
        described["requestBody"] = {"required": True, "content": _content(declared)}
    if not isinstance(declared.who, Public):
        described["security"] = [{"bearer": []}]
    if isinstance(declared.who, Staff):
        described["x-role"] = declared.who.role
    return described


def _content(declared: Endpoint) -> dict[str, Any]:
    taken = {"application/json": {"schema": _reference(declared.takes)}} if declared.takes else {}
    return {**taken, **(FILES if declared.files else {})}


def _path_parameters(declared: Endpoint) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"{(\w+)}", declared.path)]


def _query_parameters(declared: Endpoint) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "description": says, "schema": {"type": "string"}} for name, says in declared.query.items()]


def _header_parameters(declared: Endpoint) -> list[dict[str, Any]]:
    said = {}
    if declared.method == "POST" and (declared.kept or declared.files):
        said["Idempotency-Key"] = "Any text: the same key with the same request is answered once, for 24 hours."
    if _is_conditional(declared):
        said["If-Match"] = "The ETag of the reading that the change is made on; without it, the change is made in any case."
    return [{"name": name, "in": "header", "description": says, "schema": {"type": "string"}} for name, says in said.items()]


def _is_conditional(declared: Endpoint) -> bool:
    """Whether the route minds If-Match."""
    return declared.method in {"PUT", "PATCH", "DELETE"} and ChangedMeanwhile in declared.refuses


def _successes(declared: Endpoint) -> dict[str, Any]:
    return {str(status): _success(status, model, declared.kind) for status, model in declared.gives.items()}


def _success(status: int, model: type[BaseModel] | None, kind: str) -> dict[str, Any]:
    if status == 204:
        return {"description": "Done."}
    if model:
        return {"description": "Done.", "content": {"application/json": {"schema": _reference(model)}}}
    return {"description": "Done.", "content": {kind: {"schema": {"type": "object" if kind == "application/json" else "string"}}}}


def _problems(declared: Endpoint) -> dict[str, Any]:
    codes: dict[int, set[str]] = {}
    for refusal in refusals_of(declared):
        codes.setdefault(STATUS[refusal], set()).add(refusal.code)
    content = {"application/problem+json": {"schema": _reference(Problem)}}
    return {str(status): {"description": ", ".join(sorted(found)), "content": content} for status, found in sorted(codes.items())}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
