"""The second factor of staff: a code of an authenticator app, asked for at sign-in after the password.

It belongs to the account, as the password does, and so to every organisation in which its holder works. A new password leaves it on.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from chalicelib.operations import links
from chalicelib.operations.audit import record_act
from chalicelib.operations.auth import authenticator
from chalicelib.operations.auth.sign_in import MOST_FAILURES, WITHIN, authenticate, check_client, count_failure, signed_in_as
from chalicelib.rules.actor import staff_actor
from chalicelib.rules.auth import CodeNeeded, SecondFactorOn, SecondFactorShared, SignedOut, SignIn, WrongCode
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import keys, staff, throttle
from chalicelib.tables.actor import acting

ISSUER = "Rollbook"


class AuthenticatorKey(NamedTuple):
    """The key of an authenticator app: to type it in, and as the address in a QR code."""

    text: str
    address: str


def sign_in_token(needed: CodeNeeded) -> str:
    """Return the token of a sign-in that waits for its code. Only a right password gets one."""
    return links.SIGN_IN.token(_hidden(needed.name), _hidden(needed.session))


def sign_in_with_code(token: str, code: str, *, source: str, now: datetime) -> SignIn:
    """Finish a sign-in with the code. Raises WrongCode, TooManyAttempts, and SignedOut when it waits no longer, after a few minutes.

    Codes are counted for the account whatever the client, before they are compared: who has got this far knows the password. The
    right one resets the count.
    """
    name, session = _read(token)
    check_client(source, now=now)
    attempts = keys.throttle("sign-in-code", name)
    throttle.count(attempts, most=MOST_FAILURES, within=WITHIN, now=now)
    try:
        tokens = authenticator.answer(name, session, code)
    except WrongCode:
        count_failure(source, now=now)
        raise
    throttle.forget(attempts)
    return signed_in_as(tokens, now=now)


def is_on(member: StaffMember) -> bool:
    """Whether the member signs in with a second factor."""
    return authenticator.is_on(member.email)


def begin(member: StaffMember, password: str, *, access_token: str, source: str, now: datetime) -> AuthenticatorKey:
    """Return a new key for the member's authenticator app, which counts once `finish` has seen a code of it.

    Asks for the password, so that a borrowed browser cannot lock its owner out.
    Raises SecondFactorOn, WrongPassword, TooManyAttempts, SignedOut.
    """
    try:
        authenticate(member.email, password, source=source, now=now)
    except CodeNeeded:
        raise SecondFactorOn from None
    return key_of(member, authenticator.new_key(access_token))


def key_of(member: StaffMember, text: str) -> AuthenticatorKey:
    """Return the key as it is shown."""
    label = quote(f"{ISSUER}:{member.email}", safe="@:")
    return AuthenticatorKey(text, f"otpauth://totp/{label}?secret={text}&issuer={ISSUER}")


def finish(member: StaffMember, code: str, *, access_token: str, now: datetime) -> None:
    """Turn the second factor on with the first code of the new key. Raises WrongCode, TooManyAttempts, SignedOut."""
    attempts = keys.throttle("new-code", member.user)
    throttle.count(attempts, most=MOST_FAILURES, within=WITHIN, now=now)
    authenticator.confirm_key(access_token, code)
    throttle.forget(attempts)
    authenticator.turn_on(member.email)
    _record(member, "staff.second_factor_on", now=now)


def end(member: StaffMember, password: str, *, source: str, now: datetime) -> None:
    """Turn the second factor off. Off already: nothing changes. Raises WrongPassword, TooManyAttempts."""
    try:
        authenticate(member.email, password, source=source, now=now)
    except CodeNeeded:
        authenticator.turn_off(member.email)
        _record(member, "staff.second_factor_off", now=now)


def reset(org: str, user: str, *, now: datetime) -> StaffMember:
    """Turn off the second factor of a member who lost the device, and return the member; they sign in with the password.

    Raises NotFound, also for an invited member; SecondFactorShared for one who works for another organisation too.
    """
    member = staff.get(org, user)
    if member is None or member.status != "active":
        raise NotFound
    if any(other.org != org for other in staff.of_user(user)):
        raise SecondFactorShared
    authenticator.turn_off(member.email)
    record_act(org, "staff.second_factor_reset", user, now=now)
    return member


def _record(member: StaffMember, action: str, *, now: datetime) -> None:
    """Record it for every organisation in which the member works."""
    for one in staff.of_user(member.user):
        with acting(staff_actor(one)):
            record_act(one.org, action, one.user, now=now)


def _read(token: str) -> tuple[str, str]:
    """Return the account's name and the pool's session. Raises SignedOut for a token that is not ours."""
    try:
        name, session = links.SIGN_IN.read(token)
    except NotFound:
        raise SignedOut from None
    return _shown(name), _shown(session)


def _hidden(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _shown(text: str) -> str:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
