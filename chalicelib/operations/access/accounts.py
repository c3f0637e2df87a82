"""Accounts in the user pool. Their name there is the address as it is compared; no e-mail leaves through the pool."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib import clients
from chalicelib.rules.accounts import SignedOut, Tokens, TooManyAttempts, WeakPassword, WrongPassword
from chalicelib.rules.addresses import compared
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

T = TypeVar("T")
LONGEST_NAME = 128
LOCKED = "Password attempts exceeded"
LOCKED_SECONDS = 60
"""The pool slows guessing down by itself, for a second at first and for a quarter of an hour at last, and does not say for how long."""
PASSING = {"TooManyRequestsException", "LimitExceededException", "InternalErrorException", "ThrottlingException"}
Refusals = Mapping[str, Callable[[], Refusal]]

NOT_THEIRS: Refusals = {
    LOCKED: lambda: TooManyAttempts(LOCKED_SECONDS),
    "NotAuthorizedException": WrongPassword,
    "UserNotFoundException": WrongPassword,
    "UserNotConfirmedException": WrongPassword,
    "PasswordResetRequiredException": WrongPassword,
    "InvalidParameterException": WrongPassword,
}
ENDED: Refusals = {
    "NotAuthorizedException": SignedOut,
    "UserNotFoundException": SignedOut,
    "InvalidParameterException": SignedOut,
    "UnauthorizedException": SignedOut,
    "UnsupportedTokenTypeException": SignedOut,
}
TOO_WEAK: Refusals = {"InvalidPasswordException": WeakPassword, "InvalidParameterException": WeakPassword}


class _NobodyThere(Refusal):
    """There is no such account. Never leaves this module."""


class _ThereAlready(Refusal):
    """There is such an account. Never leaves this module."""


def authenticate(email: str, password: str) -> Tokens:
    """Return the tokens of whoever knows the password. Raises WrongPassword."""
    answer = _ask(
        lambda: clients.cognito().admin_initiate_auth(
            UserPoolId=settings().user_pool,
            ClientId=settings().user_pool_client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": _name(email), "PASSWORD": password},
        ),
        NOT_THEIRS,
    )
    if "AuthenticationResult" not in answer:
        raise WrongPassword
    return _tokens(answer["AuthenticationResult"], "")


def renew(refresh_token: str) -> Tokens:
    """Return a new access token. Raises SignedOut."""
    answer = _ask(
        lambda: clients.cognito().admin_initiate_auth(
            UserPoolId=settings().user_pool,
            ClientId=settings().user_pool_client,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        ),
        ENDED,
    )
    return _tokens(answer["AuthenticationResult"], refresh_token)


def revoke(refresh_token: str) -> None:
    """End what this refresh token continues. Raises SignedOut when there is nothing to end."""
    _ask(lambda: clients.cognito().revoke_token(Token=refresh_token, ClientId=settings().user_pool_client), ENDED)


def end_sessions_by(access_token: str) -> None:
    """End what all refresh tokens of the account continue whose access token, verified before, this is."""
    _end_sessions(_claims(access_token)["username"])


def end_sessions(email: str) -> None:
    """End what all refresh tokens of the account continue."""
    _end_sessions(_name(email))


def user_of(email: str) -> str | None:
    """Return the id of whoever has an account under this address. One whose password was never set does not count."""
    found = _found(email)
    return found[0] if found and found[1] else None


def sign_up(email: str, password: str) -> str | None:
    """Open an account with this password and return its user's id; None when there is one. Raises WeakPassword."""
    try:
        _ask(
            lambda: clients.cognito().admin_create_user(UserPoolId=settings().user_pool, Username=_name(email), MessageAction="SUPPRESS"),
            {"UsernameExistsException": _ThereAlready},
        )
    except _ThereAlready:
        if user_of(email):
            return None
    set_password(email, password)
    return user_of(email)


def set_password(email: str, password: str) -> None:
    """Raises WeakPassword."""
    _ask(
        lambda: clients.cognito().admin_set_user_password(
            UserPoolId=settings().user_pool, Username=_name(email), Password=password, Permanent=True
        ),
        TOO_WEAK,
    )


def close(email: str) -> None:
    """Delete the account; one that is gone already is gone."""
    with suppress(_NobodyThere):
        _ask(
            lambda: clients.cognito().admin_delete_user(UserPoolId=settings().user_pool, Username=_name(email)),
            {"UserNotFoundException": _NobodyThere},
        )


def _end_sessions(name: str) -> None:
    with suppress(_NobodyThere):
        _ask(
            lambda: clients.cognito().admin_user_global_sign_out(UserPoolId=settings().user_pool, Username=name),
            {"UserNotFoundException": _NobodyThere},
        )


def _found(email: str) -> tuple[str, bool] | None:
    """Return the user's id, and whether a password was ever set."""
    try:
        answer = _ask(
            lambda: clients.cognito().admin_get_user(UserPoolId=settings().user_pool, Username=_name(email)),
            {"UserNotFoundException": _NobodyThere},
        )
    except _NobodyThere:
        return None
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in answer["UserAttributes"]}
    return attributes["sub"], answer["UserStatus"] == "CONFIRMED"


def _name(email: str) -> str:
    """Return what the account is called in the pool, which takes names of up to 128 characters."""
    name = compared(email)
    return name if len(name) <= LONGEST_NAME else sha256(name.encode()).hexdigest()


def _tokens(result: "AuthenticationResultTypeTypeDef", refresh_token: str) -> Tokens:
    return Tokens(
        user=_claims(result["AccessToken"])["sub"],
        access_token=result["AccessToken"],
        refresh_token=result.get("RefreshToken", refresh_token),
        expires_in=result["ExpiresIn"],
    )


def _claims(token: str) -> dict[str, Any]:
    """Return what a token says that the pool has just given, or that was verified."""
    claims = token.split(".")[1]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return read


def _ask(ask: Callable[[], T], refusals: Refusals) -> T:
    """Ask the pool; what it refuses is raised as the refusal that this means here."""
    try:
        return ask()
    except ClientError as fault:
        error = fault.response["Error"]
    except (ConnectionError, HTTPClientError):
        raise Busy from None
    if error["Code"] in PASSING:
        raise Busy
    reason = LOCKED if error.get("Message") == LOCKED and LOCKED in refusals else error["Code"]
    if reason not in refusals:
        raise RuntimeError(reason)
    raise refusals[reason]()
