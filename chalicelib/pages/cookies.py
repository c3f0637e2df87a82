"""The cookies that keep staff signed in: an access token, and the refresh token that renews it.

Over https their names say `__Host-`, which browsers accept only with Secure and Path=/; on loopback http they would drop it.
"""

from chalicelib.rules.accounts import SignedIn
from chalicelib.settings import settings
from chalicelib.web.call import Call

ACCESS, RENEWAL = "rollbook-access", "rollbook-renewal"
RENEWABLE_SECONDS = 30 * 24 * 3600


def kept(call: Call) -> tuple[str, str]:
    """Return the access token and the refresh token that the browser sent, empty where there is none."""
    return call.cookies.get(_named(ACCESS), ""), call.cookies.get(_named(RENEWAL), "")


def keep(signed_in: SignedIn) -> list[str]:
    """Return what Set-Cookie says after somebody has signed in or was renewed."""
    return [
        _cookie(ACCESS, signed_in.access_token, signed_in.expires_in),
        _cookie(RENEWAL, signed_in.refresh_token, RENEWABLE_SECONDS),
    ]


def drop() -> list[str]:
    """Return what Set-Cookie says after somebody has signed out."""
    return [_cookie(ACCESS, "", 0), _cookie(RENEWAL, "", 0)]


def _named(name: str) -> str:
    return f"__Host-{name}" if settings().over_https else name


def _cookie(name: str, value: str, seconds: int) -> str:
    secure = "; Secure" if settings().over_https else ""
    return f"{_named(name)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
