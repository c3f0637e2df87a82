"""The sign-in forms of staff and of customers, as pages show them: asked for, refused, or in the way of another page."""

from chalicelib.config import config
from chalicelib.pages import cookies, forms
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.unsaved_form import UnsavedForm
from chalicelib.rules.organisations import Organisation
from chalicelib.web.call import Call

PROVES = frozenset({"activated", "added", "confirmed", "password-set"})
"""The actions that prove an address, by the value of `done` in the URL."""


def blank(call: Call) -> forms.Form:
    """Return the form to be filled in; after an action that has proved an address, with that address."""
    return forms.blank({"email": cookies.address(call)} if call.query.get("done") in PROVES else {})


def staff(
    form: forms.Form, *, onward: str = "", unsaved: UnsavedForm | None = None, status: int = 200, cookies: tuple[str, ...] = ()
) -> PageResponse:
    """Return the sign-in page of staff. `onward` is where the sign-in leads to, empty for the user's own start page."""
    return Html("auth/sign_in.html", {"form": form, "next": onward, "unsaved": unsaved, "mailbox": config().mailbox_url}, status, cookies)


def customer(
    organisation: Organisation,
    form: forms.Form,
    *,
    onward: str = "",
    unsaved: UnsavedForm | None = None,
    notice: str = "",
    status: int = 200,
    cookies: tuple[str, ...] = (),
) -> PageResponse:
    """Return the sign-in page of an organisation's customers."""
    data = {"organisation": organisation, "form": form, "next": onward, "unsaved": unsaved, "notice": notice}
    return Html("portal_account/sign_in.html", data, status, cookies)
