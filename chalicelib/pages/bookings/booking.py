"""The page of a booking: its state of today, its dates for the calendar, and the code to show at the entrance."""

from typing import Any

from chalicelib.config import config
from chalicelib.operations import bookings, links, messages, orders, public_registration, registrations
from chalicelib.operations.bookings import BookingView
from chalicelib.pages import signed_in
from chalicelib.pages.paths import written
from chalicelib.pages.qr_code import quick_qr_code
from chalicelib.pages.responses import File, Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.addresses import compared
from chalicelib.rules.bookings import money_of
from chalicelib.rules.customers import Customer
from chalicelib.rules.refunds import comes_back, under_way
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.web.audience import Public

BOOKING = "/b/{token}"


@page("GET", BOOKING, who=Public())
def booking(visit: Visit) -> PageResponse:
    """Show the current state of a booking to the person who made it. One that waits for its payment is shown with its order."""
    try:
        view = bookings.read_booking(visit["token"], now=visit.call.now)
    except NotFound:
        order = orders.order_of_booking(visit["token"])
        return Redirect(written("/order/{token}", token=order), {"lang": visit.call.query.get("lang", "")})
    customer, set_cookies = signed_in.customer_of(visit.call, view.booking.organisation.org)
    stripe = config().stripe_pages if view.payable_online else ""
    data = {**around(view), **_shown(visit, view, customer), "customer": customer}
    return Html("public/booking.html", data, cookies=tuple(set_cookies), leads_to=stripe)


@page("GET", BOOKING + "/calendar", who=Public())
def calendar(visit: Visit) -> PageResponse:
    """Download the dates of a booking as a calendar file."""
    found = bookings.read_booking(visit["token"], now=visit.call.now).booking
    return File(bookings.calendar_of([found], now=visit.call.now), "text/calendar; charset=utf-8", forever=False, name="session.ics")


def around(view: BookingView) -> dict[str, Any]:
    """Return what every page of a booking shows."""
    registration, session, organisation = view.booking
    root = written(BOOKING, token=links.booking_token(registration))
    money = {"money_state": money_of(registration), "comes_back": comes_back(registration), "going_back": under_way(registration)}
    return {"organisation": organisation, "session": session, "registration": registration, "view": view, "root": root, **money}


def mailed(registration: Registration) -> bool:
    """Whether an e-mail reaches the person who booked, so that a page may promise one."""
    return not messages.suppressions(registration.org, [registration.email])


def back(visit: Visit, registration: Registration, done: str = "") -> Redirect:
    """Lead to the page of a booking after a change, which it says."""
    query = {"done": done, "lang": visit.call.query.get("lang", "")}
    return Redirect(written(BOOKING, token=links.booking_token(registration)), query)


def _shown(visit: Visit, view: BookingView, customer: Customer | None) -> dict[str, Any]:
    now, found, session, is_current = visit.call.now, view.booking.registration, view.booking.session, view.booking.is_current
    return {
        "missable": bookings.dates_to_miss(view, now=now),
        "moved_path": _moved_path(view),
        "clashing": registrations.clashes_of(found, session, now=now) if is_current and _is_owner(customer, found) else [],
        "qr_code": quick_qr_code(links.check_in_link(found)) if is_current and session.ends_at > now else "",
        "on_its_way": public_registration.is_confirmation_coming(found, now=now),
        "order_path": f"/order/{links.order_token_of(found)}" if found.order and found.link_version == 1 else "",
        "invoice_path": f"/invoice/{links.invoice_token(found, found.invoice)}" if view.invoice else "",
    }


def _moved_path(view: BookingView) -> str:
    """Return the page of the booking that this one became; empty once its address was corrected, which ended this link too."""
    if view.moved is None or view.moved.registration.link_version != view.booking.registration.link_version:
        return ""
    return written(BOOKING, token=links.booking_token(view.moved.registration))


def _is_owner(customer: Customer | None, found: Registration) -> bool:
    """Whether the page may say what else the address has booked: not to somebody who has only typed it."""
    mine = customer is not None and compared(customer.email) == compared(found.email)
    return mine or found.is_vouched_for
