"""Bookings: what a family sees of a registration, behind a link of its own or signed in."""

from chalicelib.operations.bookings.queries import (
    Booking as Booking,
)
from chalicelib.operations.bookings.queries import (
    BookingView as BookingView,
)
from chalicelib.operations.bookings.queries import (
    calendar_of as calendar_of,
)
from chalicelib.operations.bookings.queries import (
    find_by_earlier_link as find_by_earlier_link,
)
from chalicelib.operations.bookings.queries import (
    read_booking as read_booking,
)
from chalicelib.operations.bookings.queries import (
    view_of as view_of,
)
