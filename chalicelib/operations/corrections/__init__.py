"""Corrections of an address, and everything that stands under it and follows: registrations, invitations and waitlist entries."""

from chalicelib.operations.corrections.correct import correct_contact, count_bookings, edit_customer
from chalicelib.operations.corrections.follow import follow
