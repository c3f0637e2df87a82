"""Signing in and out, a forgotten password, and the sign-up of invited staff."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.api.idempotency import new_key
from chalicelib.api.me import CustomerOfOut, MembershipOut
from chalicelib.operations import access
from chalicelib.rules import accounts
from chalicelib.rules.accounts import LinkRunOut, LinkUsed, SignedOut, TooManyAttempts, WrongPassword
from chalicelib.rules.drafts.accounts import ForgottenDraft, NewPasswordDraft, RefreshDraft, SignInDraft, SignOutDraft
from chalicelib.rules.organisations import Role
from chalicelib.rules.refusals import NotFound
from chalicelib.web.access import bearer
from chalicelib.web.refusals import NotSignedIn
from chalicelib.web.tokens import user_of


class Empty(Out):
    """Nothing to tell."""


class SignedInOut(Out):
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds for which the access token counts."""
    memberships: list[MembershipOut]
    customer_of: list[CustomerOfOut]

    @classmethod
    def of(cls, signed_in: accounts.SignedIn) -> "SignedInOut":
        return cls(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            expires_in=signed_in.expires_in,
            memberships=MembershipOut.all_of(signed_in.person.memberships),
            customer_of=CustomerOfOut.all_of(signed_in.person.customers),
        )


class ActivatedOut(Out):
    org: str
    user: str
    email: str
    role: Role


@endpoint(
    "POST",
    "/v1/auth/sign-in",
    who=Public(),
    takes=SignInDraft,
    gives={200: SignedInOut},
    refuses=(WrongPassword, TooManyAttempts),
    kept=False,
)
def sign_in(request: Request[SignInDraft]) -> Answer:
    """Sign in with address and password; ten failures in ten minutes make one wait."""
    sent, call = request.body, request.call
    return Answer(200, SignedInOut.of(access.sign_in(sent.email, sent.password, source=call.source, now=call.now)))


@endpoint("POST", "/v1/auth/refresh", who=Public(), takes=RefreshDraft, gives={200: SignedInOut}, refuses=(SignedOut,), kept=False)
def refresh(request: Request[RefreshDraft]) -> Answer:
    """Get a new access token."""
    return Answer(200, SignedInOut.of(access.refresh(request.body.refresh_token)))


@endpoint("POST", "/v1/auth/sign-out", who=Public(), takes=SignOutDraft, gives={204: None}, refuses=(NotSignedIn,), kept=False)
def sign_out(request: Request[SignOutDraft]) -> Answer:
    """End the sign-in that a refresh token continues; without one, every sign-in of the access token's user."""
    if request.body.refresh_token:
        access.sign_out(request.body.refresh_token)
    else:
        token = bearer(request.call)
        access.sign_out_everywhere(token, user=user_of(token), now=request.call.now)
    return Answer(204)


@endpoint("POST", "/v1/auth/forgot-password", who=Public(), takes=ForgottenDraft, gives={202: Empty})
def forgot_password(request: Request[ForgottenDraft]) -> Answer:
    """Ask for a link to a new password; the answer does not tell whether the address is known."""
    access.ask_reset(request.body.email, nonce=new_key(), now=request.call.now)
    return Answer(202, Empty())


@endpoint(
    "POST",
    "/v1/auth/reset-password",
    who=Public(),
    takes=NewPasswordDraft,
    gives={200: Empty},
    refuses=(NotFound, LinkUsed, LinkRunOut),
)
def reset_password(request: Request[NewPasswordDraft]) -> Answer:
    """Set a new password by the link that was sent, once; every sign-in ends."""
    access.reset_password(request.body.token, request.body.password, now=request.call.now)
    return Answer(200, Empty())


@endpoint(
    "POST",
    "/v1/auth/activate",
    who=Public(),
    takes=NewPasswordDraft,
    gives={201: ActivatedOut},
    refuses=(NotFound, LinkUsed, LinkRunOut, WrongPassword, TooManyAttempts),
)
def activate(request: Request[NewPasswordDraft]) -> Answer:
    """Join the staff by the link that was sent, once; an address that has an account proves it with its own password."""
    sent, call = request.body, request.call
    member = access.activate_staff(sent.token, sent.password, source=call.source, now=call.now)
    return Answer(201, ActivatedOut(org=member.org, user=member.user, email=member.email, role=member.role))
