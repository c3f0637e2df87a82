"""Sign-in, renewal of the access token, and sign-out."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.operations.audit import record_act
from chalicelib.operations.auth import user_pool
from chalicelib.rules.actor import staff_actor
from chalicelib.rules.addresses import compared
from chalicelib.rules.auth import Account, CodeNeeded, SignedOut, SignIn, Tokens, WrongPassword
from chalicelib.tables import customers, keys, memberships, staff, throttle
from chalicelib.tables.actor import acting

MOST_FAILURES, MOST_FAILURES_OF_CLIENT = 10, 50
WITHIN = timedelta(minutes=10)


def sign_in(email: str, password: str, *, source: str, now: datetime) -> SignIn:
    """Sign in with address and password. Raises WrongPassword, TooManyAttempts, and CodeNeeded when the second factor is to follow."""
    return signed_in_as(authenticate(email, password, source=source, now=now), now=now)


def signed_in_as(tokens: Tokens, *, now: datetime) -> SignIn:
    """Return the sign-in that gave these tokens, and record it for the organisations to whose staff the person belongs."""
    signed_in = _as_person(tokens)
    for member in signed_in.person.memberships:
        with acting(staff_actor(member)):
            record_act(member.org, "staff.signed_in", member.user, now=now)
    return signed_in


def refresh(refresh_token: str) -> SignIn:
    """Return a new access token. Raises SignedOut."""
    return _as_person(user_pool.renew(refresh_token))


def sign_out(refresh_token: str) -> None:
    """End the session of this refresh token; does nothing if it has ended. `web.auth` ends its access token."""
    with suppress(SignedOut):
        user_pool.revoke(refresh_token)


def sign_out_everywhere(access_token: str, *, user: str, now: datetime) -> None:
    """End all sessions of the token's user and revoke their access tokens."""
    user_pool.end_sessions_by(access_token)
    end_access(memberships.of_user(user), now=now)


def end_access(person: Account, *, now: datetime) -> None:
    """Revoke the person's access tokens issued before `now`, in every organisation, in their own name."""
    for member in person.memberships:
        with acting(staff_actor(member)):
            staff.end_sessions(member, now=now)
    for customer in person.customers:
        customers.end_sessions(customer, now=now)


def authenticate(email: str, password: str, *, source: str, now: datetime) -> Tokens:
    """Return the tokens of the account with this password. Raises WrongPassword, TooManyAttempts.

    Raises CodeNeeded if the password is right and the account has a second factor.
    An attempt is counted before the password is checked, so that concurrent attempts cannot exceed the limit. Success resets the count.
    Failures of a client with any addresses are counted too: one password tried on many addresses. Then counting a failure decides whether
    it is answered, and an office of people who know their passwords is never refused.
    """
    attempts = keys.throttle("sign-in", source, compared(email))
    check_client(source, now=now)
    throttle.count(attempts, most=MOST_FAILURES, within=WITHIN, now=now)
    try:
        tokens = user_pool.authenticate(email, password)
    except WrongPassword:
        count_failure(source, now=now)
        raise
    except CodeNeeded:
        throttle.forget(attempts)
        raise
    throttle.forget(attempts)
    return tokens


def check_client(source: str, *, now: datetime) -> None:
    """Raise TooManyAttempts when the client has failed too often, with whichever addresses."""
    throttle.check(throttle.find(keys.throttle("sign-in", source)), most=MOST_FAILURES_OF_CLIENT, now=now)


def count_failure(source: str, *, now: datetime) -> None:
    """Count a failure of the client. Raises TooManyAttempts over the limit."""
    throttle.count(keys.throttle("sign-in", source), most=MOST_FAILURES_OF_CLIENT, within=WITHIN, now=now)


def _as_person(tokens: Tokens) -> SignIn:
    return SignIn(
        user=tokens.user,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        person=memberships.of_user(tokens.user),
    )
