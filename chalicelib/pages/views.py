"""The declaration of pages: the audience of each, declared once. Routing, checks and refusals follow.

A handler takes a `Visit` and returns a `PageResponse`. A GET changes nothing. A POST comes from a form of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qsl

from chalice import Response

from chalicelib import telemetry
from chalicelib.operations import organisations
from chalicelib.pages import cookies, forms, frames, sign_in_form, signed_in, unsaved_form
from chalicelib.pages.csrf import check_origin
from chalicelib.pages.redirects import in_portal, path_after_sign_in, previous_path, sign_in_path
from chalicelib.pages.rendering import rendered
from chalicelib.pages.responses import (
    ExternalRedirect,
    File,
    Html,
    PageResponse,
    Redirect,
    elsewhere_response,
    file_response,
    html_response,
    redirect_response,
)
from chalicelib.pages.visit import Visit
from chalicelib.rules.actor import actor_of
from chalicelib.rules.customers import NotACustomer
from chalicelib.rules.organisation_refusals import BookingsPaused, OrganisationSuspended
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.tables.actor import acting
from chalicelib.web import router, uploads
from chalicelib.web.audience import Known, Public, SignedInCustomer, Staff
from chalicelib.web.call import Call
from chalicelib.web.refusals import BodyTooLarge, NotSignedIn, retry_after, status_of

MOST_BYTES = 256 * 1024
MOST_FIELDS = 2000
Who = Public | Known | SignedInCustomer | Staff
"""The audience of a page."""
SEEN_WHILE_SUSPENDED = {"/p/{org}/sign-in", "/p/{org}/registered/{token}"}
"""The pages of a suspended organisation by which its customers get to their own; those for customers alone are all seen."""


@dataclass(frozen=True)
class Page:
    """The declaration of a page."""

    method: str
    path: str
    who: Who
    handler: Callable[["Visit"], PageResponse]
    any_origin: bool
    files: bool
    """Whether its form may bring a file."""


PAGES: list[Page] = []
"""The pages of the modules imported so far."""


def every() -> list[Page]:
    """Import all page modules and return their pages in the order of the router."""
    router.load("chalicelib.pages")
    return sorted(PAGES, key=lambda declared: router.position(declared.method, declared.path))


def page(
    method: str, address: str, *, who: Who, any_origin: bool = False, files: bool = False
) -> Callable[[Callable[[Visit], PageResponse]], Callable[[Visit], PageResponse]]:
    """Declare a page. `any_origin` accepts its form from other sites, and `files` accepts a form with a file."""

    def declare(handler: Callable[[Visit], PageResponse]) -> Callable[[Visit], PageResponse]:
        declared = Page(method, address, who, handler, any_origin, files)
        PAGES.append(declared)
        router.register(method, address, partial(respond, declared))
        return handler

    return declare


def respond(declared: Page, call: Call) -> Response:
    """Respond to a call with a page. Refusals and unexpected exceptions become pages too; the latter with status 500."""
    telemetry.begin(call.id, declared.method, declared.path, call.params.get("org", ""))
    visit, set_cookies = Visit(frames.without_cookies(call), framed=True) if frames.is_framed(call) else Visit(call), list[str]()
    try:
        visit, set_cookies = _entered(declared, visit)
        with acting(actor_of(visit.member, visit.person)):
            response = declared.handler(visit)
        return _response(response, visit, set_cookies)
    except Refusal as refusal:
        telemetry.record_refusal(refusal.code)
        return _response(_refused(refusal, visit), visit, set_cookies)
    except Exception:
        telemetry.record_failure()
        return _response(Html("failed.html", status=500), visit, set_cookies)


def _entered(declared: Page, visit: Visit) -> tuple[Visit, list[str]]:
    """Check the form's origin and the caller's access. Return the visit, and the cookies to set if the access token was renewed.

    The body is parsed only after that, so that a request without access costs as little as possible.
    """
    call = visit.call
    if declared.method == "POST" and not declared.any_origin:
        check_origin(call)
    match declared.who:
        case Staff():
            member, set_cookies = signed_in.staff_member_of(call, declared.who)
            visit = Visit(call, member, organisations.read(member.org))
        case Public():
            set_cookies = []
        case Known() | SignedInCustomer():
            visit, set_cookies = _recognised(declared.who, visit)
    sent = _sent(declared, call)
    return replace(visit, typed=sent.fields, file=sent.content), set_cookies


def _recognised(who: Who, visit: Visit) -> tuple[Visit, list[str]]:
    """Return the visit with its organisation and the signed-in person, if any.

    A page for customers raises NotSignedIn for an anonymous caller, and NotACustomer for another organisation's customer.
    """
    organisation, call = organisations.read(visit.org), visit.call
    if isinstance(who, Known) and call.route not in SEEN_WHILE_SUSPENDED:
        check_takes_bookings(organisation)
    if isinstance(who, Known) and not any(cookies.tokens_of(call)):
        return replace(visit, organisation=organisation), []
    try:
        person, set_cookies = signed_in.person_of(call)
    except NotSignedIn:
        if isinstance(who, SignedInCustomer):
            raise
        return replace(visit, organisation=organisation), signed_in.drop_cookies(call)
    seen = replace(visit, organisation=organisation, person=person, customer=person.customer_of(visit.org))
    if isinstance(who, SignedInCustomer) and seen.customer is None:
        raise NotACustomer
    return seen, set_cookies


def _sent(declared: Page, call: Call) -> uploads.Upload:
    """Return the form's fields and file. Raises BodyTooLarge, or UploadTooLarge for a form with a file."""
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


