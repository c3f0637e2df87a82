"""The billing of a registration: the amount due, and the status before and after a payment."""

from chalicelib.rules.registration_history import Billing, Payment
from chalicelib.rules.registrations import Registration


def billing_after(registration: Registration, payment: Payment) -> Billing:
    """Return the billing status after a payment. A payment in another currency does not change it: staff decide."""
    if payment.currency:
        return registration.billing
    return "paid" if registration.paid.amount + payment.amount >= registration.total.amount else "partly_paid"


def is_payable(registration: Registration) -> bool:
    """Whether something is still due for a registration."""
    return registration.billing_status in {"unpaid", "invoiced", "partly_paid"}


def is_invoiceable(registration: Registration) -> bool:
    """Whether an invoice for a registration can be issued: it is unpaid and has none."""
    return registration.billing_status == "unpaid" and not registration.invoice


def billing_before(registration: Registration) -> Billing:
    """Return the billing status before the last step of the history."""
    if len(registration.billing_history) > 1:
        return registration.billing_history[-2].status
    return "invoiced" if registration.invoice else "unpaid"
