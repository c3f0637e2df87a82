"""How a route is declared: once, with who may call it, what it takes, what it answers and refuses. Routing, checks and description follow.

A handler takes a `Request` and returns an `Answer`; refusals are raised and become problem+json here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, TypeVar

from chalice import Response
from pydantic import BaseModel

from chalicelib import telemetry
from chalicelib.api import idempotency
from chalicelib.api.answers import Answer, problem
from chalicelib.rules.accounts import Person
from chalicelib.rules.organisations import Member, Role
from chalicelib.rules.refusals import Refusal
from chalicelib.web import access, routing, uploads
from chalicelib.web.call import Call
from chalicelib.web.refusals import BodyTooLarge, NotSignedIn, UnsupportedMediaType
from chalicelib.web.validation import read_json

MOST_BYTES = 256 * 1024

B = TypeVar("B")


@dataclass(frozen=True)
class Public:
    """Anybody may call."""


@dataclass(frozen=True)
class SignedIn:
    """Anybody with an account may call, about themselves."""


@dataclass(frozen=True)
class Customer:
    """Anybody who is a customer of an organisation may call, about themselves."""


@dataclass(frozen=True)
class Staff:
    """Staff of the organisation in the path, from this role up."""

    role: Role


Who = Public | SignedIn | Customer | Staff


@dataclass(frozen=True)
class Endpoint:
    """A route as it is declared."""

    method: str
    path: str
    who: Who
    takes: type[BaseModel] | None
    gives: dict[int, type[BaseModel] | None]
    refuses: tuple[type[Refusal], ...]
    query: dict[str, str]
    summary: str
    handler: Callable[..., Answer]
    kept: bool
    """Whether the answer is kept for retries under the same Idempotency-Key. One with secrets is not: it is made again.
    Nor is a sign-out: everybody's is their own, though nobody is told apart there."""
    kind: str
    """The media type of what it gives."""
    files: bool = False
    """Whether a file may come instead of JSON. Then no answer is kept: the key of the request tells the operation that it is a retry."""
    endings: dict[str, str] = field(default_factory=dict)
    """What its path may end in besides, and the media type that it then gives."""

    @property
    def tag(self) -> str:
        return self.handler.__module__.rpartition(".")[2]


@dataclass(frozen=True)
class Request(Generic[B]):
    """What a handler gets: the call, its body as read, and who makes it."""

    call: Call
    body: B
    member: Member | None
    person: Person | None
    key: str
    """Names this request: the same for every retry under one Idempotency-Key, else new."""

    def __getitem__(self, name: str) -> str:
        return self.call.params[name]

    @property
    def org(self) -> str:
        return self.call.params["org"]

    @property
    def me(self) -> Person:
        """Who calls, of a route that everybody with an account calls about themselves."""
        if self.person is None:
            raise NotSignedIn
        return self.person

    @property
    def user(self) -> str:
        """The id of whoever calls, empty when nobody is told apart."""
        return self.person.user if self.person else self.member.user if self.member else ""

    @property
    def by(self) -> str:
        """Who does it, for the history."""
        return self.member.email if self.member else ""


ENDPOINTS: list[Endpoint] = []
"""Those of the modules that have been imported."""


def every() -> list[Endpoint]:
    """Return all routes of the API, always in the same order."""
    routing.load("chalicelib.api")
    return sorted(ENDPOINTS, key=lambda declared: routing.place_of(declared.method, declared.path))


def endpoint(
    method: str,
    path: str,
    *,
    who: Who,
    gives: dict[int, type[BaseModel] | None],
    takes: type[BaseModel] | None = None,
    refuses: tuple[type[Refusal], ...] = (),
    query: dict[str, str] | None = None,
    kept: bool = True,
    kind: str = "application/json",
    endings: dict[str, str] | None = None,
    files: bool = False,
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Declare a route. `query` names its query parameters and says what they mean; the docstring is its summary."""

    def declare(handler: Callable[..., Answer]) -> Callable[..., Answer]:
        summary = (handler.__doc__ or "").strip().split("\n")[0]
        declared = Endpoint(
            method, path, who, takes, gives, refuses, query or {}, summary, handler, kept and not files, kind, files, endings or {}
        )
        ENDPOINTS.append(declared)
        routing.declare(method, path, partial(_answer, declared))
        return handler

    return declare


def _answer(declared: Endpoint, call: Call) -> Response:
    telemetry.begin(call.id, declared.method, declared.path, call.params.get("org", ""))
    try:
        answer = _checked(declared, call)
    except Refusal as refusal:
        telemetry.refused(refusal.code)
        answer = problem(refusal)
    except Exception:
        telemetry.failed()
        answer = problem(None)
    return answer.response(call.id)


def _checked(declared: Endpoint, call: Call) -> Answer:
    """Check who calls and what they sent, in the order in which a stranger may learn something; then do it."""
    member, person = _caller(declared.who, call)
    body = _body(declared, call)
    request = Request(call=call, body=body, member=member, person=person, key="")
    given = call.headers.get("idempotency-key", "").strip() if declared.method == "POST" else ""
    if given and declared.kept:
        return idempotency.once(call, given, request.user, lambda key: declared.handler(replace(request, key=key)))
    key = idempotency.identity(call, given, request.user) if given and declared.files else idempotency.new_key()
    return declared.handler(replace(request, key=key))


def _caller(who: Who, call: Call) -> tuple[Member | None, Person | None]:
    match who:
        case Staff(role):
            return access.staff(access.bearer(call), call.params["org"], role), None
        case SignedIn():
            return None, access.person(access.bearer(call))
        case Customer():
            return None, access.customer(access.bearer(call))
        case Public():
            return None, None


def _body(declared: Endpoint, call: Call) -> Any:
    kind = call.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared.files and kind != "application/json":
        return uploads.received(call, kind)
    if len(call.body) > MOST_BYTES:
        raise BodyTooLarge
    if declared.takes is None:
        return None
    if call.body and kind != "application/json":
        raise UnsupportedMediaType
    return read_json(declared.takes, call.body)
