"""Staff of an organisation: who they are, and what they may do."""

from chalicelib.operations import staff
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.organisations import StaffChanges, StaffDraft
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

STAFF = "/o/{org}/staff"
MEMBER = STAFF + "/{user}"
OWNER = Staff("owner")


@page("GET", STAFF, who=OWNER)
def everybody(visit: Visit) -> Answer:
    return _page(visit, forms.blank({"role": "manager"}))


@page("POST", STAFF, who=OWNER)
def invite(visit: Visit) -> Answer:
    try:
        staff.invite(visit.org, _draft(visit), now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return Redirect(f"/o/{visit.org}/staff", {"done": "staff-invited"})


@page("POST", MEMBER + "/role", who=OWNER)
def change_role(visit: Visit) -> Answer:
    changes = forms.read(StaffChanges, {"role": visit.typed.get("role", "")})
    staff.change_role(visit.org, visit["user"], changes.role)
    return Redirect(f"/o/{visit.org}/staff", {"done": "role-changed"})


@page("GET", MEMBER + "/remove", who=OWNER)
def ask_remove(visit: Visit) -> Answer:
    member = _member(visit)
    invited = member.status == "invited"
    return asking.ask(
        visit,
        f"{'Withdraw the invitation of' if invited else 'Remove'} {member.name}?",
        [
            "The link in the e-mail stops working."
            if invited
            else "They lose access to this organisation at once. What they did stays in the history."
        ],
        verb="Withdraw" if invited else "Remove",
        stay="Keep them",
        back=f"/o/{visit.org}/staff",
        destroys=True,
    )


@page("POST", MEMBER + "/remove", who=OWNER)
def remove(visit: Visit) -> Answer:
    staff.remove(visit.org, visit["user"])
    return Redirect(f"/o/{visit.org}/staff", {"done": "staff-removed"})


def _draft(visit: Visit) -> StaffDraft:
    return forms.read(StaffDraft, {name: visit.typed.get(name, "") for name in ("email", "name", "role")})


def _member(visit: Visit) -> Member:
    found = next((member for member in staff.every(visit.org) if member.user == visit["user"]), None)
    if found is None:
        raise NotFound
    return found


def _page(visit: Visit, form: forms.Form, status: int = 200) -> Answer:
    return Html("staff_list.html", {"form": form, "staff": staff.every(visit.org), "key": form.key}, status)
