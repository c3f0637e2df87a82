"""Sign-in, sign-out, password reset, and sign-up of invited staff."""

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.idempotency import new_key
from chalicelib.api.memberships import CustomerOfOut, MembershipOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import auth
from chalicelib.rules.auth import CodeNeeded, LinkExpired, LinkUsed, SignedOut, SignIn, TooManyAttempts, WrongCode, WrongPassword
from chalicelib.rules.inputs.auth import ForgottenPasswordInput, NewPasswordInput, RefreshInput, SignInCodeInput, SignInInput, SignOutInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.permissions import Role
from chalicelib.rules.refusals import NotFound
from chalicelib.web.audience import Public
from chalicelib.web.auth import bearer, end_sign_in
from chalicelib.web.refusals import NotSignedIn
from chalicelib.web.tokens import user_of


class EmptyOut(Out):
    """An empty answer."""


class SignedInOut(Out):
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds until the access token expires."""
    memberships: list[MembershipOut]
    customer_of: list[CustomerOfOut]

    @classmethod
    def of(cls, signed_in: SignIn) -> "SignedInOut":
        return cls(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            expires_in=signed_in.expires_in,
            memberships=MembershipOut.all_of(signed_in.person.memberships),
            customer_of=CustomerOfOut.all_of(signed_in.person.customers),
        )


class CodeNeededOut(Out):
    """The password is right, and the second factor is to follow."""

    sign_in: str
    """The sign-in that waits, to be sent with the code."""


class ActivatedOut(Out):
    org: str
    user: str
    email: str
    role: Role


@endpoint(
    "POST",
    "/v1/auth/sign-in",
    id="auth.sign_in",
    who=Public(),
    takes=SignInInput,
    gives={200: SignedInOut, 202: CodeNeededOut},
    refuses=(WrongPassword, TooManyAttempts),
    replayable=False,
)
def sign_in(request: Request[SignInInput]) -> ApiResponse:
    """Sign in with address and password; ten failures in ten minutes block further attempts for a while.

    The answer is 202 for an account with a second factor: its code follows to `/v1/auth/sign-in/code`.
    """
    sent, call = request.body, request.call
    try:
        return ApiResponse(200, SignedInOut.of(auth.sign_in(sent.email, sent.password, source=call.source, now=call.now)))
    except CodeNeeded as needed:
        return ApiResponse(202, CodeNeededOut(sign_in=auth.sign_in_token(needed)))


@endpoint(
    "POST",
    "/v1/auth/sign-in/code",
    id="auth.sign_in_with_code",
    who=Public(),
    takes=SignInCodeInput,
    gives={200: SignedInOut},
    refuses=(WrongCode, SignedOut, TooManyAttempts),
    replayable=False,
)
def sign_in_with_code(request: Request[SignInCodeInput]) -> ApiResponse:
    """Finish a sign-in with the code of the second factor, within a few minutes; wrong codes are counted like wrong passwords."""
    sent, call = request.body, request.call
    return ApiResponse(200, SignedInOut.of(auth.sign_in_with_code(sent.sign_in, sent.code, source=call.source, now=call.now)))


@endpoint(
    "POST",
    "/v1/auth/refresh",
    id="auth.refresh",
    who=Public(),
    takes=RefreshInput,
    gives={200: SignedInOut},
    refuses=(SignedOut,),
    replayable=False,
)
def refresh(request: Request[RefreshInput]) -> ApiResponse:
    """Get a new access token."""
    return ApiResponse(200, SignedInOut.of(auth.refresh(request.body.refresh_token)))


@endpoint(
    "POST",
    "/v1/auth/sign-out",
    id="auth.sign_out",
    who=Public(),
    takes=SignOutInput,
    gives={204: None},
    refuses=(NotSignedIn,),
    replayable=False,
)
def sign_out(request: Request[SignOutInput]) -> ApiResponse:
    """Sign out: end the session of a refresh token or, without one, every session of the access token's user.

    An access token that is sent with the refresh token ends at once; otherwise it is valid until it expires.
    """
    if request.body.refresh_token:
        auth.sign_out(request.body.refresh_token)
        if request.call.headers.get("authorization"):
            end_sign_in(bearer(request.call), now=request.call.now)
    else:
        token = bearer(request.call)
        auth.sign_out_everywhere(token, user=user_of(token), now=request.call.now)
        end_sign_in(token, now=request.call.now)  # A token says the second of its issue, which may be this one.
    return ApiResponse(204)


@endpoint(
    "POST",
    "/v1/auth/forgot-password",
    id="auth.forgot_password",
    who=Public(),
    takes=ForgottenPasswordInput,
    gives={202: EmptyOut},
    refuses=(TooManyRequests,),
)
def forgot_password(request: Request[ForgottenPasswordInput]) -> ApiResponse:
    """Request a password reset link; the answer is the same whether the address is known or not."""
    auth.ask_reset(request.body.email, nonce=new_key(), source=request.call.source, now=request.call.now)
    return ApiResponse(202, EmptyOut())


@endpoint(
    "POST",
    "/v1/auth/reset-password",
    id="auth.reset_password",
    who=Public(),
    takes=NewPasswordInput,
    gives={200: EmptyOut},
    refuses=(NotFound, LinkUsed, LinkExpired),
)
def reset_password(request: Request[NewPasswordInput]) -> ApiResponse:
    """Set a new password with the link that was sent, once; every session of the user ends."""
    auth.reset_password(request.body.token, request.body.password, now=request.call.now)
    return ApiResponse(200, EmptyOut())


@endpoint(
    "POST",
    "/v1/auth/activate",
    id="auth.activate",
    who=Public(),
    takes=NewPasswordInput,
    gives={201: ActivatedOut},
    refuses=(NotFound, LinkUsed, LinkExpired, WrongPassword, TooManyAttempts),
)
def activate(request: Request[NewPasswordInput]) -> ApiResponse:
    """Join the staff with the link that was sent, once; an address with an account must give its existing password."""
    sent, call = request.body, request.call
    member = auth.activate_staff(sent.token, sent.password, source=call.source, now=call.now)
    return ApiResponse(201, ActivatedOut(org=member.org, user=member.user, email=member.email, role=member.role))
