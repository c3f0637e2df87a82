"""An account: an address and a password that one person signs in with, whatever the organisations."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import Refusal, marked

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
PASSWORD_RULE = marked("Use at least 10 characters, among them a lower-case letter, a capital letter and a digit; no space at either end.")
MISMATCH = marked("This differs from the password above. Type the same password twice.")

RESET_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=14)
CONFIRMATION_LASTS = timedelta(days=3)


class WrongPassword(Refusal):
    """The address and the password do not belong together; an unknown address looks just the same."""

    code = "wrong_credentials"
    sentence = marked("The address or the password is wrong. Check both, or set a new password.")


class SignedOut(Refusal):
    code = "signed_out"
    sentence = marked("This sign-in has ended. Sign in again.")


class WeakPassword(Refusal):
    """The pool refuses the password, although our own reading of its rule let it pass."""

    code = "validation_failed"
    sentence = PASSWORD_RULE


class TooManyAttempts(Refusal):
    code = "too_many_attempts"
    sentence = marked("That was tried too often. Wait a few minutes, then try again.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


class LinkUsed(Refusal):
    code = "link_used"
    sentence = marked("This link has been used, withdrawn, or replaced by a newer one. Sign in, or ask for a new link.")


class LinkRunOut(Refusal):
    code = "link_run_out"
    sentence = marked("This link has run out. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the pool gives to somebody who signs in: secrets, which never show in a log."""

    user: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, and where they belong: to the staff of some organisations, to the customers of others."""

    user: str
    memberships: tuple[Member, ...] = ()
    customers: tuple[Customer, ...] = ()

    @property
    def belongings(self) -> tuple[Member | Customer, ...]:
        return (*self.memberships, *self.customers)

    def customer_of(self, org: str) -> Customer | None:
        """Return the customer that this person is of an organisation."""
        return next((customer for customer in self.customers if customer.org == org), None)


@dataclass(frozen=True, slots=True)
class SignedIn(Tokens):
    """Somebody who has just signed in."""

    person: Person


@dataclass(frozen=True, slots=True)
class Reset:
    """A password may be set anew for this user, once, by the link that carries this nonce."""

    user: str
    email: str
    """The account's address, which proved itself when the account was made: what an organisation notes of somebody may be another."""
    nonce: str = field(repr=False)
    runs_out_at: datetime
    portal: str = ""
    """The organisation on whose pages it was asked for."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody has registered for an organisation's portal and has yet to confirm the address."""

    org: str
    id: str
    email: str
    name: str
    participants: tuple[Participant, ...]
    locale: str
    password: bytes = field(repr=False)
    """Sealed: what it was made from is in no table."""
    runs_out_at: datetime


def strong(password: str) -> bool:
    """Whether the pool will accept the password (the policy of infra/identity.yaml)."""
    kinds = (any("a" <= c <= "z" for c in password), any("A" <= c <= "Z" for c in password), any("0" <= c <= "9" for c in password))
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD and all(kinds) and password == password.strip()
