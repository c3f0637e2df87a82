"""The cookies that keep people signed in: an access token, and the refresh token that renews it; and those of a basket and of sign-in.

Over HTTPS their names begin with `__Host-`, which browsers accept only with Secure and Path=/. On loopback HTTP the prefix is
left out, since browsers would reject such cookies there.
"""

from urllib.parse import quote, unquote

from chalicelib.config import config
from chalicelib.rules.auth import CONFIRMATION_LASTS, SignIn
from chalicelib.web.call import Call

ACCESS, RENEWAL, SIGN_UP, BASKET, ADDRESS = "rollbook-access", "rollbook-renewal", "rollbook-sign-up", "rollbook-basket", "rollbook-address"
RENEWABLE_SECONDS = 30 * 24 * 3600
BASKET_SECONDS = 7 * 24 * 3600
ADDRESS_SECONDS = 10 * 60


def tokens_of(call: Call) -> tuple[str, str]:
    """Return the access token and the refresh token from the request's cookies; an empty text for a missing one."""
    return call.cookies.get(_named(ACCESS), ""), call.cookies.get(_named(RENEWAL), "")


def keep(signed_in: SignIn) -> list[str]:
    """Return the Set-Cookie values that store the tokens of a new or renewed sign-in."""
    return [
        _cookie(ACCESS, signed_in.access_token, signed_in.expires_in),
        _cookie(RENEWAL, signed_in.refresh_token, RENEWABLE_SECONDS),
    ]


def drop() -> list[str]:
    """Return the Set-Cookie values that delete both tokens."""
    return [_cookie(ACCESS, "", 0), _cookie(RENEWAL, "", 0)]


def keep_sign_up(token: str) -> list[str]:
    """Return the Set-Cookie value by which this browser proves that it sent a sign-up."""
    return [_cookie(SIGN_UP, token, int(CONFIRMATION_LASTS.total_seconds()))]


def sign_up_token(call: Call) -> str:
    """Return the token of the sign-up that this browser sent last; an empty text without one."""
    return call.cookies.get(_named(SIGN_UP), "")


def keep_basket(org: str, token: str) -> str:
    """Return the Set-Cookie value that keeps a basket at an organisation; an empty token deletes it."""
    return _cookie(f"{BASKET}-{org}", token, BASKET_SECONDS if token else 0)


def basket_token(call: Call, org: str) -> str:
    """Return the token of the basket that this browser keeps; an empty text without one."""
    return call.cookies.get(_named(f"{BASKET}-{org}"), "")


def keep_address(email: str) -> str:
    """Return the Set-Cookie value with the address that may sign in now, for the form. A URL would bring it into logs."""
    return _cookie(ADDRESS, quote(email), ADDRESS_SECONDS)


def address(call: Call) -> str:
    """Return the address that this browser proved some minutes ago; an empty text without one."""
    return unquote(call.cookies.get(_named(ADDRESS), ""))


def _named(name: str) -> str:
    return f"__Host-{name}" if config().over_https else name


def _cookie(name: str, value: str, seconds: int) -> str:
    secure = "; Secure" if config().over_https else ""
    return f"{_named(name)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
