"""A forgotten password: our own link, by our own e-mail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from chalicelib.operations import links, messages
from chalicelib.operations.access import accounts
from chalicelib.operations.access.signing_in import end_access
from chalicelib.rules.accounts import RESET_LASTS, Person, Reset, TooManyAttempts
from chalicelib.rules.addresses import compared
from chalicelib.tables import accounts as resets
from chalicelib.tables import keys, organisations, people, throttles

MOST_ASKED = 5
WITHIN = timedelta(hours=1)
EVEN_SECONDS = 0.4
"""How long asking takes at least, so that the time does not tell whether the address is known."""


def ask_reset(email: str, *, nonce: str, now: datetime, portal: str = "") -> None:
    """Send a link to a new password if the address has an account; whoever asks cannot tell.

    `nonce` is new for each asking, `portal` the organisation on whose pages somebody asks.
    """
    with _evenly():
        try:
            throttles.count(keys.throttle("reset", compared(email)), most=MOST_ASKED, within=WITHIN, now=now)
        except TooManyAttempts:
            return
        user = accounts.user_of(email)
        person = people.of_user(user) if user else None
        if person and person.belongings:
            to, at = _as_noted(person, email), _portal(person, portal)
            _send(Reset(user=person.user, email=to, nonce=nonce, portal=at, runs_out_at=now + RESET_LASTS), person, now)


def reset_of(token: str, *, now: datetime) -> Reset:
    """Return whose password the link sets. Raises NotFound, LinkUsed and LinkRunOut; changes nothing."""
    user, nonce = links.resetting(token)
    return resets.check_reset(user, nonce, now=now)


def reset_password(token: str, password: str, *, now: datetime) -> None:
    """Set the password, once, and end everything that its user is signed in to.

    The link is taken first, so that only one can use it, and given back when the password could not be set.
    Raises NotFound, LinkUsed, LinkRunOut and WeakPassword.
    """
    user, nonce = links.resetting(token)
    reset = resets.use_reset(user, nonce, now=now)
    try:
        accounts.set_password(reset.email, password)
    except Exception:
        resets.give_back_reset(user, nonce)
        raise
    accounts.end_sessions(reset.email)
    end_access(people.of_user(user), now=now)


def _portal(person: Person, asked: str) -> str:
    """Return the organisation in whose portal the password is set: that on whose pages somebody asks, or any for who is no staff."""
    if person.customer_of(asked):
        return asked
    return "" if person.memberships else person.customers[0].org


def _as_noted(person: Person, email: str) -> str:
    """Return the address as its owner wrote it, not as somebody typed it who asks for a new password."""
    noted = (belongs.email for belongs in person.belongings)
    return next((written for written in noted if compared(written) == compared(email)), email)


def _send(reset: Reset, person: Person, now: datetime) -> None:
    org = reset.portal or person.belongings[0].org
    resets.open_reset(reset)
    messages.queue(
        kind="password_reset",
        org=org,
        to=reset.email,
        locale=organisations.get(org).locale,
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
