"""Orders: a basket is priced and placed, every line or none; what follows from it; and its state today."""

from chalicelib.operations.orders.complete import complete
from chalicelib.operations.orders.due import resolve_due, resolve_next
from chalicelib.operations.orders.pay import ask_stripe, open_checkout, record_event
from chalicelib.operations.orders.place_order import PlacedOrder, place_order
from chalicelib.operations.orders.price import BasketQuote, QuotedLine, quote_basket
from chalicelib.operations.orders.queries import OrderView, order_of_booking, read_order, sessions_of
from chalicelib.operations.orders.unbooked import is_left_behind, resolve
