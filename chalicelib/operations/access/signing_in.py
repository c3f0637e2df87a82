"""Sign in, stay signed in, sign out."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.operations.access import accounts
from chalicelib.rules.accounts import Person, SignedIn, SignedOut, Tokens
from chalicelib.rules.addresses import compared
from chalicelib.tables import customers, keys, members, people, throttles

MOST_FAILURES = 10
WITHIN = timedelta(minutes=10)


def sign_in(email: str, password: str, *, source: str, now: datetime) -> SignedIn:
    """Sign in with address and password. Raises WrongPassword and TooManyAttempts."""
    return _as_person(authenticate(email, password, source=source, now=now))


def refresh(refresh_token: str) -> SignedIn:
    """Return a new access token, or SignedOut."""
    return _as_person(accounts.renew(refresh_token))


def sign_out(refresh_token: str) -> None:
    """End what this refresh token continues; ended already is just as well. Its access token runs out by itself."""
    with suppress(SignedOut):
        accounts.revoke(refresh_token)


def sign_out_everywhere(access_token: str, *, user: str, now: datetime) -> None:
    """End everything that the user whose token this is is signed in to, access tokens included."""
    accounts.end_sessions_by(access_token)
    end_access(people.of_user(user), now=now)


def end_access(person: Person, *, now: datetime) -> None:
    """Let the person's access tokens of before this moment count no more, wherever they belong."""
    for member in person.memberships:
        members.end_sessions(member, now=now)
    for customer in person.customers:
        customers.end_sessions(customer, now=now)


def authenticate(email: str, password: str, *, source: str, now: datetime) -> Tokens:
    """Return the tokens of whoever knows the password.

    An attempt is counted before it is made, so that many at once cannot slip past the limit; who knows the password begins anew.
    """
    attempts = keys.throttle("sign-in", source, compared(email))
    throttles.count(attempts, most=MOST_FAILURES, within=WITHIN, now=now)
    tokens = accounts.authenticate(email, password)
    throttles.forget(attempts)
    return tokens


def _as_person(tokens: Tokens) -> SignedIn:
    return SignedIn(
        user=tokens.user,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        person=people.of_user(tokens.user),
    )
