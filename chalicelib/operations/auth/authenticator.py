"""The second factor of accounts in the Cognito user pool: an authenticator app that shows a new code every 30 seconds (TOTP, RFC 6238).

The pool keeps the key, compares the codes, and takes each of them once.
"""

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations.auth.user_pool import LOCKED, LOCKED_SECONDS, SECOND_FACTOR, Refusals, account_name, ask, tokens_of
from chalicelib.rules.auth import SignedOut, Tokens, TooManyAttempts, WrongCode

WRONG: Refusals = {"CodeMismatchException": WrongCode, "EnableSoftwareTokenMFAException": WrongCode, "ExpiredCodeException": WrongCode}
ENDED: Refusals = {
    LOCKED: lambda: TooManyAttempts(LOCKED_SECONDS),
    "NotAuthorizedException": SignedOut,
    "UserNotFoundException": SignedOut,
    "InvalidParameterException": SignedOut,
}


def new_key(access_token: str) -> str:
    """Return a new key (base32) for the authenticator app of the token's user. Raises SignedOut.

    It counts once a code of it is confirmed. The pool may forget an earlier key, so this is for accounts without a second factor.
    """
    return ask(lambda: clients.cognito().associate_software_token(AccessToken=access_token), ENDED)["SecretCode"]


def confirm_key(access_token: str, code: str) -> None:
    """Confirm the newest key with a code of it. It is not asked for at sign-in yet: see `turn_on`. Raises WrongCode, SignedOut."""
    ask(lambda: clients.cognito().verify_software_token(AccessToken=access_token, UserCode=code), {**ENDED, **WRONG})


def turn_on(email: str) -> None:
    """Ask for a code of the confirmed key at every sign-in of the account from now on."""
    _prefer(email, on=True)


def turn_off(email: str) -> None:
    """Ask for the password only."""
    _prefer(email, on=False)


def is_on(email: str) -> bool:
    """Whether the account signs in with a second factor."""
    try:
        found = ask(lambda: clients.cognito().admin_get_user(UserPoolId=config().user_pool, Username=account_name(email)), ENDED)
    except SignedOut:
        return False
    return SECOND_FACTOR in found.get("UserMFASettingList", ())


def answer(name: str, session: str, code: str) -> Tokens:
    """Finish a sign-in that waits for a code. Raises WrongCode, TooManyAttempts, and SignedOut when it no longer waits."""
    found = ask(
        lambda: clients.cognito().admin_respond_to_auth_challenge(
            UserPoolId=config().user_pool,
            ClientId=config().user_pool_client,
            ChallengeName=SECOND_FACTOR,
            Session=session,
            ChallengeResponses={"USERNAME": name, f"{SECOND_FACTOR}_CODE": code},
        ),
        {**ENDED, **WRONG},
    )
    return tokens_of(found["AuthenticationResult"], "")


def _prefer(email: str, *, on: bool) -> None:
    ask(
        lambda: clients.cognito().admin_set_user_mfa_preference(
            UserPoolId=config().user_pool,
            Username=account_name(email),
            SoftwareTokenMfaSettings={"Enabled": on, "PreferredMfa": on},
        ),
        ENDED,
    )
