"""Two customers who are one person become one customer, with both addresses."""

from dataclasses import replace

from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer, PortalStatus, with_more
from chalicelib.rules.refusals import Refusal, marked

MOST_ADDRESSES = 10
FURTHEST: tuple[PortalStatus, ...] = ("added", "invited", "accepted")


class SameCustomer(Refusal):
    code = "same_customer"
    sentence = marked("A customer cannot be merged into itself. Choose another one.")


class TooManyAddresses(Refusal):
    code = "too_many_addresses"
    sentence = marked("One customer can have ten further addresses. These two together would have more.")


def with_address(customer: Customer, email: str) -> tuple[str, ...]:
    """Return the customer's further addresses and this one, latest last, each once and never the first one."""
    kept = {compared(one): one for one in customer.addresses}
    kept.pop(compared(email), None)
    kept[compared(email)] = email
    kept.pop(compared(customer.email), None)
    return tuple(kept.values())[-MOST_ADDRESSES:]


def together(survivor: Customer, merged: Customer) -> Customer:
    """Return the survivor with all that the merged one had. Where both say something, the survivor's word stands.

    Raises SameCustomer, TooManyAddresses.
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
        participants=with_more(survivor, merged.participants),
        groups=tuple(dict.fromkeys((*survivor.groups, *merged.groups))),
        fields=(*survivor.fields, *(field for field in merged.fields if field[0].casefold() not in named)),
        addresses=tuple(further.values()),
        status=status,
        user=survivor.user or merged.user,
        created_at=min(survivor.created_at, merged.created_at),
        invitations=survivor.invitations + merged.invitations,
        invited_at=max(filter(None, (survivor.invited_at, merged.invited_at)), default=None),
        asked_at=max(filter(None, (survivor.asked_at, merged.asked_at)), default=None),
        remind_at=None if status == "accepted" else survivor.remind_at or merged.remind_at,
        sessions_from=max(filter(None, (survivor.sessions_from, merged.sessions_from)), default=None),
    )
