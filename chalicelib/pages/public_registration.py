"""Public registration: one session with its form, and the confirmation."""

from typing import Any

from chalicelib.operations import links, public_registration, registrations, sessions
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking_form, forms, link_preview, public_codes, public_waitlist
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.qr_code import qr_code
from chalicelib.pages.views import Visit, page
from chalicelib.rules.addresses import compared
from chalicelib.rules.clashes import Clash
from chalicelib.rules.discounts import DiscountRefused
from chalicelib.rules.inputs.registrations import QuoteInput, RegistrationInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.pricing import PriceLine, quote
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.web.audience import Known
from chalicelib.web.refusals import retry_after, status_of

MOST_SPOTS = 50
SESSION = "/p/{org}/sessions/{session}"


@page("GET", SESSION, who=Known())
def open_session(visit: Visit) -> Answer:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    if view.state == "cancelled":
        return Html("public/cancelled.html", {"organisation": visit.home, "session": view.session})
    return Html("public/session.html", _about(visit, forms.blank(booking_form.filled_in(visit.customer, visit["session"]))))


@page("POST", SESSION, who=Known())
def register(visit: Visit) -> Answer:
    view = public_registration.read_open_session(visit.org, visit["session"], now=visit.call.now)
    if booking_form.only_shows(visit.typed):
        return _priced(visit)
    try:
        registered = _registered(visit, view)
    except NotFound:
        raise
    except Refusal as refusal:
        if visit.typed.get(public_codes.FIELD):
            return public_codes.refused(visit, view, refusal)
        return _asked_again(visit, refusal)
    made = registered.registration
    token = links.registered_token(made)
    return Redirect(f"/p/{visit.org}/registered/{token}", {"lang": visit.call.query.get("lang", "")})


@page("GET", "/p/{org}/registered/{token}", who=Known())
def registered(visit: Visit) -> Answer:
    """Show the current state of a registration to the person who booked it. Raises NotFound for another organisation's link."""
    org, registration_id = links.read_registered_token(visit["token"])
    if org != visit.org:
        raise NotFound
    found, _ = registrations.read_registration(org, registration_id)
    links.check_registered_token(found, visit["token"])
    view = sessions.read_session(org, found.session, now=visit.call.now)
    data = {"organisation": visit.home, "session": view.session, "registration": found, **_moved(visit, found)}
    stands = not (found.removed_at or view.session.cancelled_at)
    data["clashing"] = registrations.clashes_of(found, view.session, now=visit.call.now) if stands and _is_owner(visit, found) else []
    data["qr_code"] = qr_code(links.check_in_link(found)) if stands and view.session.ends_at > visit.call.now else ""
    data["on_its_way"] = public_registration.is_confirmation_coming(found, now=visit.call.now)
    return Html("public/registered.html", data)


def _is_owner(visit: Visit, found: Registration) -> bool:
    """Whether the page may say what else the address has booked: not to somebody who has only typed it."""
    mine = visit.customer is not None and compared(visit.customer.email) == compared(found.email)
    return mine or found.is_vouched_for


def _moved(visit: Visit, found: Registration) -> dict[str, Any]:
    """Return the new session of a transferred registration and the path of its confirmation; an empty path for other registrations."""
    if not found.moved_to:
        return {"moved_path": ""}
    moved, _ = registrations.read_registration(visit.org, found.moved_to)
    view = sessions.read_session(visit.org, moved.session, now=visit.call.now)
    token = links.registered_token(moved)
    return {"moved_path": f"/p/{visit.org}/registered/{token}", "moved_session": view.session}


def _priced(visit: Visit) -> Answer:
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
        return _asked_again(visit, refusal)


def _asked_again(visit: Visit, refusal: Refusal) -> Answer:
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
        "clashing": _clashing(visit, view),
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
    asked = forms.read(QuoteInput, {"tier": tier.id, "party_size": str(spots), "discount_code": code})
    return public_registration.quote(visit.org, session.id, asked, source=visit.call.source, now=visit.call.now).lines


def _registered(visit: Visit, view: SessionView) -> Registered:
    code = visit.typed.get(public_codes.FIELD, "")
    typed = booking_form.with_births(visit.typed, visit.customer, view.session)
    values, faults = booking_form.values_of(typed, view.session, priced=bool(code))
    faults |= booking_form.age_sentences(visit, view.session, values)
    values |= {name: visit.typed.get(name, "") for name in ("party_size", "discount_code", public_codes.FIELD)}
    values |= {} if code else booking_form.size_for_names(visit.typed)
    draft = forms.read(RegistrationInput, values, faults)
    booking_form.check_shown_price(visit.typed)
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
