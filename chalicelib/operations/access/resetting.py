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
            to = _as_noted(person, email)
            _send(
                Reset(user=person.user, email=to, nonce=nonce, portal=portal, runs_out_at=now + RESET_LASTS), _sender(person, portal), now
            )


def reset_of(token: str, *, now: datetime) -> Reset:
    """Return whose password the link sets. Raises NotFound, LinkUsed and LinkRunOut; changes nothing."""
    user, nonce = links.resetting(token)
    return resets.check_reset(user, nonce, now=now)


def reset_password(token: str, password: str, *, now: datetime) -> Person:
    """Set the password, once, end everything that its user is signed in to, and return whose it is.

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
    person = people.of_user(user)
    end_access(person, now=now)
    return person


def _sender(person: Person, portal: str) -> str:
    """Return the organisation that writes to whoever asks: the one they ask on whose pages, else any to which they belong."""
    orgs = [belongs.org for belongs in person.belongings]
    return portal if portal in orgs else orgs[0]


def _as_noted(person: Person, email: str) -> str:
    """Return the address as its owner wrote it, not as somebody typed it who asks for a new password."""
    noted = (belongs.email for belongs in person.belongings)
    return next((written for written in noted if compared(written) == compared(email)), email)


def _send(reset: Reset, org: str, now: datetime) -> None:
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
