"""Registrations: the public registers; staff add, change, bill, transfer and remove."""

from chalicelib.operations.registrations.adding import add
from chalicelib.operations.registrations.billing import add_payment, export_orders, list_orders, set_billing
from chalicelib.operations.registrations.changing import change_registration, correct_contact
from chalicelib.operations.registrations.registering import Quote, Registered, quote, quoted, register
from chalicelib.operations.registrations.removing import read_registration, read_with_meetings, remove_registration
from chalicelib.operations.registrations.transferring import transfer

__all__ = [
    "Quote",
    "Registered",
    "add",
    "add_payment",
    "change_registration",
    "correct_contact",
    "export_orders",
    "list_orders",
    "quote",
    "quoted",
    "read_registration",
    "read_with_meetings",
    "register",
    "remove_registration",
    "set_billing",
    "transfer",
]
