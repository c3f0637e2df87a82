"""What the public sees: open sessions, one of them with its form, and what happens next."""

from typing import Any

from chalicelib.operations import links, portal, registrations, sessions
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import booking, forms, waiting, with_code
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Known, Visit, page
from chalicelib.rules.discounts import DiscountRefused, PriceLine, priced
from chalicelib.rules.drafts.registrations import QuoteDraft, RegistrationDraft
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.sessions import Session
from chalicelib.web.refusals import retry_after, status_of

SHOWN = 50
MOST_SPOTS = 50
SESSION = "/p/{org}/sessions/{session}"


@page("GET", "/p/{org}", who=Known())
def open_sessions(visit: Visit) -> Answer:
    tag, now = visit.call.query.get("tag", "").strip(), visit.call.now
    if tag:
        views = portal.list_tagged_sessions(visit.org, tag, now=now, most=SHOWN)
    else:
        views = portal.list_open_sessions(visit.org, now=now, limit=SHOWN).items
    waited_for = {view.session.id for view in views if view.state == "full" and waiting.may_join(visit, view)}
    return Html("public/sessions.html", {"organisation": visit.home, "views": views, "waited_for": waited_for, "tag": tag})


@page("GET", SESSION, who=Known())
def open_session(visit: Visit) -> Answer:
    return Html("public/session.html", _about(visit, forms.blank(booking.filled_in(visit.customer, visit["session"]))))


@page("POST", SESSION, who=Known())
def register(visit: Visit) -> Answer:
    view = portal.read_open_session(visit.org, visit["session"], now=visit.call.now)
    if booking.only_shows(visit.typed):
        return _priced(visit)
    try:
        registered = _registered(visit, view)
    except NotFound:
        raise
    except Refusal as refusal:
        if visit.typed.get(with_code.FIELD):
            return with_code.refused(visit, view, refusal)
        return _asked_again(visit, refusal)
    made = registered.registration
    token = links.registered_token(made.org, f"{made.session}-{made.id}")
    return Redirect(f"/p/{visit.org}/registered/{token}", {"lang": visit.call.query.get("lang", "")})


@page("GET", "/p/{org}/registered/{token}", who=Known())
def registered(visit: Visit) -> Answer:
    """Say what was booked and what happens next, to whoever has just registered."""
    org, registration_id = links.registered(visit["token"])
    if org != visit.org:
        raise NotFound
    found, _ = registrations.read_registration(org, registration_id)
    view = sessions.read_session(org, found.session, now=visit.call.now)
    data = {"organisation": visit.home, "session": view.session, "registration": found}
    return Html("public/registered.html", data)


def _priced(visit: Visit) -> Answer:
    """Show the form as it is, with every line of the price, and what is wrong with its discount code. Nothing is booked or refused."""
    form = forms.Form(visit.typed, key=visit.typed.get("key", ""))
    code = visit.typed.get("discount_code", "").strip()
    try:
        return Html("public/session.html", _about(visit, form, code=code))
    except NotFound:
        raise
    except Refusal as refusal:
        if isinstance(refusal, DiscountRefused):
            return Html("public/session.html", _about(visit, booking.refused(visit.typed, refusal)))
        return _asked_again(visit, refusal)


def _asked_again(visit: Visit, refusal: Refusal) -> Answer:
    """Return the form as it was sent, with what is wrong with it."""
    data = _about(visit, booking.refused(visit.typed, refusal))
    return Html("public/session.html", data, status_of(refusal), wait=retry_after(refusal))


def _about(visit: Visit, form: forms.Form, *, code: str = "") -> dict[str, Any]:
    view = portal.read_open_session(visit.org, visit["session"], now=visit.call.now)
    lines = _lines(visit, view.session, form, code)
    return {**waiting.about_joining(visit, view, _joining(visit, form)), "form": form, "lines": lines}


def _joining(visit: Visit, form: forms.Form) -> forms.Form:
    """Return the form of the waitlist; whoever came too late for the last spots has filled it in already."""
    if not isinstance(form.refusal, SessionFull):
        return waiting.blank(visit.customer)
    typed = {name: form.at(name) for name in ("name", "email")}
    return forms.Form({**typed, "spots": str(booking.party_of(form.values))}, key=form.key)


def _lines(visit: Visit, session: Session, form: forms.Form, code: str) -> list[PriceLine]:
    """Return every line of the price of what the form asks for; none while the tier is still to be chosen. Raises DiscountRefused."""
    tier = session.tier(form.at("tier")) if len(session.tiers) > 1 else session.tiers[0]
    if tier is None:
        return []
    spots = min(booking.party_of(form.values), MOST_SPOTS)
    if not code:
        return priced(tier.name, tier.price, spots, sibling=visit.home.sibling_discount)
    asked = forms.read(QuoteDraft, {"tier": tier.id, "party_size": str(spots), "discount_code": code})
    return portal.quote(visit.org, session.id, asked, source=visit.call.source, now=visit.call.now).lines


def _registered(visit: Visit, view: SessionView) -> Registered:
    code = visit.typed.get(with_code.FIELD, "")
    values, faults = booking.values_of(visit.typed, view.session, priced=bool(code))
    values |= {name: visit.typed.get(name, "") for name in ("party_size", "discount_code", with_code.FIELD)}
    draft = forms.read(RegistrationDraft, values, faults)
    call = visit.call
    return portal.register(
        visit.org, view.session.id, draft, locale=visit.locale(visit.home), key=visit.key, source=call.source, now=call.now
    )
