"""The API reference: every route with its audience, input, answers and refusals."""

import json
from typing import Any

from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Public
from chalicelib.web.openapi import document

METHODS = ("get", "post", "put", "patch", "delete")


@page("GET", "/docs", who=Public())
def docs(_visit: Visit) -> PageResponse:
    """Show the API reference, made from the OpenAPI document."""
    described = json.loads(document())
    return Html("docs.html", {"version": described["info"]["version"], "concepts": _by_concept(described)})


def _by_concept(described: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the routes by concept (the first tag of each), in the order of the OpenAPI document."""
    concepts: dict[str, list[dict[str, Any]]] = {}
    for path, operations in described["paths"].items():
        for method in METHODS:
            if method in operations:
                route = _route(method, path, operations[method], described["components"]["schemas"])
                concepts.setdefault(operations[method]["tags"][0], []).append(route)
    return concepts


def _route(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    statuses = [status for status in operation["responses"] if status.isdigit()]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "who": _who(operation),
        "query": [parameter for parameter in operation["parameters"] if parameter["in"] == "query"],
        "fields": _fields(schemas.get(body.get("$ref", "").rpartition("/")[2], {}), schemas),
        "answers": [status for status in statuses if status < "300"],
        "refusals": [(status, operation["responses"][status]["description"]) for status in statuses if status >= "300"],
    }


def _who(operation: dict[str, Any]) -> str:
    if "x-role" in operation:
        return f"staff: {operation['x-role']}"
    return "signed in" if operation["security"] else "anybody"


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "kind": _kind(field, schemas), "required": name in required} for name, field in schema.get("properties", {}).items()
    ]


def _kind(field: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return the type of a JSON schema field in a few words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        inner = schemas.get(name, {}).get("properties", {})
        return "{" + ", ".join(inner) + "}" if inner else name
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_kind(one, schemas) for one in field["anyOf"]))
    if "enum" in field:
        return " · ".join(map(str, field["enum"]))
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}), schemas)}"
    return str(field.get("format") or field.get("const") or field.get("type", "any"))
