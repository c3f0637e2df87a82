"""Corrections of an address, on a customer and on the registrations, invitations and waitlist entries that have it."""

from chalicelib.operations.corrections.apply import apply_next
from chalicelib.operations.corrections.correct import correct_contact, count_bookings, edit_customer
