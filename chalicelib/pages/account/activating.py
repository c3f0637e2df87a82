"""What customers see of the pages that staff have too: the link of an invitation, and that to a new password."""

from chalicelib.operations import access, links, organisations
from chalicelib.pages import forms, signing
from chalicelib.pages.account.over import unless_over
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Visit
from chalicelib.rules.accounts import TooManyAttempts, WrongPassword
from chalicelib.rules.drafts.accounts import NewPasswordDraft
from chalicelib.web.refusals import Invalid, status_of


def opened(visit: Visit) -> Answer:
    """Answer whoever opens the link of a portal invitation."""
    return unless_over(_org(visit), lambda: _activation(visit, forms.blank()))


def sent(visit: Visit) -> Answer:
    """Answer whoever sends the form that the link opens."""
    return unless_over(_org(visit), lambda: _activated(visit))


def _activation(visit: Visit, form: forms.Form, status: int = 200) -> Answer:
    """Ask for a new password, or for the known one of an address that has an account."""
    invited = access.customer_invited_by(visit["token"], now=visit.call.now)
    data = {"organisation": organisations.read(invited.org), "invited": invited, "known": access.has_account(invited.email), "form": form}
    return Html("account/activate.html", data, status)


def _activated(visit: Visit) -> Answer:
    try:
        invited = access.customer_invited_by(visit["token"], now=visit.call.now)
        known = access.has_account(invited.email)
        password = visit.typed.get("password", "") if known else new_password(visit)
        customer = access.activate_customer(visit["token"], password, source=visit.call.source, now=visit.call.now)
    except (Invalid, WrongPassword, TooManyAttempts) as refusal:
        return _activation(visit, forms.refused({}, refusal), status_of(refusal))
    query = {"done": "added" if known else "activated", "lang": visit.call.query.get("lang", "")}
    return Redirect(f"/p/{customer.org}/sign-in", query, tuple(signing.dropped(visit.call)))


def _org(visit: Visit) -> str:
    """Return the organisation that the link names; whether it is one of ours shows when it is looked at."""
    return links.activating_customer(visit["token"])[0]


def reset(portal: str, form: forms.Form, status: int = 200) -> Answer:
    """Ask for a new password on the pages of an organisation, or on those of staff."""
    if not portal:
        return Html("access/reset.html", {"form": form}, status)
    return Html("account/reset.html", {"organisation": organisations.read(portal), "form": form}, status)


def new_password(visit: Visit) -> str:
    """Return the password that was typed twice. Raises Invalid."""
    typed = {name: visit.typed.get(name, "") for name in ("password", "password_confirmation")}
    return forms.read(NewPasswordDraft, {"token": visit["token"], **typed}).password
