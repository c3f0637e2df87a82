"""Somebody registers for an organisation's portal by themselves: first the address is confirmed, then there is an account and a customer.

Nothing about an account is looked at before the address has proved itself, so neither the answer nor its time tells whether there is one.
An account that exists keeps its password, whatever was typed when somebody registered with its address.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.operations import links, messages
from chalicelib.operations.access import accounts
from chalicelib.operations.access.sealing import opened, sealed
from chalicelib.operations.identity import derived
from chalicelib.rules.accounts import CONFIRMATION_LASTS, Joining, TooManyAttempts
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, CustomerExists, with_more
from chalicelib.rules.drafts.accounts import JoiningDraft
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.tables import customers, joinings, keys, organisations, throttles

ATTEMPTS = 5
ID_LENGTH = 26
MOST_ASKED = 5
WITHIN = timedelta(hours=1)


def join(org: str, draft: JoiningDraft, *, locale: str, key: str, now: datetime) -> None:
    """Send a link that confirms the address; whoever asks cannot tell whether it is known. Raises NotFound for no organisation.

    The same key asks once. After five times within an hour an address gets no more of them.
    """
    organisations.get(org)
    try:
        throttles.count(keys.throttle("join", org, compared(draft.email)), most=MOST_ASKED, within=WITHIN, now=now)
    except TooManyAttempts:
        return
    joining = _joining(org, draft, locale=locale, key=key, now=now)
    joinings.add(joining)
    messages.queue(
        kind="address_confirmation", org=org, to=draft.email, locale=locale, data={"joining": joining.id}, key=joining.id, now=now
    )


def joining_of(token: str, *, now: datetime) -> Joining:
    """Return what the link confirms. Raises NotFound, LinkUsed and LinkRunOut; changes nothing."""
    org, own = links.confirming(token)
    return joinings.get(org, own, now=now)


def confirm(token: str, *, now: datetime) -> Customer:
    """Make whoever registered an accepted customer with an account, and return the customer. Raises NotFound, LinkUsed and LinkRunOut.

    The link is used up at the end, so that whatever came to nothing half-way comes about when it is opened again.
    """
    joining = joining_of(token, now=now)
    user = accounts.sign_up(joining.email, opened(joining.password, of=joining.id)) or accounts.user_of(joining.email)
    if user is None:
        raise Busy
    customer = _accepted(joining, user, now=now)
    joinings.finish(joining)
    return customer


def _joining(org: str, draft: JoiningDraft, *, locale: str, key: str, now: datetime) -> Joining:
    own = derived("joining", org, key, length=ID_LENGTH)
    return Joining(
        org=org,
        id=own,
        email=draft.email,
        name=draft.name,
        participants=tuple(child.participant() for child in draft.participants),
        locale=locale,
        password=sealed(draft.password, of=own),
        runs_out_at=now + CONFIRMATION_LASTS,
    )


def _accepted(joining: Joining, user: str, *, now: datetime) -> Customer:
    """Return the customer of the confirmed address: made if there is none, with the participants who are new."""
    for _ in range(ATTEMPTS):
        try:
            return _accept(joining, customers.of_address(joining.org, joining.email), user, now=now)
        except (ChangedMeanwhile, CustomerExists):
            continue
    raise Busy


def _accept(joining: Joining, known: Customer | None, user: str, *, now: datetime) -> Customer:
    if known is None:
        made = _customer(joining, user, now=now)
        customers.create(made)
        return made
    noted = with_more(known, joining.participants)
    if noted != known.participants:
        known = customers.save(replace(known, participants=noted), was=known)
    if (known.status, known.user) == ("accepted", user) or _another_account_of(known, joining):
        return known
    return customers.accept(known, user)


def _another_account_of(known: Customer, joining: Joining) -> bool:
    """Whether the address is a further one of a customer who signs in with an account of the first."""
    return bool(known.user) and compared(known.email) != compared(joining.email)


def _customer(joining: Joining, user: str, *, now: datetime) -> Customer:
    return Customer(
        org=joining.org,
        id=derived("customer", joining.org, joining.id),
        email=joining.email,
        name=joining.name,
        created_at=now,
        participants=joining.participants,
        status="accepted",
        user=user,
    )
