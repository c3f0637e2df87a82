"""Public sign-up for an organisation's portal: the address is confirmed first, then the account and the customer are created.

No account is read before the address is confirmed, so neither the reply nor its duration reveals whether one exists.
An existing account keeps its password, whatever was typed in the sign-up form.
"""

import hmac
from dataclasses import replace
from datetime import datetime

from chalicelib.operations import links, messages, public_limits
from chalicelib.operations.auth import user_pool
from chalicelib.operations.auth.password_reset import send_reset
from chalicelib.operations.customers.history import has_history
from chalicelib.operations.identity import derived
from chalicelib.operations.quotas import beyond_quota
from chalicelib.rules.addresses import compared
from chalicelib.rules.auth import CONFIRMATION_LASTS, RESET_LASTS, PasswordReset, SignUp
from chalicelib.rules.customers import MOST_PARTICIPANTS, Customer, CustomerExists, with_new_participants
from chalicelib.rules.inputs.auth import SignUpInput
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables import customers, organisations, sign_ups
from chalicelib.tables.encryption import decrypt, encrypt

ATTEMPTS = 5
ID_LENGTH = 26


def begin_sign_up(org: str, draft: SignUpInput, *, locale: str, key: str, source: str, now: datetime) -> str:
    """E-mail a link that confirms the address, and return the token for the browser. Nothing reveals whether the address is known.

    A retry with the same key sends nothing new. `source` is the client's network address, for which requests are counted. After five
    requests within an hour, a mailbox gets no more e-mails, which is not revealed either.
    Raises NotFound for an unknown organisation, BookingsPaused, TooManyRequests.
    """
    check_takes_bookings(organisations.get(org))
    public_limits.count_client("sign_up", source=source, now=now)
    public_limits.count_domain("sign_up", org, draft.email, now=now)
    try:
        public_limits.count_mailbox("sign_up", org, draft.email, now=now)
    except TooManyRequests:
        return browser_token(org, _id(org, key))
    sign_up = _sign_up(org, draft, locale=locale, key=key, now=now)
    sign_ups.add(sign_up)
    messages.queue(
        kind="address_confirmation", org=org, to=draft.email, locale=locale, data={"joining": sign_up.id}, key=sign_up.id, now=now
    )
    return browser_token(org, sign_up.id)


def pending_sign_up(token: str, *, now: datetime) -> SignUp:
    """Return the sign-up that the link confirms; changes nothing. Raises NotFound, LinkUsed, LinkExpired."""
    org, id = links.CONFIRMATION.read(token)
    return sign_ups.get(org, id, now=now)


def is_from_browser(token: str, browser: str) -> bool:
    """Whether this browser sent the sign-up that the link confirms, by the token that it was given then."""
    return hmac.compare_digest(browser.encode(), browser_token(*links.CONFIRMATION.read(token)).encode())


def browser_token(org: str, id: str) -> str:
    """Return what a browser keeps to prove later that the sign-up's password was typed there."""
    return links.SIGN_UP_BROWSER.token(org, id)


def is_typed_password(sign_up: SignUp, password: str) -> bool:
    """Whether this is the password that was typed at sign-up."""
    return hmac.compare_digest(password.encode(), typed_password(sign_up).encode())


def typed_password(sign_up: SignUp) -> str:
    """Return the password that was typed at sign-up. Only the browser that sent it may use it without repeating it."""
    return decrypt(sign_up.password, of=sign_up.id)


def confirm(token: str, *, password: str = "", now: datetime) -> Customer:
    """Create the account and the accepted customer, and return the customer. Raises NotFound, LinkUsed, LinkExpired, WeakPassword, Busy.

    Anybody can sign up with somebody else's address. So the password comes from the person who opens the link. Without one, the password
    typed at sign-up is set, but not for a customer who has something to read: that account gets its password by a reset link to the
    address. The link is used up last, so that opening it again completes a sign-up that failed halfway.
    """
    sign_up = pending_sign_up(token, now=now)
    user = _new_account(sign_up, password, now=now) or user_pool.user_of(sign_up.email)
    if user is None:
        raise Busy
    customer = _save_customer(sign_up, user, now=now)
    sign_ups.finish(sign_up)
    return customer


def _new_account(sign_up: SignUp, password: str, *, now: datetime) -> str | None:
    """Create the account and return its user; None if the address has one. Raises WeakPassword."""
    if password or not _has_something_to_read(sign_up):
        return user_pool.sign_up(sign_up.email, password or typed_password(sign_up))
    user = user_pool.sign_up(sign_up.email, user_pool.unknown_password())
    if user:
        reset = PasswordReset(user, sign_up.email, derived("first password", sign_up.id), now + RESET_LASTS, portal=sign_up.org)
        send_reset(reset, sign_up.org, locale=sign_up.locale, now=now)
    return user


def _has_something_to_read(sign_up: SignUp) -> bool:
    """Whether the address is that of a customer whose account would show participants or history."""
    known = customers.of_address(sign_up.org, sign_up.email)
    if known is None:
        return False
    return bool(known.participants) or any(has_history(sign_up.org, email) for email in customers.addresses(known))


def _sign_up(org: str, draft: SignUpInput, *, locale: str, key: str, now: datetime) -> SignUp:
    id = _id(org, key)
    return SignUp(
        org=org,
        id=id,
        email=draft.email,
        name=draft.name,
        participants=tuple(child.participant() for child in draft.participants),
        locale=locale,
        password=encrypt(draft.password, of=id),
        runs_out_at=now + CONFIRMATION_LASTS,
    )


def _id(org: str, key: str) -> str:
    return derived("joining", org, key, length=ID_LENGTH)


def _save_customer(sign_up: SignUp, user: str, *, now: datetime) -> Customer:
    """Create the customer of the confirmed address, or add the new participants to an existing one."""
    for _ in range(ATTEMPTS):
        try:
            return _accept(sign_up, customers.of_address(sign_up.org, sign_up.email), user, now=now)
        except (ChangedMeanwhile, CustomerExists):
            continue
    raise Busy


def _accept(sign_up: SignUp, known: Customer | None, user: str, *, now: datetime) -> Customer:
    if known is None:
        made = _customer(sign_up, user, now=now)
        beyond_quota(made.org, "customers", lambda beside: customers.create(made, beside))
        return made
    noted = with_new_participants(known, sign_up.participants)[:MOST_PARTICIPANTS]
    if noted != known.participants:
        known = customers.save(replace(known, participants=noted), was=known)
    if (known.status, known.user) == ("accepted", user) or _another_account_of(known, sign_up):
        return known
    return customers.accept(known, user)


def _another_account_of(known: Customer, sign_up: SignUp) -> bool:
    """Whether the address is a secondary one of a customer whose account has the main address."""
    return bool(known.user) and compared(known.email) != compared(sign_up.email)


def _customer(sign_up: SignUp, user: str, *, now: datetime) -> Customer:
    return Customer(
        org=sign_up.org,
        id=derived("customer", sign_up.org, sign_up.id),
        email=sign_up.email,
        name=sign_up.name,
        created_at=now,
        participants=sign_up.participants,
        status="accepted",
        user=user,
    )
