"""What somebody who was invited sees: the cart, the form, and what happens next. Looking changes nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from chalicelib.operations import invitations, links, organisations
from chalicelib.operations.invitations import Accepted, Offer, Waiting
from chalicelib.operations.invitations.looking import offered
from chalicelib.pages import booking, forms, signing
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Public, Visit, page
from chalicelib.pages.paths import written
from chalicelib.rules.drafts.invitations import Acceptance
from chalicelib.rules.invitations import AlreadyUsed, InvitationOver
from chalicelib.rules.refusals import Refusal
from chalicelib.web.refusals import status_of

INVITATION = "/i/{token}"


def unless_over(show: Callable[[Visit], Answer]) -> Callable[[Visit], Answer]:
    """Let a page say how the invitation ended, under its organisation's name, when there is nothing left to show or to do."""

    @wraps(show)
    def shown(visit: Visit) -> Answer:
        try:
            return show(visit)
        except (InvitationOver, AlreadyUsed) as over:
            org, _, _ = links.named_by(visit["token"])
            data = {"organisation": organisations.read(org), "over": over, "place_path": _place(visit, over)}
            return Html("public/over.html", data, status_of(over))

    return shown


def _place(visit: Visit, over: Refusal) -> str:
    """Return the page with the place on the waitlist of whoever has let an offer run out; nothing for other invitations."""
    if not isinstance(over, InvitationOver) or over.status != "expired":
        return ""
    invitation = offered(visit["token"], now=visit.call.now).invitation
    token = links.waitlist_token(invitation.org, invitation.session, invitation.entry)
    return written("/waitlist/{token}", token=token) if invitation.entry else ""


@page("GET", INVITATION, who=Public())
@unless_over
def invitation(visit: Visit) -> Answer:
    """Show the cart with the form below it, or how the invitation ended."""
    offer = invitations.look(visit["token"], now=visit.call.now)
    customer, cookies = signing.customer_of(visit.call, offer.invitation.org)
    filled = forms.blank(booking.filled_in(customer, offer.invitation.session))
    return Html("public/invitation.html", _cart(offer, filled), cookies=tuple(cookies))


@page("POST", INVITATION, who=Public())
@unless_over
def accept(visit: Visit) -> Answer:
    offer = offered(visit["token"], now=visit.call.now)
    if booking.only_shows(visit.typed):
        return Html("public/invitation.html", _cart(offer, forms.Form(visit.typed, key=visit.typed.get("key", ""))))
    try:
        outcome = _accepted(visit, offer)
    except (InvitationOver, AlreadyUsed):
        raise
    except Refusal as refusal:
        return Html("public/invitation.html", _cart(offer, booking.refused(visit.typed, refusal)), status_of(refusal))
    return _onward(visit, outcome)


@page("GET", INVITATION + "/waiting", who=Public())
@unless_over
def waiting(visit: Visit) -> Answer:
    """Tell whoever has another address than the invited one that staff must say yes first."""
    offer = invitations.look(visit["token"], now=visit.call.now)
    return Html("public/waiting.html", _around(offer))


@page("GET", INVITATION + "/decline", who=Public())
@unless_over
def ask_decline(visit: Visit) -> Answer:
    offer = invitations.look(visit["token"], now=visit.call.now)
    return Html("public/decline.html", _around(offer))


@page("POST", INVITATION + "/decline", who=Public())
@unless_over
def decline(visit: Visit) -> Answer:
    offer = offered(visit["token"], now=visit.call.now)
    invitations.decline(visit["token"], now=visit.call.now)
    return Html("public/declined.html", _around(offer))


def _accepted(visit: Visit, offer: Offer) -> Accepted | Waiting:
    values, faults = booking.values_of(visit.typed, offer.session, priced=offer.invitation.price is not None)
    acceptance = forms.read(Acceptance, values, faults)
    return invitations.accept(visit["token"], acceptance, locale=visit.locale(offer.organisation), now=visit.call.now)


def _onward(visit: Visit, outcome: Accepted | Waiting) -> Answer:
    if isinstance(outcome, Waiting):
        return Redirect(written(INVITATION + "/waiting", token=visit["token"]), _lang(visit))
    registration = outcome.registration
    token = links.registered_token(registration.org, f"{registration.session}-{registration.id}")
    return Redirect(f"/p/{registration.org}/registered/{token}", _lang(visit))


def _around(offer: Offer) -> dict[str, Any]:
    return {"organisation": offer.organisation, "session": offer.session, "invitation": offer.invitation, "status": offer.status}


def _cart(offer: Offer, form: forms.Form) -> dict[str, Any]:
    return {**_around(offer), "form": form, "lines": offer.lines(form.at("tier"))}


def _lang(visit: Visit) -> dict[str, str]:
    return {"lang": visit.call.query.get("lang", "")}
