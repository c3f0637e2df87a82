"""The declaration of API routes: the audience, the input, the answers and the refusals of each. Routing, checks and OpenAPI follow from it.

A handler takes a `Request` and returns an `ApiResponse`. Refusals are raised, and become problem+json in this module only.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from chalice import Response
from pydantic import BaseModel

from chalicelib import telemetry
from chalicelib.api import etags, idempotency
from chalicelib.api.query import QueryParameter
from chalicelib.api.responses import ApiResponse, problem
from chalicelib.rules.actor import actor_of
from chalicelib.rules.auth import Account
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import ChangedMeanwhile, Refusal
from chalicelib.tables.actor import acting
from chalicelib.web import auth, router, uploads
from chalicelib.web.audience import Public, SignedIn, SignedInCustomer, Staff
from chalicelib.web.call import Call
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import BodyTooLarge, NotSignedIn, UnsupportedMediaType
from chalicelib.web.validation import read_json

MOST_BYTES = 256 * 1024

B = TypeVar("B")
Who = Public | SignedIn | SignedInCustomer | Staff
"""The audience of a route."""


@dataclass(frozen=True)
class Endpoint:
    """A declared route."""

    method: str
    path: str
    id: str
    """The tag and name, separated by a dot. Published as `tags` and `operationId`, so it never changes."""
    who: Who
    takes: type[BaseModel] | None
    gives: dict[int, type[BaseModel] | None]
    refuses: tuple[type[Refusal], ...]
    query: Mapping[str, QueryParameter]
    handler: Callable[..., ApiResponse]
    replayable: bool
    """Whether the response is stored for retries with the same Idempotency-Key. Answers with secrets are not: the request runs again.
    Nor is the sign-out: its callers share one anonymous identity, so one would get the response of another.
    """
    kind: str
    """The media type of the response; with a model in `gives`, one that the query may ask for instead of JSON."""
    files: bool = False
    """Whether the body may be a file instead of JSON. No response is then stored: the operation recognises a retry by the request's key."""
    endings: dict[str, str] = field(default_factory=dict)
    """Optional suffixes of the path, each with the media type that it selects."""
    most_bytes: int = MOST_BYTES
    """How long a JSON body may be."""
    gives_led: type[BaseModel] | None = None
    """The shape of the response, without amounts, for those who may read only the sessions that they lead; None if it is the same."""

    @property
    def is_conditional(self) -> bool:
        """Whether the route honours If-Match."""
        return self.method in {"PUT", "PATCH", "DELETE"} and ChangedMeanwhile in self.refuses

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").strip().split("\n")[0]

    @property
    def tag(self) -> str:
        return self.id.partition(".")[0]

    @property
    def operation_id(self) -> str:
        return self.id.replace(".", "_")


@dataclass(frozen=True)
class Request(Generic[B]):
    """A checked request: the HTTP request, its parsed body, and the caller."""

    call: Call
    body: B
    member: StaffMember | None
    person: Account | None
    identity: str = ""
    """Of a request with an Idempotency-Key: the same for every retry."""

    def __getitem__(self, name: str) -> str:
        return self.call.params[name]

    @property
    def org(self) -> str:
        return self.call.params["org"]

    @cached_property
    def key(self) -> str:
        """The request's identity: the same for every retry with the same Idempotency-Key, otherwise new."""
        return self.identity or idempotency.new_key()

    @property
    def me(self) -> Account:
        """The caller's account, on routes for signed-in users. Raises NotSignedIn without one."""
        if self.person is None:
            raise NotSignedIn
        return self.person

    @property
    def staff(self) -> StaffMember:
        """The calling member of staff, on routes for staff. Raises NotSignedIn without one."""
        if self.member is None:
            raise NotSignedIn
        return self.member

    @property
    def user(self) -> str:
        """The caller's user id, empty on public routes."""
        return self.person.user if self.person else self.member.user if self.member else ""

    @property
    def by(self) -> str:
        """The address of the staff member, or the name of the API key, for the history; empty for others."""
        return self.member.by if self.member else ""


