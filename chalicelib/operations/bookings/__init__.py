"""Bookings: what a family sees of a registration, behind a link of its own or signed in."""

from chalicelib.operations.bookings.absence import dates_to_miss as dates_to_miss
from chalicelib.operations.bookings.absence import read_absence as read_absence
from chalicelib.operations.bookings.absence import set_absence as set_absence
from chalicelib.operations.bookings.cancel import cancel as cancel
from chalicelib.operations.bookings.change import change as change
from chalicelib.operations.bookings.move import choices as choices
from chalicelib.operations.bookings.move import move as move
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
    find_booking as find_booking,
)
from chalicelib.operations.bookings.queries import (
    find_by_earlier_link as find_by_earlier_link,
)
from chalicelib.operations.bookings.queries import (
    find_own as find_own,
)
from chalicelib.operations.bookings.queries import (
    read_booking as read_booking,
)
from chalicelib.operations.bookings.queries import (
    view_of as view_of,
)
