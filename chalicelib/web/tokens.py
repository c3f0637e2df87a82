"""Access tokens, verified in this one place, for API and pages: RS256 only, our pool, our client, an access token, not run out."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalicelib.settings import settings
from chalicelib.web.keyring import keyring
from chalicelib.web.refusals import NotSignedIn

LEEWAY_SECONDS = 5
LONGEST = 8192
NEEDED = ["exp", "iat", "iss", "sub", "token_use", "client_id"]


class Holder(NamedTuple):
    """Whose token it is, and since when."""

    user: str
    issued_at: datetime


def user_of(token: str) -> str:
    """Return the id (`sub`) of the user whose access token this is, or NotSignedIn."""
    return holder_of(token).user


def holder_of(token: str) -> Holder:
    """Return whose access token this is. Raises NotSignedIn, and Busy when the pool's keys cannot be had."""
    claims = _claims(token)
    ours = (claims["token_use"], claims["client_id"]) == ("access", settings().user_pool_client)
    if not ours or not claims["sub"]:
        raise NotSignedIn
    return Holder(claims["sub"], datetime.fromtimestamp(int(claims["iat"]), UTC))


def _claims(token: str) -> dict[str, Any]:
    """Return what a token says whose signature, issuer and times are right."""
    import jwt  # brings cryptography along: too slow for a cold start that may not need it

    if len(token) > LONGEST:
        raise NotSignedIn
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            keyring.key(_key_id(token)),
            algorithms=["RS256"],
            issuer=settings().token_issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": NEEDED, "verify_aud": False},
        )
    except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError):
        raise NotSignedIn from None
    return claims


def _key_id(token: str) -> str:
    """Return which key is said to have signed it. Another algorithm is refused before any key is looked for."""
    import jwt

    header = jwt.get_unverified_header(token)
    if header.get("alg") != "RS256" or not header.get("kid"):
        raise NotSignedIn
    return str(header["kid"])
