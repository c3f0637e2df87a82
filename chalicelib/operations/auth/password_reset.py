"""Password reset through our own link, sent by our own e-mail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from chalicelib.languages import Locale
from chalicelib.operations import links, messages, public_limits
from chalicelib.operations.auth import user_pool
from chalicelib.operations.auth.sign_in import end_access
from chalicelib.rules.addresses import compared
from chalicelib.rules.auth import RESET_LASTS, Account, PasswordReset, TooManyAttempts
from chalicelib.tables import keys, memberships, organisations, throttle
from chalicelib.tables import password_resets as resets

MOST_RESETS = 5
WITHIN = timedelta(hours=1)
EVEN_SECONDS = 0.4
"""The minimum duration of a request, so that its time does not reveal whether the address has an account."""


def ask_reset(email: str, *, nonce: str, source: str, now: datetime, portal: str = "") -> None:
    """E-mail a reset link if the address has an account. Neither the reply nor its duration reveals whether it has.

    `nonce` is unique to the request. `source` is the client's network address, for which requests are counted. `portal` is the
    organisation on whose pages the request was made, empty for the staff's pages.
    After five requests within an hour, an address gets no more e-mails. Raises TooManyRequests.
    """
    public_limits.count_client("password_reset", source=source, now=now)
    public_limits.count_domain("password_reset", "", email, now=now)
    with _evenly():
        try:
            throttle.count(keys.throttle("reset", compared(email)), most=MOST_RESETS, within=WITHIN, now=now)
        except TooManyAttempts:
            return
        user = user_pool.user_of(email)
        person = memberships.of_user(user) if user else None
        if person and person.belongings:
            to, at = _as_noted(person, email), _portal(person, portal)
            org = at or person.belongings[0].org
            reset = PasswordReset(user=person.user, email=to, nonce=nonce, portal=at, runs_out_at=now + RESET_LASTS)
            send_reset(reset, org, locale=_language(person, at) or organisations.get(org).locale, now=now)


def reset_of(token: str, *, now: datetime) -> PasswordReset:
    """Return the reset that the link belongs to; changes nothing. Raises NotFound, LinkUsed, LinkExpired."""
    user, nonce = links.PASSWORD_RESET.read(token)
    return resets.check_reset(user, nonce, now=now)


def reset_password(token: str, password: str, *, now: datetime) -> None:
    """Set the password and end all sessions of its user. The link works once.

    The link is claimed first, so that of two concurrent requests one succeeds. It can be used again if the password cannot be set.
    Raises NotFound, LinkUsed, LinkExpired, WeakPassword.
    """
    user, nonce = links.PASSWORD_RESET.read(token)
    reset = resets.use_reset(user, nonce, now=now)
    try:
        user_pool.set_password(reset.email, password)
    except Exception:
        resets.reopen_reset(user, nonce)
        raise
    user_pool.end_sessions(reset.email)
    end_access(memberships.of_user(user), now=now)


def _portal(person: Account, portal: str) -> str:
    """Return the organisation whose portal the link opens: the one asked from, or any for a customer; empty for staff."""
    if person.customer_of(portal):
        return portal
    return "" if person.memberships else person.customers[0].org


def _language(person: Account, portal: str) -> Locale | None:
    """Return the language that a member of staff chose; None without a choice, and for a customer's link."""
    return None if portal else next((member.language for member in person.memberships if member.language), None)


def _as_noted(person: Account, email: str) -> str:
    """Return the address as stored, since the request may have been typed by somebody else."""
    noted = (belongs.email for belongs in person.belongings)
    return next((written for written in noted if compared(written) == compared(email)), email)


def send_reset(reset: PasswordReset, org: str, *, locale: str, now: datetime) -> None:
    """Send the link in the organisation's name. It replaces earlier ones of the user."""
    resets.open_reset(reset)
    messages.queue(
        kind="password_reset",
        org=org,
        to=reset.email,
        locale=locale,
        data={"user": reset.user, "nonce": reset.nonce},
        key=f"{reset.user}#{reset.nonce}",
        now=now,
    )


@contextmanager
def _evenly() -> Iterator[None]:
    until = time.monotonic() + EVEN_SECONDS
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))
