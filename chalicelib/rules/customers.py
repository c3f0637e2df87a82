"""A customer: a person that the organisation knows, one for each address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib.rules.refusals import Conflict, Gone, NotFound
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.rules.text import without_accents, words
from chalicelib.rules.translation import N_

PortalStatus = Literal["added", "invited", "accepted"]

MOST_PARTICIPANTS = 50
"""A customer's row stays far below DynamoDB's 400 KB."""


class CustomerExists(Conflict):
    """One customer for each address."""

    code = "customer_exists"
    sentence = N_("There is a customer with this address already. Open that one instead of making another.")

    def __init__(self, customer: str) -> None:
        self.customer = customer


class CustomerMerged(Gone):
    """The customer was merged into another."""

    code = "customer_merged"
    sentence = N_("This customer was merged into another one. Open that one instead.")

    def __init__(self, customer: str) -> None:
        self.customer = customer


class CustomerInUse(Conflict):
    """The customer has a registration, an invitation or a waitlist entry. History is never deleted."""

    code = "customer_in_use"
    sentence = N_("This customer was registered or invited, so the history stays. Erase the customer's data instead.")


class AddressComplained(Conflict):
    """The owner of the address marked an e-mail as spam. Staff cannot overrule that."""

    code = "complained"
    sentence = N_("E-mails to this address were marked as spam, so it gets no more. Ask the customer for another address.")


class NotACustomer(NotFound):
    """The signed-in person asks for their portal account, but is no customer of this organisation."""

    sentence = N_("Your account does not belong to this organisation yet. Register to add it; your password stays the same.")


@dataclass(frozen=True, slots=True)
class Participant:
    """A person for whom a customer books, usually a child."""

    name: str
    date_of_birth: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    org: str
    id: str
    email: str
    name: str
    created_at: datetime
    phone: str = ""
    participants: tuple[Participant, ...] = ()
    groups: tuple[str, ...] = ()
    """The ids of the groups that it belongs to."""
    fields: tuple[tuple[str, str], ...] = ()
    """The organisation's custom fields: name and value."""
    addresses: tuple[str, ...] = ()
    """Further and former addresses, latest last. Their bookings are the customer's history, unless another customer has the address now."""
    status: PortalStatus = "added"
    unconfirmed: bool = False
    """Whether all that is known came from a public form: neither staff nor the owner of the address has confirmed any of it."""
    user: str = ""
    """The account with which it signs in to the portal."""
    link_version: int = 0
    """Of the portal invitation's link: a newer one kills the older."""
    invitations: int = 0
    """How many portal invitations and reminders were sent since it was first invited."""
    invited_at: datetime | None = None
    """When the last one was sent."""
    asked_at: datetime | None = None
    """When staff's latest invitation was sent: reminders count from it."""
    remind_at: datetime | None = None
    """When the schedule reminds it, if it has not accepted by then."""
    tokens_valid_from: datetime | None = None
    """Access tokens of before this moment count no more."""
    feed_version: int = 0
    """Of the calendar feed's URL: a newer one kills the older."""
    version: int = 1


SEPARATOR = "|"
"""Marks the beginning of a word in the searched text, and the end of the one before."""
END = "$"
"""Marks the end of a telephone number in it."""
MOST_WORDS = 10
MOST_INDEXED = 28
"""A customer is found by so many of the words that `search_text` returns: name, participants, addresses. They are written in one
transaction of at most 100 rows, and an edit replaces them."""
FEWEST_DIGITS, COMPARED_DIGITS = 4, 9
"""A query of so many digits is a telephone number, compared by its last ones: countries and leading zeros are typed in many ways."""
TELEPHONE = re.compile(r"[\d\s+()/.-]+")
APOSTROPHES = re.compile("['’ʼ`´]")


def search_text(customer: Customer) -> str:
    """Return the text that a search runs over: the words of names and addresses, and the digits of the telephone number.

    Names with an apostrophe are also found without it: O’Brien by brien and by obrien.
    """
    names = (customer.name, *(participant.name for participant in customer.participants))
    texts = (*names, *(APOSTROPHES.sub("", name) for name in names), customer.email, *customer.addresses)
    found = dict.fromkeys(word for text in texts for word in words(text))
    digits = _digits(customer.phone)
    return SEPARATOR.join(("", *found, *([f"{digits}{END}"] if digits else []), ""))


