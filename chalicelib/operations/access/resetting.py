"""A forgotten password: our own link, by our own e-mail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from chalicelib.operations import links, messages
from chalicelib.operations.access import accounts
from chalicelib.operations.access.signing_in import end_access
from chalicelib.rules.accounts import RESET_LASTS, LinkUsed, Reset, TooManyAttempts
from chalicelib.rules.addresses import compared
from chalicelib.rules.organisations import Member
from chalicelib.tables import accounts as resets
from chalicelib.tables import keys, members, organisations, throttles

MOST_ASKED = 5
WITHIN = timedelta(hours=1)
EVEN_SECONDS = 0.4
"""How long asking takes at least, so that the time does not tell whether the address is known."""


def ask_reset(email: str, *, nonce: str, now: datetime) -> None:
    """Send a link to a new password if the address has an account; whoever asks cannot tell. `nonce` is new for each asking."""
    with _evenly():
        try:
            throttles.count(keys.throttle("reset", compared(email)), most=MOST_ASKED, within=WITHIN, now=now)
        except TooManyAttempts:
            return
        user = accounts.user_of(email)
        memberships = members.of_user(user) if user else []
        if memberships:
            _send(memberships[0], nonce, now)


def reset_of(token: str, *, now: datetime) -> str:
    """Return the user whose password the link sets. Raises NotFound, LinkUsed and LinkRunOut; changes nothing."""
    user, nonce = links.resetting(token)
    resets.check_reset(user, nonce, now=now)
    return user


def reset_password(token: str, password: str, *, now: datetime) -> None:
    """Set the password, once, and end everything that its user is signed in to. Raises NotFound, LinkUsed, LinkRunOut and WeakPassword.

    The link is taken first, so that only one can use it, and given back when the password could not be set.
    """
    user, nonce = links.resetting(token)
    memberships = members.of_user(user)
    if not memberships:
        raise LinkUsed
    resets.use_reset(user, nonce, now=now)
    try:
        accounts.set_password(memberships[0].email, password)
    except Exception:
        resets.give_back_reset(user, nonce)
        raise
    accounts.end_sessions(memberships[0].email)
    end_access(memberships, now=now)


def _send(member: Member, nonce: str, now: datetime) -> None:
    resets.open_reset(Reset(user=member.user, nonce=nonce, runs_out_at=now + RESET_LASTS))
    messages.queue(
        kind="password_reset",
        org=member.org,
        to=member.email,
        locale=organisations.get(member.org).locale,
        data={"user": member.user, "nonce": nonce},
        key=f"{member.user}#{nonce}",
        now=now,
    )


@contextmanager
def _evenly() -> Iterator[None]:
    until = time.monotonic() + EVEN_SECONDS
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))
