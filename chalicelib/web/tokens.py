"""Verification of access tokens, for API and pages: RS256 only, issued by our pool to our client, and not expired."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalicelib.config import config
from chalicelib.web.jwks import keyring
from chalicelib.web.refusals import NotSignedIn

LEEWAY_SECONDS = 5
LONGEST = 8192
NEEDED = ["exp", "iat", "iss", "sub", "token_use", "client_id"]


class TokenHolder(NamedTuple):
    """The user who holds a token, when it was issued, and at which sign-in."""

    user: str
    issued_at: datetime
    sign_in: str
    """The id of the sign-in that the token belongs to, shared by all tokens that renew it."""


def user_of(token: str) -> str:
    """Return the id (`sub`) of the token's user. Raises NotSignedIn, and Busy when the pool's keys cannot be fetched."""
    return holder_of(token).user


def holder_of(token: str) -> TokenHolder:
    """Return the holder of an access token. Raises NotSignedIn, and Busy when the pool's keys cannot be fetched."""
    claims = _claims(token)
    ours = (claims["token_use"], claims["client_id"]) == ("access", config().user_pool_client)
    if not ours or not claims["sub"]:
        raise NotSignedIn
    return TokenHolder(claims["sub"], datetime.fromtimestamp(int(claims["iat"]), UTC), str(claims.get("origin_jti", "")))


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a token with valid signature, issuer and times. Raises NotSignedIn otherwise."""
    import jwt  # imports cryptography, which is too slow for a cold start that may not need it

    if len(token) > LONGEST:
        raise NotSignedIn
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            keyring.key(_key_id(token)),
            algorithms=["RS256"],
            issuer=config().token_issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": NEEDED, "verify_aud": False},
        )
    except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError):
        raise NotSignedIn from None
    return claims


def _key_id(token: str) -> str:
    """Return the key id in the token's header. Raises NotSignedIn for any algorithm but RS256, before a key is fetched."""
    import jwt

    header = jwt.get_unverified_header(token)
    if header.get("alg") != "RS256" or not header.get("kid"):
        raise NotSignedIn
    return str(header["kid"])
