"""How a page is declared: once, with who may open it. Routing, checks and refusals follow.

A handler takes a `Visit` and returns an `Answer`. A GET changes nothing. A POST comes from a form of ours.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from urllib.parse import parse_qsl

from chalice import Response

from chalicelib import telemetry
from chalicelib.operations import organisations
from chalicelib.pages import signing
from chalicelib.pages.answers import Answer, Elsewhere, File, Html, Redirect, gone, sent, served, shown
from chalicelib.pages.origins import check_origin
from chalicelib.pages.paths import written
from chalicelib.pages.rendering import rendered
from chalicelib.pages.ways import back, entrance, wanted
from chalicelib.rules import customers
from chalicelib.rules.accounts import Person
from chalicelib.rules.customers import NotACustomer
from chalicelib.rules.organisations import Locale, Member, Organisation, Role
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web import routing, uploads
from chalicelib.web.call import Call
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import BodyTooLarge, NotSignedIn, retry_after, status_of

MOST_BYTES = 256 * 1024
MOST_FIELDS = 2000


@dataclass(frozen=True)
class Public:
    """Anybody may open it."""


@dataclass(frozen=True)
class Known:
    """Anybody may open it; a customer of the organisation in the path who has signed in is known there."""


@dataclass(frozen=True)
class Customer:
    """Customers of the organisation in the path, who have signed in."""


@dataclass(frozen=True)
class Staff:
    """Staff of the organisation in the path, from this role up."""

    role: Role


Who = Public | Known | Customer | Staff


@dataclass(frozen=True)
class Page:
    """A page as it is declared."""

    method: str
    path: str
    who: Who
    handler: Callable[["Visit"], Answer]
    any_origin: bool
    files: bool
    """Whether its form may bring a file."""


@dataclass(frozen=True)
class Visit:
    """What a handler gets: the call, who makes it, and the organisation whose page it is, where that is known."""

    call: Call
    member: Member | None = None
    organisation: Organisation | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    """The form's fields as they came."""
    file: bytes = b""
    """The file among them."""
    person: Person | None = None
    customer: customers.Customer | None = None
    """Who has signed in, and the customer that they are here."""

    def __getitem__(self, name: str) -> str:
        return self.call.params[name]

    @property
    def org(self) -> str:
        return self.call.params["org"]

    @property
    def by(self) -> str:
        """Who does it, for the history."""
        return self.member.email if self.member else ""

    @property
    def staff(self) -> Member:
        """Who has signed in, of a page that only staff open."""
        if self.member is None:
            raise NotFound
        return self.member

    @property
    def home(self) -> Organisation:
        """The organisation, of a page that has one."""
        if self.organisation is None:
            raise NotFound
        return self.organisation

    @property
    def me(self) -> customers.Customer:
        """The customer, of a page that only customers open."""
        if self.customer is None:
            raise NotFound
        return self.customer

    def locale(self, organisation: Organisation | None) -> Locale:
        """Staff read English; everybody else what they ask for, or else what the organisation speaks."""
        if self.member:
            return "en"
        return locale_of(self.call, organisation.locale if organisation else "en")

    @cached_property
    def key(self) -> str:
        """Names what this form asks for: the same form with the same content, sent twice, asks once."""
        marked = self.typed.get("key") or secrets.token_hex(16)
        sender = self.member.user if self.member else self.person.user if self.person else ""
        return sha256("\0".join((marked, sender, self.call.method, self.path)).encode() + self.call.body).hexdigest()

    @property
    def path(self) -> str:
        """This page's own address, without the stage prefix and the query."""
        return written(self.call.route, **self.call.params)


PAGES: list[Page] = []
"""Those of the modules that have been imported."""


def every() -> list[Page]:
    """Return all pages, always in the same order."""
    routing.load("chalicelib.pages")
    return sorted(PAGES, key=lambda declared: routing.place_of(declared.method, declared.path))


