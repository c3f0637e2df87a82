"""Access tokens, verified in this one place, for API and pages: RS256 only, our pool, our client, an access token, not run out."""

import json
import time
import urllib.request
from functools import cache
from typing import Any

from chalicelib.settings import settings
from chalicelib.web.refusals import NotSignedIn

KEYS_KEPT_SECONDS = 3600
LEEWAY_SECONDS = 5
PATIENCE_SECONDS = 3


def user_of(token: str) -> str:
    """Return the id (`sub`) of the user whose access token this is, or NotSignedIn."""
    import jwt  # brings cryptography along: too slow for a cold start that may not need it

    try:
        key = _key(jwt.get_unverified_header(token).get("kid", ""))
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=settings().token_issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "sub", "token_use", "client_id"], "verify_aud": False},
        )
    except (jwt.InvalidTokenError, ValueError):
        raise NotSignedIn from None
    if claims["token_use"] != "access" or claims["client_id"] != settings().user_pool_client:
        raise NotSignedIn
    return str(claims["sub"])


def _key(key_id: str) -> Any:
    found = _keys(int(time.monotonic() // KEYS_KEPT_SECONDS)).get(key_id)
    if found is None:
        raise NotSignedIn
    return found


@cache
def _keys(_hour: int) -> dict[str, Any]:
    """Return the pool's public keys by id."""
    from jwt import PyJWK

    with urllib.request.urlopen(f"{settings().token_issuer}/.well-known/jwks.json", timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
        published = json.load(answer)["keys"]
    return {entry["kid"]: PyJWK(entry, algorithm="RS256").key for entry in published}