def _response(response: PageResponse, visit: Visit, set_cookies: list[str]) -> Response:
    match response:
        case Html():
            framed_by = frames.allowed(response.data.get("organisation", visit.organisation)) if visit.framed else ()
            return html_response(rendered(response.template, response.data, visit), response, set_cookies, framed_by=framed_by)
        case Redirect():
            return redirect_response(frames.stay_in_frame(response, visit.call) if visit.framed else response, set_cookies)
        case ExternalRedirect():
            return elsewhere_response(response)
        case File():
            return file_response(response)


def _sign_in_first(visit: Visit) -> PageResponse:
    """Return the way to the sign-in page. A form that was sent is kept on that page, so that nothing typed is lost."""
    call, set_cookies, unsaved = visit.call, tuple(signed_in.drop_cookies(visit.call)), unsaved_form.submitted_form(visit.call)
    if unsaved is None:
        return Redirect(sign_in_path(call), {"next": path_after_sign_in(call), "lang": call.query.get("lang", "")}, set_cookies)
    form, onward = forms.blank(), path_after_sign_in(call)
    if not in_portal(call):
        return sign_in_form.staff(form, onward=onward, unsaved=unsaved, status=401, cookies=set_cookies)
    home = organisations.read(visit.org)
    return sign_in_form.customer(home, form, onward=onward, unsaved=unsaved, status=401, cookies=set_cookies)


def _refused(refusal: Refusal, visit: Visit) -> PageResponse:
    """Return the page of a refusal, or a redirect to the sign-in page if the caller has not signed in."""
    if isinstance(refusal, NotSignedIn):
        return _sign_in_first(visit)
    if isinstance(refusal, NotACustomer):
        return Html("portal_account/stranger.html", {"refusal": refusal, "organisation": organisations.read(visit.org)}, status_of(refusal))
    if isinstance(refusal, OrganisationSuspended | BookingsPaused) and "org" in visit.call.params:
        data = {"refusal": refusal, "staff": isinstance(refusal, OrganisationSuspended), "org": visit.org}
        return Html("suspended.html", data, status_of(refusal))
    template = "missing.html" if isinstance(refusal, NotFound) else "refused.html"
    return Html(template, {"refusal": refusal, "back": previous_path(visit.call)}, status_of(refusal), wait=retry_after(refusal))
