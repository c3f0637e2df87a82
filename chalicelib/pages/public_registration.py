"""Public registration: one session with its form."""

from typing import Any

from chalicelib.operations import bookings, links, public_registration, registrations, sessions
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import basket_cookie, baskets, booking_form, forms, link_preview, public_codes, public_waitlist, shown_price
from chalicelib.pages.paths import written
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.addresses import compared
from chalicelib.rules.clashes import Clash
from chalicelib.rules.discounts import DiscountRefused
from chalicelib.rules.inputs.registrations import QuoteInput, RegistrationInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.orders import is_paid_online
from chalicelib.rules.pricing import PriceLine, quote
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Known
from chalicelib.web.refusals import retry_after, status_of

MOST_SPOTS = 50
SESSION = "/p/{org}/sessions/{session}"


@page("GET", SESSION, who=Known())
def open_session(visit: Visit) -> PageResponse:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    if view.state == "cancelled":
        return Html("public/cancelled.html", {"organisation": visit.home, "session": view.session})
    typed = basket_cookie.read(visit.call, visit.org).booker
    known = booking_form.filled_in(visit.customer, visit["session"])
    return Html("public/session.html", _about(visit, forms.blank({**typed, **known})))


@page("POST", SESSION, who=Known())
def register(visit: Visit) -> PageResponse:
    view = public_registration.read_open_session(visit.org, visit["session"], now=visit.call.now)
    if booking_form.only_shows(visit.typed):
        return _priced(visit)
    try:
        if visit.typed.get(baskets.FIELD):
            return baskets.add_session(visit, view)
        registered = _registered(visit, view)
    except NotFound:
        raise
    except Refusal as refusal:
        if visit.typed.get(public_codes.FIELD):
            return public_codes.refused(visit, view, refusal)
        return _form_again(visit, refusal)
    if registered.order:
        return Redirect(baskets.order_path(registered.order), {"lang": visit.call.query.get("lang", "")})
    return _to_booking(visit, registered.registration)


@page("GET", "/p/{org}/registered/{token}", who=Known())
def earlier_link(visit: Visit) -> PageResponse:
    """Lead from the link of an earlier version to the booking. Raises NotFound for another organisation's link."""
    found = bookings.find_by_earlier_link(visit["token"])
    if found.org != visit.org:
        raise NotFound
    return _to_booking(visit, found)


def _to_booking(visit: Visit, registration: Registration) -> Redirect:
    return Redirect(written("/b/{token}", token=links.booking_token(registration)), {"lang": visit.call.query.get("lang", "")})


def _priced(visit: Visit) -> PageResponse:
    """Show the form with its price lines, or with the fault of its discount code. Nothing is booked."""
    form = forms.Form(visit.typed, key=visit.typed.get("key", ""))
    code = visit.typed.get("discount_code", "").strip()
    try:
        return Html("public/session.html", _about(visit, form, code=code))
    except NotFound:
        raise
    except Refusal as refusal:
        if isinstance(refusal, DiscountRefused):
            return Html("public/session.html", _about(visit, booking_form.refused(visit.typed, refusal)))
        return _form_again(visit, refusal)


def _form_again(visit: Visit, refusal: Refusal) -> PageResponse:
    """Return the submitted form with the refusal's faults."""
    data = _about(visit, booking_form.refused(visit.typed, refusal))
    return Html("public/session.html", data, status_of(refusal), wait=retry_after(refusal))


def _about(visit: Visit, form: forms.Form, *, code: str = "") -> dict[str, Any]:
    view = public_registration.read_open_session(visit.org, visit["session"], now=visit.call.now)
    lines = _lines(visit, view.session, form, code)
    booking = booking_form.people(visit.customer, view.session.id, form.values)
    return {
        **public_waitlist.waitlist_data(visit, view, _joining(visit, form)),
        "preview": link_preview.of_session(visit.home, view, visit.call.now),
        "form": form,
        "lines": lines,
        "shown_code": code,
        "shown_prices": shown_price.prices_of(visit, view.session, visit.home.sibling_discount, code),
        "clashing": _clashing(visit, view),
        "pays_now": any(is_paid_online(visit.home, tier.price) for tier in view.session.tiers),
        **booking,
    }


def _clashing(visit: Visit, view: SessionView) -> list[Clash]:
    """Return what a signed-in customer has booked at the same time."""
    if visit.customer is None or view.state != "open":
        return []
    return registrations.find_clashes(view.session, visit.customer.email, None, now=visit.call.now)


def _joining(visit: Visit, form: forms.Form) -> forms.Form:
    """Return the waitlist form. If the session became full, it is prefilled from the refused registration."""
    if not isinstance(form.refusal, SessionFull):
        return public_waitlist.blank(visit.customer)
    typed = {name: form.at(name) for name in ("name", "email")}
    return forms.Form({**typed, "spots": str(booking_form.party_of(form.values))}, key=form.key)


def _lines(visit: Visit, session: Session, form: forms.Form, code: str) -> list[PriceLine]:
    """Return the price lines of the form; none until a tier is chosen. Raises DiscountRefused."""
    tier = session.tier(form.at("tier")) if len(session.tiers) > 1 else session.tiers[0]
    nobody_ticked = visit.customer is not None and not booking_form.names_of(form.values)
    if tier is None or nobody_ticked:
        return []
    spots = min(booking_form.party_of(form.values), MOST_SPOTS)
    if not code:
        return quote(tier.name, tier.price, spots, sibling=visit.home.sibling_discount).lines
    draft = forms.read(QuoteInput, {"tier": tier.id, "party_size": str(spots), "discount_code": code})
    return public_registration.quote(visit.org, session.id, draft, source=visit.call.source, now=visit.call.now).lines


def _registered(visit: Visit, view: SessionView) -> Registered:
    code = visit.typed.get(public_codes.FIELD, "")
    typed = booking_form.with_births(visit.typed, visit.customer, view.session)
    values, faults = booking_form.values_of(typed, view.session, priced=bool(code))
    faults |= booking_form.age_sentences(visit, view.session, values)
    values |= {name: visit.typed.get(name, "") for name in ("party_size", "discount_code", public_codes.FIELD)}
    values |= {} if code else booking_form.size_for_names(visit.typed)
    draft = forms.read(RegistrationInput, values, faults)
    booking_form.check_shown_price(visit.typed)
    if not code:
        shown_price.check_prices(visit, view.session, visit.home.sibling_discount)
    call, customer = visit.call, visit.customer
    return public_registration.register(
        visit.org,
        view.session.id,
        draft,
        locale=visit.language,
        key=visit.key,
        source=call.source,
        signed_in=customer is not None and compared(customer.email) == compared(draft.email),
        now=call.now,
    )
