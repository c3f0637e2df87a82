"""Responses as JSON and refusals as problem+json (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalice import Response
from pydantic import BaseModel, ConfigDict

from chalicelib.rules.refusals import Invalid, Refusal
from chalicelib.rules.translation import N_
from chalicelib.web.locale import say
from chalicelib.web.refusals import MethodNotAllowed, retry_after, status_of

BROKEN = N_("Something went wrong on our side and was logged. Try again in a minute.")
HEADERS = {"Cache-Control": "no-store"}
ICS = ".ics"
CALENDAR = "text/calendar"
BODILESS = {204, 304}


class Out(BaseModel):
    """The shape of a response, filled from an object with the same attributes. Validators are built on first use, for a fast cold start."""

    model_config = ConfigDict(frozen=True, defer_build=True, from_attributes=True)


class Fault(Out):
    field: str
    """A JSON pointer into the request body."""
    code: str
    detail: str


class Problem(Out):
    """Why a request was refused, and what to do next."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault] | None = None


@dataclass(frozen=True)
class ApiResponse:
    """A status with a body: a model, nothing, or text of another media type."""

    status: int
    body: BaseModel | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"

    def text(self) -> str:
        if isinstance(self.body, BaseModel):
            return self.body.model_dump_json()
        return self.body or ""

    def to_chalice(self, request_id: str) -> Response:
        named = {"X-Request-Id": request_id} if request_id else {}
        kind = {"Content-Type": self.kind} if self.status not in BODILESS else {}
        return Response(self.text(), headers={**HEADERS, **kind, **named, **self.headers}, status_code=self.status)


def csv_response(text: str, name: str) -> ApiResponse:
    """Return a response with a CSV file to save."""
    return ApiResponse(200, text, {"Content-Disposition": f'attachment; filename="{name}"'}, kind="text/csv; charset=utf-8")


def calendar_response(text: str, headers: Mapping[str, str] | None = None) -> ApiResponse:
    """Return a response with a calendar file."""
    return ApiResponse(
        200, text, {"Content-Disposition": 'inline; filename="calendar.ics"', **(headers or {})}, kind=f"{CALENDAR}; charset=utf-8"
    )


def problem(refusal: Refusal | None, locale: str) -> ApiResponse:
    """Return the response to a refusal, with its sentences in a language; None stands for an internal error."""
    if refusal is None:
        return _written(500, "internal_error", say(BROKEN, locale), {}, None)
    facts = {name: value for name, value in {**refusal.data(), "line": refusal.line}.items() if _plain(value)}
    wait = retry_after(refusal)
    response = _written(status_of(refusal), refusal.code, say(refusal.filled, locale), {**facts, **_faults(refusal, locale)}, wait)
    return replace(response, headers={**response.headers, "Allow": refusal.allowed}) if isinstance(refusal, MethodNotAllowed) else response


def _written(status: int, code: str, detail: str, facts: Mapping[str, object], wait: int | None) -> ApiResponse:
    title = code.replace("_", " ").capitalize()
    body = {"type": f"urn:rollbook:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    further = {name: value for name, value in facts.items() if name not in body}
    headers = {"Retry-After": str(wait)} if wait else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return ApiResponse(status, json.dumps({**body, **further, **_clash(facts)}), headers, kind="application/problem+json")


def _clash(facts: Mapping[str, object]) -> dict[str, object]:
    """Return the facts without a clash of `status`.

    The contract has `status` for an ended invitation, and RFC 9457 has a numeric `status`: it is sent under another name too.
    """
    return {"invitation_status": facts["status"]} if "status" in facts else {}


def _faults(refusal: Refusal, locale: str) -> dict[str, Any]:
    faults = refusal.faults if isinstance(refusal, Invalid) else ()
    errors = [{"field": pointer, "code": code, "detail": say(detail, locale)} for pointer, code, detail in faults]
    return {"errors": errors} if errors else {}


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)
