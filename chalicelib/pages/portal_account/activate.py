"""The pages behind invitation and password-reset links, as customers see them."""

from chalicelib.operations import auth, links, organisations
from chalicelib.pages import cookies, forms, signed_in
from chalicelib.pages.portal_account.expired_link import unless_expired
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.visit import Visit
from chalicelib.rules.auth import TooManyAttempts, WrongPassword
from chalicelib.rules.inputs.auth import NewPasswordInput
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.web.refusals import status_of


def activation(visit: Visit) -> PageResponse:
    """Show the page behind the link of a portal invitation."""
    return unless_expired(_org(visit), lambda: _activation(visit, forms.blank()))


def activate(visit: Visit) -> PageResponse:
    """Activate the portal account with the submitted password."""
    return unless_expired(_org(visit), lambda: _activated(visit))


def _activation(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    """Ask for a new password, or for the current one if the address has an account."""
    invited = auth.customer_invited_by(visit["token"], now=visit.call.now)
    data = {"organisation": organisations.read(invited.org), "invited": invited, "known": auth.has_account(invited.email), "form": form}
    return Html("portal_account/activate.html", data, status)


def _activated(visit: Visit) -> PageResponse:
    try:
        invited = auth.customer_invited_by(visit["token"], now=visit.call.now)
        known = auth.has_account(invited.email)
        password = visit.typed.get("password", "") if known else new_password(visit)
        customer = auth.activate_customer(visit["token"], password, source=visit.call.source, now=visit.call.now)
    except (ValidationFailed, WrongPassword, TooManyAttempts) as refusal:
        return _activation(visit, forms.refused({}, refusal), status_of(refusal))
    query = {"done": "added" if known else "activated", "lang": visit.call.query.get("lang", "")}
    return Redirect(f"/p/{customer.org}/sign-in", query, (*signed_in.drop_cookies(visit.call), cookies.keep_address(customer.email)))


def _org(visit: Visit) -> str:
    """Return the organisation in the link's token, which may not exist."""
    return links.read_portal_activation_token(visit["token"])[0]


def reset(portal: str, form: forms.Form, status: int = 200) -> PageResponse:
    """Return the form for a new password: in the portal of an organisation, or on the staff pages if `portal` is empty."""
    if not portal:
        return Html("auth/reset.html", {"form": form}, status)
    return Html("portal_account/reset.html", {"organisation": organisations.read(portal), "form": form}, status)


def new_password(visit: Visit) -> str:
    """Return the new password. Raises ValidationFailed when it is too weak or its confirmation differs."""
    typed = {name: visit.typed.get(name, "") for name in ("password", "password_confirmation")}
    return forms.read(NewPasswordInput, {"token": visit["token"], **typed}).password
