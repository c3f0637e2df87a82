"""Groups: the list with how many belong to each, and one with its customers."""

from chalicelib.operations import customers
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.groups import GroupDraft
from chalicelib.rules.groups import GroupExists
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

GROUPS = "/o/{org}/groups"
GROUP = GROUPS + "/{group}"
SHOWN, SUGGESTED = 100, 8


@page("GET", GROUPS, who=Staff("viewer"))
def list_groups(visit: Visit) -> Answer:
    return _list(visit, forms.blank())


@page("POST", GROUPS, who=Staff("manager"))
def create_group(visit: Visit) -> Answer:
    try:
        group = customers.create_group(visit.org, _draft(visit), key=visit.key, now=visit.call.now)
    except Refusal as refusal:
        return _list(visit, _refused(visit, refusal))
    return Redirect(f"/o/{visit.org}/groups/{group.id}", {"done": "group-created"})


@page("GET", GROUP, who=Staff("viewer"))
def group(visit: Visit) -> Answer:
    return _group(visit, forms.blank())


@page("POST", GROUP, who=Staff("manager"))
def rename_group(visit: Visit) -> Answer:
    try:
        customers.rename_group(visit.org, visit["group"], _draft(visit), expected=None)
    except NotFound:
        raise
    except Refusal as refusal:
        return _group(visit, _refused(visit, refusal))
    return Redirect(visit.path, {"done": "saved"})


@page("POST", GROUP + "/join", who=Staff("manager"))
def join_group(visit: Visit) -> Answer:
    customers.join(visit.org, visit["group"], visit.typed.get("customer", ""))
    return Redirect(f"/o/{visit.org}/groups/{visit['group']}", {"done": "joined"})


@page("POST", GROUP + "/leave", who=Staff("manager"))
def leave_group(visit: Visit) -> Answer:
    customers.leave(visit.org, visit["group"], visit.typed.get("customer", ""))
    return Redirect(f"/o/{visit.org}/groups/{visit['group']}", {"done": "left"})


@page("GET", GROUP + "/delete", who=Staff("manager"))
def ask_delete_group(visit: Visit) -> Answer:
    found = customers.read_group(visit.org, visit["group"])
    return asking.ask(
        visit,
        f"Delete the group {found.name}?",
        ["Its customers stay, and belong to it no more. Nobody is told."],
        verb="Delete",
        stay="Keep it",
        back=f"/o/{visit.org}/groups/{found.id}",
        destroys=True,
        template="customers/ask.html",
    )


@page("POST", GROUP + "/delete", who=Staff("manager"))
def delete_group(visit: Visit) -> Answer:
    customers.delete_group(visit.org, visit["group"], by=visit.by, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/groups", {"done": "group-deleted"})


def _draft(visit: Visit) -> GroupDraft:
    return forms.read(GroupDraft, {"name": visit.typed.get("name", "").strip()})


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    form = forms.refused(visit.typed, refusal)
    return forms.Form(form.values, {"name": refusal.sentence}, refusal, form.key) if isinstance(refusal, GroupExists) else form


def _list(visit: Visit, form: forms.Form) -> Answer:
    data = {"groups": customers.list_groups(visit.org), "counts": customers.count_members(visit.org), "form": form}
    return Html("customers/groups.html", data, status_of(form.refusal) if form.refusal else 200)


def _group(visit: Visit, form: forms.Form) -> Answer:
    found = customers.read_group(visit.org, visit["group"])
    members = customers.list_customers(visit.org, group=found.id, limit=SHOWN)
    q = visit.call.query.get("q", "").strip()
    others = customers.list_customers(visit.org, q=q, limit=SUGGESTED).items if q else []
    data = {
        "group": found,
        "members": members.items,
        "more": members.next is not None,
        "q": q,
        "found": [one for one in others if found.id not in one.groups],
        "form": form if form.refusal else forms.blank({"name": found.name}),
    }
    return Html("customers/group.html", data, status_of(form.refusal) if form.refusal else 200)
