"""Bookings: what a family sees of a registration, behind a link of its own or signed in."""

from chalicelib.operations.bookings.absence import dates_to_miss, read_absence, set_absence
from chalicelib.operations.bookings.cancel import cancel
from chalicelib.operations.bookings.change import change
from chalicelib.operations.bookings.move import choices, move
from chalicelib.operations.bookings.queries import (
    Booking,
    BookingView,
    calendar_of,
    find_booking,
    find_by_earlier_link,
    find_own,
    read_booking,
    view_of,
)
