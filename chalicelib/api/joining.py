"""How customers come to an account: by the link of a portal invitation, or by registering and confirming their address."""

from pydantic import ConfigDict, Field

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, Staff, endpoint
from chalicelib.operations import access, links
from chalicelib.rules.accounts import LinkRunOut, LinkUsed, TooManyAttempts, WrongPassword
from chalicelib.rules.customers import Customer, PortalStatus
from chalicelib.rules.drafts.accounts import JoiningDraft, NewPasswordDraft, TokenDraft
from chalicelib.rules.refusals import NotFound
from chalicelib.web.locale import locale_of


class AskedOut(Out):
    """Nothing to tell: the answer is the same whether the address is known or not."""


class AcceptedOut(Out):
    org: str
    customer: str
    email: str
    status: PortalStatus

    @classmethod
    def of(cls, customer: Customer) -> "AcceptedOut":
        return cls(org=customer.org, customer=customer.id, email=customer.email, status=customer.status)


class LinksOut(Out):
    """Where customers sign in, register, and look for something to enrol in."""

    model_config = ConfigDict(serialize_by_alias=True)

    sign_in: str
    join: str = Field(serialization_alias="register")
    """Called `register` in the answer, which is a method of every model."""
    enrol: str


@endpoint(
    "POST",
    "/v1/portal/activate",
    who=Public(),
    takes=NewPasswordDraft,
    gives={201: AcceptedOut},
    refuses=(NotFound, LinkUsed, LinkRunOut, WrongPassword, TooManyAttempts),
)
def activate(request: Request[NewPasswordDraft]) -> Answer:
    """Accept a portal invitation by its link, once; an address that has an account proves it with its own password."""
    sent, call = request.body, request.call
    return Answer(201, AcceptedOut.of(access.activate_customer(sent.token, sent.password, source=call.source, now=call.now)))


@endpoint("POST", "/v1/portal/{org}/register", who=Public(), takes=JoiningDraft, gives={202: AskedOut})
def register(request: Request[JoiningDraft]) -> Answer:
    """Register for the portal: a link that confirms the address is sent, and until then nothing is there."""
    access.join(request.org, request.body, locale=locale_of(request.call), key=request.key, now=request.call.now)
    return Answer(202, AskedOut())


@endpoint(
    "POST",
    "/v1/portal/confirm",
    who=Public(),
    takes=TokenDraft,
    gives={201: AcceptedOut},
    refuses=(NotFound, LinkUsed, LinkRunOut),
)
def confirm(request: Request[TokenDraft]) -> Answer:
    """Confirm an address by the link that was sent to it, once. An account that it has keeps its password."""
    return Answer(201, AcceptedOut.of(access.confirm(request.body.token, now=request.call.now)))


@endpoint("GET", "/v1/orgs/{org}/links", who=Staff("viewer"), gives={200: LinksOut})
def read_links(request: Request[None]) -> Answer:
    """Read the links to pass on to customers."""
    org = request.org
    sign_in, join = links.portal_page(org, "sign-in"), links.portal_page(org, "register")
    return Answer(200, LinksOut(sign_in=sign_in, join=join, enrol=links.sessions_page(org)))
