"""The second factor of MiniStack's user pools, as strict as Amazon Cognito's.

A code is taken only for a sign-in whose password was right, within minutes, and once · a key without a valid access token is refused ·
confirming a key does not turn the second factor on, and nothing turns it on without a confirmed key.
tests/infra/local/test_second_factor.py tests each of these.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ministack.services import cognito

KIND = "SOFTWARE_TOKEN_MFA"
STEP_SECONDS = 30
VALID_SECONDS = 300
"""AuthSessionValidity in infra/identity.yaml."""

Response = tuple[Any, ...]
Handler = Callable[[dict[str, Any]], Response]


class Waiting(NamedTuple):
    """A sign-in that waits for its code."""

    pool: str
    user: str
    until: float


_waiting: dict[str, Waiting] = {}
_used: dict[str, tuple[str, int]] = {}
"""By user, the last code that was taken, and the 30 seconds in which it was."""


def be_strict() -> None:
    """Replace MiniStack's functions."""
    _remember_challenges()
    for name in ("_admin_respond_to_auth_challenge", "_respond_to_auth_challenge"):
        setattr(cognito, name, _checking_session(getattr(cognito, name)))
    _ask_for_a_token()
    _confirm_without_turning_on()
    _turn_on_confirmed_keys_only()


def _remember_challenges() -> None:
    challenge_of = cognito._mfa_challenge_for_user

    def challenge(pool: dict[str, Any], user: dict[str, Any], pool_id: str, username: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = challenge_of(pool, user, pool_id, username)
        if found:
            _waiting[found["Session"]] = Waiting(pool_id, user["Username"].lower(), time.time() + VALID_SECONDS)
        return found

    cognito._mfa_challenge_for_user = challenge


def _checking_session(respond: Handler) -> Handler:
    def checked(data: dict[str, Any]) -> Response:
        if data.get("ChallengeName") != KIND:
            return respond(data)
        session, given = data.get("Session", ""), data.get("ChallengeResponses", {})
        waiting, user = _waiting.get(session), str(given.get("USERNAME", "")).lower()
        if waiting is None or waiting.until < time.time() or waiting.user != user:
            return _refused("NotAuthorizedException", "Invalid session for the user.")
        if _is_used(user, given.get(f"{KIND}_CODE", "")):
            return _refused("ExpiredCodeException", "Your software token has already been used once.")
        response = respond(data)
        if response[0] == 200:
            del _waiting[session]
            _used[user] = given[f"{KIND}_CODE"], int(time.time() // STEP_SECONDS)
        return response

    return checked


def _is_used(user: str, code: str) -> bool:
    last, step = _used.get(user, ("", 0))
    return last == code and time.time() // STEP_SECONDS - step <= 2


def _ask_for_a_token() -> None:
    associate = cognito._associate_software_token

    def checked(data: dict[str, Any]) -> Response:
        if _holder(data) is None:
            return _refused("NotAuthorizedException", "Invalid Access Token")
        response: Response = associate(data)
        return response

    cognito._associate_software_token = checked


def _confirm_without_turning_on() -> None:
    verify = cognito._verify_software_token

    def confirm(data: dict[str, Any]) -> Response:
        user = _holder(data)
        if user is None:
            return _refused("NotAuthorizedException", "Invalid Access Token")
        before = list(user.get("_mfa_enabled", ())), user.get("_preferred_mfa", "")
        response: Response = verify(data)
        user["_mfa_enabled"], user["_preferred_mfa"] = before
        return response

    cognito._verify_software_token = confirm


def _turn_on_confirmed_keys_only() -> None:
    prefer = cognito._apply_mfa_preference
    for name in ("_admin_set_user_mfa_preference", "_set_user_mfa_preference"):
        setattr(cognito, name, _refusing_unconfirmed(getattr(cognito, name)))

    def checked(user: dict[str, Any], data: dict[str, Any]) -> None:
        if data.get("SoftwareTokenMfaSettings", {}).get("Enabled") and not user.get("_totp_secret"):
            raise _Unconfirmed
        prefer(user, data)

    cognito._apply_mfa_preference = checked


def _holder(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the user of the request's access token. The request is not signed, so the token decides whose pool it is about."""
    token = data.get("AccessToken")
    pool = str(cognito._token_claims(token).get("iss", "")).rpartition("/")[2]
    if cognito._get_pool_unscoped(pool) is None:
        return None
    found: dict[str, Any] | None = cognito._user_for_access_token(token)
    return found


class _Unconfirmed(Exception):
    """The user has confirmed no key. Caught within this module."""


def _refusing_unconfirmed(prefer: Handler) -> Handler:
    def checked(data: dict[str, Any]) -> Response:
        try:
            return prefer(data)
        except _Unconfirmed:
            return _refused("InvalidParameterException", "User has not verified software token mfa")

    return checked


def _refused(code: str, message: str) -> Response:
    response: Response = cognito.error_response_json(code, message, 400)
    return response
