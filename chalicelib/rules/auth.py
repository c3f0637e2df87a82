"""An account: the address and the password that one person signs in with, at every organisation."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Conflict, Forbidden, Gone, Invalid, TooOften
from chalicelib.rules.translation import N_

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
PASSWORD_RULE = N_("Use at least 10 characters, among them a lower-case letter, a capital letter and a digit; no space at either end.")
GUESSABLE_PASSWORD = N_("This password is easy to guess. Choose a longer one, such as three words that don't belong together.")
MISMATCH = N_("The passwords don't match.")

RESET_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=14)
CONFIRMATION_LASTS = timedelta(days=3)


class WrongPassword(Forbidden):
    """The password does not match the address. An unknown address gets the same answer."""

    code = "wrong_credentials"
    sentence = N_("The address or the password is wrong. Check both, or set a new password.")


class SignedOut(Forbidden):
    code = "signed_out"
    sentence = N_("This sign-in has ended. Sign in again.")


class WeakPassword(Invalid):
    """The user pool refused a password that passed our own check of the password rule."""

    code = "validation_failed"
    sentence = PASSWORD_RULE
    faults = (("/password", "weak_password", PASSWORD_RULE),)


class TooManyAttempts(TooOften):
    code = "too_many_attempts"
    sentence = N_("That was tried too often. Wait a few minutes, then try again.")


class CodeNeeded(Exception):
    """The password is right, and the account has a second factor: the sign-in waits for its code."""

    def __init__(self, name: str, session: str) -> None:
        super().__init__()
        self.name = name
        """The account's name in the pool."""
        self.session = session
        """What the pool knows this sign-in by."""


class WrongCode(Forbidden):
    code = "wrong_code"
    sentence = N_("This code is wrong or has been used. Wait for the next one in your app, then type it.")


class SecondFactorOn(Conflict):
    code = "second_factor_on"
    sentence = N_("Two-step sign-in is on already. Turn it off first to use another phone.")


class SecondFactorShared(Conflict):
    code = "second_factor_shared"
    sentence = N_("This person works for another organisation too. Ask the operator of Rollbook to reset their two-step sign-in.")


class LinkUsed(Gone):
    code = "link_used"
    sentence = N_("This link has been used, withdrawn, or replaced by a newer one. Sign in, or ask for a new link.")


class LinkExpired(Gone):
    code = "link_run_out"
    sentence = N_("This link has run out. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that the user pool issues at sign-in. They are secrets: `repr` leaves them out, so that no log shows them."""

    user: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Account:
    """A person with an account, their staff memberships, and the customers that they are, of any number of organisations."""

    user: str
    memberships: tuple[StaffMember, ...] = ()
    customers: tuple[Customer, ...] = ()

    @property
    def belongings(self) -> tuple[StaffMember | Customer, ...]:
        return (*self.memberships, *self.customers)

    def customer_of(self, org: str) -> Customer | None:
        """Return the id of the person's customer in the organisation, or None."""
        return next((customer for customer in self.customers if customer.org == org), None)


@dataclass(frozen=True, slots=True)
class SignIn(Tokens):
    """The tokens of a new sign-in, with the account."""

    person: Account


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A pending password reset: the link with this nonce sets the user's password once."""

    user: str
    email: str
    """The account's address, confirmed when the account was created. An organisation may keep another address for the same person."""
    nonce: str = field(repr=False)
    runs_out_at: datetime
    portal: str = ""
    """The organisation on whose portal the reset was requested."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """A registration for an organisation's portal whose address is not confirmed yet."""

    org: str
    id: str
    email: str
    name: str
    participants: tuple[Participant, ...]
    locale: str
    password: bytes = field(repr=False)
    """Encrypted; the plain password is stored in no table."""
    runs_out_at: datetime


def strong(password: str) -> bool:
    """Whether the pool will accept the password (the policy of infra/identity.yaml)."""
    kinds = (any("a" <= c <= "z" for c in password), any("A" <= c <= "Z" for c in password), any("0" <= c <= "9" for c in password))
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD and all(kinds) and password == password.strip()
