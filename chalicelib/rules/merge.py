"""The merge of two customers who are the same person into one customer with both addresses."""

from dataclasses import replace

from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, PortalStatus, with_new_participants
from chalicelib.rules.refusals import Conflict
from chalicelib.rules.translation import N_

MOST_ADDRESSES = 10
FURTHEST: tuple[PortalStatus, ...] = ("added", "invited", "accepted")


class SameCustomer(Conflict):
    code = "same_customer"
    sentence = N_("A customer cannot be merged into itself. Choose another one.")


class TooManyAddresses(Conflict):
    code = "too_many_addresses"
    sentence = N_("A customer can have ten further addresses, and these two would have more. Keep them as two customers.")


def with_address(customer: Customer, email: str) -> tuple[str, ...]:
    """Return the customer's further addresses with `email` as the latest, each once and without the customer's main address."""
    kept = {compared(one): one for one in customer.addresses}
    kept.pop(compared(email), None)
    kept[compared(email)] = email
    kept.pop(compared(customer.email), None)
    return tuple(kept.values())[-MOST_ADDRESSES:]


def merged_customer(survivor: Customer, merged: Customer) -> Customer:
    """Return the survivor with the merged customer's data. Where both have a value, the survivor's is kept.

    Raises SameCustomer for one customer given twice, TooManyAddresses above MOST_ADDRESSES.
    """
    if survivor.id == merged.id:
        raise SameCustomer
    further = {compared(email): email for email in (*survivor.addresses, *merged.addresses, merged.email)}
    further.pop(compared(survivor.email), None)
    if len(further) > MOST_ADDRESSES:
        raise TooManyAddresses
    status = max(survivor.status, merged.status, key=FURTHEST.index)
    named = {name.casefold() for name, _ in survivor.fields}
    return replace(
        survivor,
        phone=survivor.phone or merged.phone,
        participants=with_new_participants(survivor, merged.participants),
        groups=tuple(dict.fromkeys((*survivor.groups, *merged.groups))),
        fields=(*survivor.fields, *(field for field in merged.fields if field[0].casefold() not in named)),
        addresses=tuple(further.values()),
        status=status,
        user=survivor.user or merged.user,
        unconfirmed=survivor.unconfirmed and merged.unconfirmed,
        created_at=min(survivor.created_at, merged.created_at),
        invitations=survivor.invitations + merged.invitations,
        invited_at=max(filter(None, (survivor.invited_at, merged.invited_at)), default=None),
        asked_at=max(filter(None, (survivor.asked_at, merged.asked_at)), default=None),
        remind_at=None if status == "accepted" else survivor.remind_at or merged.remind_at,
        tokens_valid_from=max(filter(None, (survivor.tokens_valid_from, merged.tokens_valid_from)), default=None),
    )