ENDPOINTS: list[Endpoint] = []
"""The endpoints of the modules imported so far."""


def every() -> list[Endpoint]:
    """Return all routes of the API by tag, always in the same order."""
    router.load("chalicelib.api")
    return sorted(ENDPOINTS, key=lambda declared: (declared.tag, router.position(declared.method, declared.path)))


def endpoint(
    method: str,
    path: str,
    *,
    id: str,
    who: Who,
    gives: dict[int, type[BaseModel] | None],
    takes: type[BaseModel] | None = None,
    refuses: tuple[type[Refusal], ...] = (),
    query: Mapping[str, QueryParameter] | None = None,
    replayable: bool = True,
    kind: str = "application/json",
    endings: dict[str, str] | None = None,
    files: bool = False,
    gives_led: type[BaseModel] | None = None,
    most_bytes: int = MOST_BYTES,
) -> Callable[[Callable[..., ApiResponse]], Callable[..., ApiResponse]]:
    """Declare a route. The first line of the docstring becomes its summary.

    `id` is its tag and name (`contracts.list_contracts`). Generated clients use it, so renaming a module or function must not change it.
    `query` describes the query parameters.
    """

    def declare(handler: Callable[..., ApiResponse]) -> Callable[..., ApiResponse]:
        declared = (takes, gives, refuses, query or {}, handler, replayable and not files, kind, files, endings or {})
        _declare(Endpoint(method, path, id, who, *declared, most_bytes=most_bytes, gives_led=gives_led))
        return handler

    return declare


def _declare(declared: Endpoint) -> None:
    ENDPOINTS.append(declared)
    router.register(declared.method, declared.path, partial(_response, declared))


def _response(declared: Endpoint, call: Call) -> Response:
    telemetry.begin(call.id, declared.method, declared.path, call.params.get("org", ""))
    try:
        response = _checked(declared, call)
    except Refusal as refusal:
        telemetry.record_refusal(refusal.code)
        response = problem(refusal, locale_of(call))
    except Exception:
        telemetry.record_failure()
        response = problem(None, locale_of(call))
    return response.to_chalice(call.id)


def _checked(declared: Endpoint, call: Call) -> ApiResponse:
    """Check the caller, then the body, so that only authorised callers learn its faults; then call the handler."""
    member, person = _caller(declared.who, call)
    with acting(actor_of(member, person)):
        return _handled(declared, Request(call, _body(declared, call), member, person))


def _handled(declared: Endpoint, request: Request[Any]) -> ApiResponse:
    """Call the handler, once for all retries with the same Idempotency-Key."""
    call = request.call
    given = call.headers.get("idempotency-key", "").strip() if declared.method == "POST" else ""
    if given and declared.replayable:
        return idempotency.once(call, given, request.user, lambda key: declared.handler(replace(request, identity=key)))
    if given and declared.files:
        request = replace(request, identity=idempotency.identity(call, given, request.user))
    *others, last = etags.for_each_version(call) if declared.is_conditional else [call]
    for one in others:
        with suppress(ChangedMeanwhile):
            return declared.handler(replace(request, call=one))
    return declared.handler(replace(request, call=last))


def _caller(who: Who, call: Call) -> tuple[StaffMember | None, Account | None]:
    match who:
        case Staff():
            return auth.staff_or_key(auth.bearer(call), who, call.params, now=call.now), None
        case SignedIn():
            return None, auth.person_or_key(auth.bearer(call), now=call.now)
        case SignedInCustomer():
            return None, auth.customer(auth.bearer(call), now=call.now)
        case Public():
            return None, None


def _body(declared: Endpoint, call: Call) -> Any:
    kind = call.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if declared.files and kind != "application/json":
        return uploads.received(call, kind)
    if len(call.body) > declared.most_bytes:
        raise BodyTooLarge
    if declared.takes is None:
        return None
    if call.body and kind != "application/json":
        raise UnsupportedMediaType
    return read_json(declared.takes, call.body)