def search_prefixes(q: str) -> list[str]:
    """Return the substrings that `search_text` must all contain: the end of a telephone number, or else the beginnings of words."""
    digits = _digits(q)
    return [f"{digits.lstrip('0')[-COMPARED_DIGITS:]}{END}"] if is_telephone(q) else word_prefixes(q)


def is_telephone(q: str) -> bool:
    """Whether a query is taken for a telephone number. Names and addresses may have such words too."""
    return len(_digits(q)) >= FEWEST_DIGITS and TELEPHONE.fullmatch(q.strip()) is not None


def word_prefixes(q: str) -> list[str]:
    """Return the beginnings of words that `search_text` must all contain.

    The last word of each blank-separated part is a beginning; words before it, as in an address, are whole.
    """
    parts = filter(None, (words(part) for part in q.split()))
    found: list[str] = []
    for *whole, beginning in parts:
        found += [*(f"{SEPARATOR}{word}{SEPARATOR}" for word in whole), f"{SEPARATOR}{beginning}"]
    return found[:MOST_WORDS]


def index_words(text: str) -> list[str]:
    """Return what leads to the customer of a searched text, at most `MOST_INDEXED`: the telephone number backwards, and the words."""
    found = [word for word in text.split(SEPARATOR) if word]
    telephone = [_backwards(word) for word in found if word.endswith(END)]
    return [*telephone, *(word for word in found if not word.endswith(END))][:MOST_INDEXED]


def index_prefix(prefixes: list[str]) -> str:
    """Return the most selective beginning of a word among what `search_prefixes` returned; it ends with `SEPARATOR` if the word is whole.

    Of an address that is the first word before the @: many addresses share a domain.
    """
    whole = [prefix for prefix in prefixes if prefix.endswith((SEPARATOR, END))]
    found = whole[0] if whole else max(prefixes, key=len)
    return _backwards(found) if found.endswith(END) else found.removeprefix(SEPARATOR)


def _backwards(telephone: str) -> str:
    """Return the compared digits from the last to the first, so that an ending is a beginning."""
    return END + telephone.removesuffix(END)[-COMPARED_DIGITS:][::-1]


def whole_prefixes(q: str) -> list[str]:
    """Return the blank-separated parts of a query, each as the beginning of an identifier, address or word."""
    return [f"{SEPARATOR}{part}" for part in without_accents(q).replace(SEPARATOR, " ").split()[:MOST_WORDS]]


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())


def with_new_participants(customer: Customer, named: Iterable[Participant]) -> tuple[Participant, ...]:
    """Return the customer's participants, followed by the named ones who are new. A date of birth that was missing is noted."""
    named = list(named)
    born = {same_participant(one.name): one.date_of_birth for one in named if one.date_of_birth}
    noted = [replace(one, date_of_birth=one.date_of_birth or born.get(same_participant(one.name), "")) for one in customer.participants]
    known = {same_participant(participant.name) for participant in customer.participants}
    more: list[Participant] = []
    for participant in named:
        if same_participant(participant.name) not in known:
            known.add(same_participant(participant.name))
            more.append(participant)
    return (*noted, *more)


def known_name(known: Customer | None) -> str:
    """Return the name by which an e-mail may greet an address; empty if only a public form has named it."""
    return "" if known is None or known.unconfirmed else known.name


def with_known_names(registration: Registration, known: Customer | None) -> Registration:
    """Return the registration with only those names from a public form that the customer already has, for e-mails.

    Otherwise a stranger could type another person's address and send text to it in the organisation's name.
    """
    if registration.is_vouched_for:
        return registration
    children = () if known is None or known.unconfirmed else known.participants
    names = {same_participant(name) for name in (known_name(known), *(child.name for child in children)) if name}
    shown = tuple(name for name in registration.participants if same_participant(name) in names)
    return replace(registration, name=known_name(known), participants=shown)
