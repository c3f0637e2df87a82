"""Customer sign-up: by a portal invitation, or by registering and confirming the address."""

from pydantic import ConfigDict, Field

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import auth, links
from chalicelib.rules.auth import LinkExpired, LinkUsed, TooManyAttempts, WrongPassword
from chalicelib.rules.customers import Customer, PortalStatus
from chalicelib.rules.inputs.auth import ConfirmInput, NewPasswordInput, SignUpInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.refusals import NotFound
from chalicelib.web.audience import Public, Staff
from chalicelib.web.locale import locale_of


class SignUpRequestedOut(Out):
    """An empty answer, the same whether the address is known or not."""


class SignedUpOut(Out):
    org: str
    customer: str
    email: str
    status: PortalStatus

    @classmethod
    def of(cls, customer: Customer) -> "SignedUpOut":
        return cls(org=customer.org, customer=customer.id, email=customer.email, status=customer.status)


class PortalLinksOut(Out):
    """The portal's links: sign in, register, enrol."""

    model_config = ConfigDict(serialize_by_alias=True)

    sign_in: str
    join: str = Field(serialization_alias="register")
    """Answered as `register`, which is already a method of every pydantic model."""
    enrol: str


@endpoint(
    "POST",
    "/v1/portal/activate",
    id="joining.activate",
    who=Public(),
    takes=NewPasswordInput,
    gives={201: SignedUpOut},
    refuses=(NotFound, LinkUsed, LinkExpired, WrongPassword, TooManyAttempts),
)
def activate(request: Request[NewPasswordInput]) -> ApiResponse:
    """Accept a portal invitation by its link, once; an address with an account must give its existing password."""
    sent, call = request.body, request.call
    return ApiResponse(201, SignedUpOut.of(auth.activate_customer(sent.token, sent.password, source=call.source, now=call.now)))


@endpoint(
    "POST",
    "/v1/portal/{org}/register",
    id="joining.register",
    who=Public(),
    takes=SignUpInput,
    gives={202: SignUpRequestedOut},
    refuses=(TooManyRequests,),
)
def register(request: Request[SignUpInput]) -> ApiResponse:
    """Register for the portal: a confirmation link is sent, and nothing is created until it is used."""
    call = request.call
    auth.begin_sign_up(request.org, request.body, locale=locale_of(call), key=request.key, source=call.source, now=call.now)
    return ApiResponse(202, SignUpRequestedOut())


@endpoint(
    "POST",
    "/v1/portal/confirm",
    id="joining.confirm",
    who=Public(),
    takes=ConfirmInput,
    gives={201: SignedUpOut},
    refuses=(NotFound, LinkUsed, LinkExpired),
)
def confirm(request: Request[ConfirmInput]) -> ApiResponse:
    """Confirm an address by the link that was sent to it, once; an existing account keeps its password.

    Without `password`, the one typed at sign-up is set; but a customer with participants or bookings is sent a link to choose one.
    """
    sent = request.body
    return ApiResponse(201, SignedUpOut.of(auth.confirm(sent.token, password=sent.password or "", now=request.call.now)))


@endpoint("GET", "/v1/orgs/{org}/links", id="joining.read_links", who=Staff("read"), gives={200: PortalLinksOut})
def read_links(request: Request[None]) -> ApiResponse:
    """Read the portal links to pass on to customers."""
    org = request.org
    sign_in, join = links.portal_page(org, "sign-in"), links.portal_page(org, "register")
    return ApiResponse(200, PortalLinksOut(sign_in=sign_in, join=join, enrol=links.sessions_page(org)))
