"""Whose uses of a discount code are counted together: those of all addresses that one customer has, merged ones too."""

from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.discounts import Discount
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, discounts


def used_elsewhere(discount: Discount, email: str) -> dict[str, int]:
    """Return how often the code was used by each other address of whoever has this one. It is looked up only where that is limited."""
    if discount.max_uses_per_customer is None:
        return {}
    return discounts.uses_by(discount, [other for other in _addresses(discount.org, email) if compared(other) != compared(email)])


def _addresses(org: str, email: str) -> list[str]:
    try:
        customer = customers.of_address(org, email)
    except (NotFound, CustomerMerged):
        return []
    return customers.addresses(customer) if customer else []
