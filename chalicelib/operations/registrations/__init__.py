"""Registrations: the public registers; staff add, change, bill, transfer and remove."""

from chalicelib.operations.registrations.add import add
from chalicelib.operations.registrations.billing import add_payment, list_orders, set_billing
from chalicelib.operations.registrations.bulk import BulkResult, count_undoable, mark_paid, move, remove, send_invoices, undo_paid
from chalicelib.operations.registrations.clashes import clashes_of, find_clashes
from chalicelib.operations.registrations.edit import change_registration, correct_contact
from chalicelib.operations.registrations.export import export_orders, write_export
from chalicelib.operations.registrations.register import PaidWhenBooking, Registered, quote, register
from chalicelib.operations.registrations.remove import read_registration, read_with_meetings, remove_registration
from chalicelib.operations.registrations.send_confirmation import send_confirmation
from chalicelib.operations.registrations.transfer import transfer