def page(
    method: str, address: str, *, who: Who, any_origin: bool = False, files: bool = False
) -> Callable[[Callable[[Visit], Answer]], Callable[[Visit], Answer]]:
    """Declare a page. `any_origin` lets its form be sent from anywhere, `files` with a file in it."""

    def declare(handler: Callable[[Visit], Answer]) -> Callable[[Visit], Answer]:
        declared = Page(method, address, who, handler, any_origin, files)
        PAGES.append(declared)
        routing.declare(method, address, partial(answered, declared))
        return handler

    return declare


def answered(declared: Page, call: Call) -> Response:
    """Answer a call with a page; refusals and faults of ours are pages too."""
    telemetry.begin(call.id, declared.method, declared.path, call.params.get("org", ""))
    visit, cookies = Visit(call), list[str]()
    try:
        visit, cookies = _entered(declared, call)
        return _response(declared.handler(visit), visit, cookies)
    except Refusal as refusal:
        telemetry.refused(refusal.code)
        return _response(_refused(refusal, visit), visit, cookies)
    except Exception:
        telemetry.failed()
        return _response(Html("failed.html", status=500), visit, cookies)


def _entered(declared: Page, call: Call) -> tuple[Visit, list[str]]:
    """Check where the form comes from and who sends it; return the visit, and the cookies that a renewed sign-in sets."""
    if declared.method == "POST" and not declared.any_origin:
        check_origin(call)
    sent = _sent(declared, call)
    match declared.who:
        case Staff(role):
            member, cookies = signing.member_of(call, call.params["org"], role)
            return Visit(call, member, organisations.read(member.org), sent.fields, sent.content), cookies
        case Public():
            return Visit(call, typed=sent.fields, file=sent.content), []
        case Known() | Customer():
            return _recognised(declared.who, Visit(call, typed=sent.fields))


def _recognised(who: Who, visit: Visit) -> tuple[Visit, list[str]]:
    """Return the visit with whoever has signed in, who need not be anybody where everybody may come. Raises NotSignedIn, NotACustomer."""
    organisation, call = organisations.read(visit.org), visit.call
    if isinstance(who, Known) and not any(signing.kept(call)):
        return replace(visit, organisation=organisation), []
    try:
        person, cookies = signing.person_of(call)
    except NotSignedIn:
        if isinstance(who, Customer):
            raise
        return replace(visit, organisation=organisation), signing.dropped(call)
    seen = replace(visit, organisation=organisation, person=person, customer=person.customer_of(visit.org))
    if isinstance(who, Customer) and seen.customer is None:
        raise NotACustomer
    return seen, cookies


def _sent(declared: Page, call: Call) -> uploads.Upload:
    """Return the form's fields, and the file among them. Raises BodyTooLarge; UploadTooLarge for a form with a file."""
    if declared.files and uploads.is_form(call):
        return uploads.form(call)
    if len(call.body) > MOST_BYTES:
        raise BodyTooLarge
    return uploads.Upload(b"", _typed(call) if declared.method == "POST" else {})


def _typed(call: Call) -> dict[str, str]:
    try:
        return dict(parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BodyTooLarge from None


def _response(answer: Answer, visit: Visit, cookies: list[str]) -> Response:
    match answer:
        case Html():
            return shown(rendered(answer.template, answer.data, visit), answer, cookies)
        case Redirect():
            return sent(answer, cookies)
        case Elsewhere():
            return gone(answer)
        case File():
            return served(answer)


def _refused(refusal: Refusal, visit: Visit) -> Answer:
    """Return the page that says what cannot be done, and the way on from it."""
    if isinstance(refusal, NotSignedIn):
        return Redirect(entrance(visit.call), {"next": wanted(visit.call)}, tuple(signing.dropped(visit.call)))
    if isinstance(refusal, NotACustomer):
        return Html("account/stranger.html", {"refusal": refusal, "organisation": organisations.read(visit.org)}, status_of(refusal))
    template = "missing.html" if isinstance(refusal, NotFound) else "refused.html"
    return Html(template, {"refusal": refusal, "back": back(visit.call)}, status_of(refusal), wait=retry_after(refusal))
