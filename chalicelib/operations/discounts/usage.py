"""Uses of a discount code per customer: all addresses of one customer count together, merged ones too."""

from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import CustomerMerged
from chalicelib.rules.discounts import Discount
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers, discounts


def used_elsewhere(discount: Discount, email: str) -> dict[str, int]:
    """Return the uses by each other address of this customer. Empty, without reading, for a code without a limit per customer."""
    if discount.max_uses_per_customer is None:
        return {}
    return discounts.uses_by(discount, [other for other in _addresses(discount.org, email) if compared(other) != compared(email)])


def _addresses(org: str, email: str) -> list[str]:
    try:
        customer = customers.of_address(org, email)
    except (NotFound, CustomerMerged):
        return []
    return customers.addresses(customer) if customer else []
