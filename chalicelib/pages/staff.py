"""Staff of an organisation and their roles."""

from datetime import timedelta

from chalicelib.operations import messages, organisations, staff
from chalicelib.operations.auth import second_factor
from chalicelib.pages import confirm, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.organisations import OrganisationChanges, StaffChanges, StaffInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

STAFF = "/o/{org}/staff"
STAFF_MEMBER = STAFF + "/{user}"
SUPPORT_HOURS = ("4", "24", "72")


@page("GET", STAFF, who=Staff("manage_staff"))
def everybody(visit: Visit) -> PageResponse:
    return _page(visit, forms.blank({"role": "manager"}))


@page("POST", STAFF, who=Staff("manage_staff"))
def invite(visit: Visit) -> PageResponse:
    try:
        invited = staff.invite(visit.org, _draft(visit), now=visit.call.now)
    except forms.REFUSED as refusal:
        return _page(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    done = "staff-invited" if messages.reaches(visit.org, invited.email, "staff_invitation") else "staff-invited-silently"
    return Redirect(f"/o/{visit.org}/staff", {"done": done})


@page("POST", STAFF + "/support", who=Staff("manage_settings"))
def set_support(visit: Visit) -> PageResponse:
    """Give the operator support access for some hours, or end it at once."""
    hours = int(visit.typed.get("hours", "")) if visit.typed.get("hours", "") in SUPPORT_HOURS else 0
    until = visit.call.now + timedelta(hours=hours) if hours else None
    organisations.change(visit.org, OrganisationChanges(support_until=until), expected=None, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/staff", {"done": "support-given" if hours else "support-ended"})


@page("POST", STAFF_MEMBER + "/role", who=Staff("manage_staff"))
def change_role(visit: Visit) -> PageResponse:
    changes = forms.read(StaffChanges, {"role": visit.typed.get("role", "")})
    staff.change_role(visit.org, visit["user"], changes.role)
    return Redirect(f"/o/{visit.org}/staff", {"done": "role-changed"})


@page("GET", STAFF_MEMBER + "/remove", who=Staff("manage_staff"))
def ask_remove(visit: Visit) -> PageResponse:
    member = _member(visit)
    invited = member.status == "invited"
    return confirm.ask(
        visit,
        (visit.gettext("Withdraw the invitation of %(name)s?") if invited else visit.gettext("Remove %(name)s?")) % {"name": member.name},
        [
            visit.gettext("The link in the e-mail stops working.")
            if invited
            else visit.gettext("They lose access to this organisation at once. What they did stays in the history.")
        ],
        verb=visit.gettext("Withdraw") if invited else visit.gettext("Remove"),
        stay=visit.gettext("Cancel"),
        back=f"/o/{visit.org}/staff",
        destroys=True,
    )


@page("POST", STAFF_MEMBER + "/remove", who=Staff("manage_staff"))
def remove(visit: Visit) -> PageResponse:
    staff.remove(visit.org, visit["user"])
    return Redirect(f"/o/{visit.org}/staff", {"done": "staff-removed"})


@page("GET", STAFF_MEMBER + "/second-factor", who=Staff("manage_staff"))
def ask_reset_second_factor(visit: Visit) -> PageResponse:
    return confirm.ask(
        visit,
        visit.gettext("Reset two-step sign-in for %(name)s?") % {"name": _member(visit).name},
        [
            visit.gettext("For somebody who lost their phone: they sign in with their password, and can set it up again."),
            visit.gettext("Make sure that the request really comes from them."),
        ],
        verb=visit.gettext("Reset"),
        stay=visit.gettext("Cancel"),
        back=f"/o/{visit.org}/staff",
        destroys=True,
    )


@page("POST", STAFF_MEMBER + "/second-factor", who=Staff("manage_staff"))
def reset_second_factor(visit: Visit) -> PageResponse:
    second_factor.reset(visit.org, visit["user"], now=visit.call.now)
    return Redirect(f"/o/{visit.org}/staff", {"done": "second-factor-reset"})


def _draft(visit: Visit) -> StaffInput:
    return forms.read(StaffInput, {name: visit.typed.get(name, "") for name in ("email", "name", "role")})


def _member(visit: Visit) -> StaffMember:
    found = next((member for member in staff.every(visit.org) if member.user == visit["user"]), None)
    if found is None:
        raise NotFound
    return found


def _page(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    organisation, everyone, now = organisations.read(visit.org), staff.every(visit.org), visit.call.now
    until = organisation.support_until
    data = {
        "form": form,
        "key": form.key,
        "staff": everyone,
        "ended": {one.user for one in everyone if not organisation.admits(one, now)},
        "support_until": until if until and until > now else None,
        "support_hours": SUPPORT_HOURS,
    }
    return Html("staff_list.html", data, status)
