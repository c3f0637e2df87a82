"""The second factor of the signed-in member of staff, and its reset by an owner."""

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations.auth import second_factor
from chalicelib.rules.auth import SecondFactorOn, SecondFactorShared, SignedOut, TooManyAttempts, WrongCode, WrongPassword
from chalicelib.rules.inputs.auth import CodeInput, PasswordInput
from chalicelib.web.audience import Staff
from chalicelib.web.auth import bearer

MINE = "/v1/orgs/{org}/second-factor"


class SecondFactorOut(Out):
    on: bool
    """Whether signing in asks for a code after the password."""


class NewKeyOut(Out):
    key: str
    """The key to type into an authenticator app (base32). It is shown once, and counts once a code of it is confirmed."""
    address: str
    """The same as `otpauth://`, for a QR code."""


@endpoint("GET", MINE, id="staff.read_second_factor", who=Staff("read_led", people_only=True), gives={200: SecondFactorOut})
def read_second_factor(request: Request[None]) -> ApiResponse:
    """Read whether the signed-in member of staff signs in with a second factor."""
    return ApiResponse(200, SecondFactorOut(on=second_factor.is_on(request.staff)))


@endpoint(
    "POST",
    MINE,
    id="staff.begin_second_factor",
    who=Staff("read_led", people_only=True),
    takes=PasswordInput,
    gives={200: NewKeyOut},
    refuses=(SecondFactorOn, WrongPassword, TooManyAttempts, SignedOut),
    replayable=False,
)
def begin_second_factor(request: Request[PasswordInput]) -> ApiResponse:
    """Get a new key for an authenticator app. Nothing changes until a code of it is confirmed."""
    call = request.call
    key = second_factor.begin(request.staff, request.body.password, access_token=bearer(call), source=call.source, now=call.now)
    return ApiResponse(200, NewKeyOut(key=key.text, address=key.address))


@endpoint(
    "POST",
    f"{MINE}/confirm",
    id="staff.confirm_second_factor",
    who=Staff("read_led", people_only=True),
    takes=CodeInput,
    gives={204: None},
    refuses=(WrongCode, TooManyAttempts, SignedOut),
    replayable=False,
)
def confirm_second_factor(request: Request[CodeInput]) -> ApiResponse:
    """Turn the second factor on with the first code of the newest key."""
    second_factor.finish(request.staff, request.body.code, access_token=bearer(request.call), now=request.call.now)
    return ApiResponse(204)


@endpoint(
    "POST",
    f"{MINE}/off",
    id="staff.end_second_factor",
    who=Staff("read_led", people_only=True),
    takes=PasswordInput,
    gives={204: None},
    refuses=(WrongPassword, TooManyAttempts),
    replayable=False,
)
def end_second_factor(request: Request[PasswordInput]) -> ApiResponse:
    """Turn the second factor off; signing in asks for the password only."""
    second_factor.end(request.staff, request.body.password, source=request.call.source, now=request.call.now)
    return ApiResponse(204)


@endpoint(
    "DELETE",
    "/v1/orgs/{org}/staff/{user}/second-factor",
    id="staff.reset_second_factor",
    who=Staff("manage_staff"),
    gives={204: None},
    refuses=(SecondFactorShared,),
)
def reset_second_factor(request: Request[None]) -> ApiResponse:
    """Turn off the second factor of a staff member who lost the device; they sign in with the password."""
    second_factor.reset(request.org, request["user"], now=request.call.now)
    return ApiResponse(204)
