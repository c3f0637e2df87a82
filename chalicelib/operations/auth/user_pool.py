"""Accounts in the Cognito user pool, named by the normalised address. The pool sends no e-mails."""

import json
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.addresses import compared
from chalicelib.rules.auth import CodeNeeded, SignedOut, Tokens, TooManyAttempts, WeakPassword, WrongPassword
from chalicelib.rules.refusals import Busy

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

T = TypeVar("T")
LONGEST_NAME = 128
SECOND_FACTOR: Literal["SOFTWARE_TOKEN_MFA"] = "SOFTWARE_TOKEN_MFA"
LOCKED = "Password attempts exceeded"
LOCKED_SECONDS = 60
"""The retry time that we report. The pool locks an account for one second to 15 minutes after wrong passwords, without saying how long."""
PASSING = {"TooManyRequestsException", "LimitExceededException", "InternalErrorException", "ThrottlingException"}
Refusals = Mapping[str, Callable[[], Exception]]

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


class _NoAccount(Exception):
    """No such account. Caught within this module."""


class _AccountExists(Exception):
    """The account exists already. Caught within this module."""


def authenticate(email: str, password: str) -> Tokens:
    """Return the tokens of the account with this password. Raises WrongPassword, TooManyAttempts.

    Raises CodeNeeded if the password is right and the account has a second factor.
    """
    answer = ask(
        lambda: clients.cognito().admin_initiate_auth(
            UserPoolId=config().user_pool,
            ClientId=config().user_pool_client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": account_name(email), "PASSWORD": password},
        ),
        NOT_THEIRS,
    )
    if answer.get("ChallengeName") == SECOND_FACTOR:
        raise CodeNeeded(account_name(email), answer["Session"])
    if "AuthenticationResult" not in answer:
        raise WrongPassword
    return tokens_of(answer["AuthenticationResult"], "")


def renew(refresh_token: str) -> Tokens:
    """Return a new access token. Raises SignedOut."""
    answer = ask(
        lambda: clients.cognito().admin_initiate_auth(
            UserPoolId=config().user_pool,
            ClientId=config().user_pool_client,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        ),
        ENDED,
    )
    return tokens_of(answer["AuthenticationResult"], refresh_token)


def revoke(refresh_token: str) -> None:
    """End the session of this refresh token. Raises SignedOut if it has ended."""
    ask(lambda: clients.cognito().revoke_token(Token=refresh_token, ClientId=config().user_pool_client), ENDED)


def end_sessions_by(access_token: str) -> None:
    """End all sessions of the account that this access token belongs to. The caller has verified the token."""
    _end_sessions(_claims(access_token)["username"])


def end_sessions(email: str) -> None:
    """End all sessions of the account."""
    _end_sessions(account_name(email))


def user_of(email: str) -> str | None:
    """Return the user id of the account with this address, None without one. An account without a password does not count."""
    found = _found(email)
    return found[0] if found and found[1] else None


def sign_up(email: str, password: str) -> str | None:
    """Open an account with this password and return its user id; None if the address has an account. Raises WeakPassword."""
    try:
        ask(
            lambda: clients.cognito().admin_create_user(
                UserPoolId=config().user_pool, Username=account_name(email), MessageAction="SUPPRESS"
            ),
            {"UsernameExistsException": _AccountExists},
        )
    except _AccountExists:
        if user_of(email):
            return None
    set_password(email, password)
    return user_of(email)


def unknown_password() -> str:
    """Return a password that nobody knows."""
    return f"{secrets.token_urlsafe(32)}aA1"


def set_password(email: str, password: str) -> None:
    """Set the account's password for good. Raises WeakPassword."""
    ask(
        lambda: clients.cognito().admin_set_user_password(
            UserPoolId=config().user_pool, Username=account_name(email), Password=password, Permanent=True
        ),
        TOO_WEAK,
    )


def close(email: str) -> None:
    """Delete the account; does nothing if it does not exist."""
    with suppress(_NoAccount):
        ask(
            lambda: clients.cognito().admin_delete_user(UserPoolId=config().user_pool, Username=account_name(email)),
            {"UserNotFoundException": _NoAccount},
        )


def close_user(user: str) -> bool:
    """Delete the account with this id, whatever its address. False if it does not exist."""
    try:
        ask(
            lambda: clients.cognito().admin_delete_user(UserPoolId=config().user_pool, Username=user),
            {"UserNotFoundException": _NoAccount},
        )
    except _NoAccount:
        return False
    return True


def _end_sessions(name: str) -> None:
    with suppress(_NoAccount):
        ask(
            lambda: clients.cognito().admin_user_global_sign_out(UserPoolId=config().user_pool, Username=name),
            {"UserNotFoundException": _NoAccount},
        )


def _found(email: str) -> tuple[str, bool] | None:
    """Return the user's id, and whether a password was ever set."""
    try:
        answer = ask(
            lambda: clients.cognito().admin_get_user(UserPoolId=config().user_pool, Username=account_name(email)),
            {"UserNotFoundException": _NoAccount},
        )
    except _NoAccount:
        return None
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in answer["UserAttributes"]}
    return attributes["sub"], answer["UserStatus"] == "CONFIRMED"


def account_name(email: str) -> str:
    """Return the account's name in the pool: the normalised address, hashed if it has more than 128 characters."""
    name = compared(email)
    return name if len(name) <= LONGEST_NAME else sha256(name.encode()).hexdigest()


def tokens_of(result: "AuthenticationResultTypeTypeDef", refresh_token: str) -> Tokens:
    return Tokens(
        user=_claims(result["AccessToken"])["sub"],
        access_token=result["AccessToken"],
        refresh_token=result.get("RefreshToken", refresh_token),
        expires_in=result["ExpiresIn"],
    )


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a token without verifying it: it comes from the pool or was verified before."""
    claims = token.split(".")[1]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return read


def ask(ask: Callable[[], T], refusals: Refusals) -> T:
    """Call the pool, and raise its errors as the refusals mapped to them. Raises Busy for errors that pass."""
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
