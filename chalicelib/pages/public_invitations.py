"""An invitation for the holder of its link: cart, form and confirmation. Reading changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from chalicelib.operations import invitations, links, organisations, registrations, waitlist
from chalicelib.operations.invitations import Accepted, ClaimView, WaitsForApproval
from chalicelib.operations.invitations.queries import claim_view
from chalicelib.pages import baskets, booking_form, forms, shown_price, signed_in
from chalicelib.pages.paths import written
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.invitations import InvitationEnded, InvitationUsed
from chalicelib.rules.refusals import Refusal
from chalicelib.web.audience import Public
from chalicelib.web.refusals import retry_after, status_of

INVITATION = "/i/{token}"


def unless_closed(show: Callable[[Visit], PageResponse]) -> Callable[[Visit], PageResponse]:
    """Decorate a page of an invitation: if the invitation has ended or was used, show the page of an expired link, which says why."""

    @wraps(show)
    def shown(visit: Visit) -> PageResponse:
        try:
            return show(visit)
        except (InvitationEnded, InvitationUsed) as expired_link:
            org, _, _ = links.read_invitation_token(visit["token"])
            data = {
                "organisation": organisations.read(org),
                "expired_link": expired_link,
                "place_path": _waitlist_path(visit, expired_link),
            }
            return Html("public/expired_link.html", data, status_of(expired_link))

    return shown


def _waitlist_path(visit: Visit, expired_link: Refusal) -> str:
    """Return the path of the waitlist position if the invitation is an expired offer, and an empty text otherwise."""
    if not isinstance(expired_link, InvitationEnded) or expired_link.status != "expired":
        return ""
    invitation = claim_view(visit["token"], now=visit.call.now).invitation
    if not invitation.entry:
        return ""
    place = waitlist.read_place(invitation.org, invitation.session, invitation.entry)
    return written("/waitlist/{token}", token=links.waitlist_token(place.entry))


@page("GET", INVITATION, who=Public())
@unless_closed
def invitation(visit: Visit) -> PageResponse:
    """Show the price lines with the booking form below, prefilled for a signed-in customer."""
    view = invitations.live_claim_view(visit["token"], now=visit.call.now)
    customer, cookies = signed_in.customer_of(visit.call, view.invitation.org)
    filled = forms.blank(booking_form.filled_in(customer, view.invitation.session))
    return Html("public/invitation.html", _cart(visit, view, filled, customer), cookies=tuple(cookies))


@page("POST", INVITATION, who=Public())
@unless_closed
def accept(visit: Visit) -> PageResponse:
    view = claim_view(visit["token"], now=visit.call.now)
    if booking_form.only_shows(visit.typed):
        return Html(
            "public/invitation.html",
            _cart(visit, view, forms.Form(visit.typed, key=visit.typed.get("key", "")), _customer(visit, view)),
        )
    try:
        if visit.typed.get(baskets.FIELD):
            customer = _customer(visit, view)
            return baskets.add_invitation(replace(visit, customer=customer), view.session, priced=view.invitation.price is not None)
        outcome = _accepted(visit, view)
    except (InvitationEnded, InvitationUsed):
        raise
    except Refusal as refusal:
        cart = _cart(visit, view, booking_form.refused(visit.typed, refusal), _customer(visit, view))
        return Html("public/invitation.html", cart, status_of(refusal), wait=retry_after(refusal))
    return _onward(visit, outcome)


@page("GET", INVITATION + "/waiting", who=Public())
@unless_closed
def waiting(visit: Visit) -> PageResponse:
    """Show that staff must approve the registration, since its address is not the invited one."""
    view = invitations.live_claim_view(visit["token"], now=visit.call.now)
    return Html("public/waiting.html", _around(view))


@page("GET", INVITATION + "/decline", who=Public())
@unless_closed
def ask_decline(visit: Visit) -> PageResponse:
    view = invitations.live_claim_view(visit["token"], now=visit.call.now)
    return Html("public/decline.html", _around(view))


@page("POST", INVITATION + "/decline", who=Public())
@unless_closed
def decline(visit: Visit) -> PageResponse:
    view = claim_view(visit["token"], now=visit.call.now)
    invitations.decline(visit["token"], now=visit.call.now)
    return Html("public/declined.html", _around(view))


def _accepted(visit: Visit, view: ClaimView) -> Accepted | WaitsForApproval:
    typed = booking_form.with_births(visit.typed, _customer(visit, view), view.session)
    values, faults = booking_form.values_of(typed, view.session, priced=view.invitation.price is not None)
    faults |= booking_form.age_sentences(visit, view.session, values)
    acceptance = forms.read(AcceptInput, values, faults)
    if view.invitation.price is None:
        shown_price.check_prices(visit, view.session, view.invitation.sibling)
    return invitations.accept(
        visit["token"], acceptance, locale=visit.locale(view.organisation), source=visit.call.source, now=visit.call.now
    )


def _onward(visit: Visit, outcome: Accepted | WaitsForApproval) -> PageResponse:
    if isinstance(outcome, WaitsForApproval):
        return Redirect(written(INVITATION + "/waiting", token=visit["token"]), _lang(visit))
    return Redirect(written("/b/{token}", token=links.booking_token(outcome.registration)), _lang(visit))


def _around(view: ClaimView) -> dict[str, Any]:
    return {"organisation": view.organisation, "session": view.session, "invitation": view.invitation, "status": view.status}


def _customer(visit: Visit, view: ClaimView) -> Customer | None:
    customer, _ = signed_in.customer_of(visit.call, view.invitation.org)
    return customer


def _cart(visit: Visit, view: ClaimView, form: forms.Form, customer: Customer | None) -> dict[str, Any]:
    booking = booking_form.people(customer, view.invitation.session, form.values) | {"party_size": view.invitation.party_size}
    clashing = registrations.find_clashes(view.session, customer.email, None, now=visit.call.now) if customer else []
    chosen = view.invitation.price is None
    prices = shown_price.prices_of(visit, view.session, view.invitation.sibling) if chosen else ""
    shown = {"lines": view.lines(form.at("tier")), "shown_prices": prices, "shown_code": ""}
    return {**_around(view), "form": form, "clashing": clashing, **booking, **shown}


def _lang(visit: Visit) -> dict[str, str]:
    return {"lang": visit.call.query.get("lang", "")}
