"""Groups: the list with the number of customers in each, and one group with its customers."""

from chalicelib.operations import customers
from chalicelib.pages import confirm, forms
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.groups import GroupExists
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.refusals import Refusal
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

GROUPS = "/o/{org}/groups"
GROUP = GROUPS + "/{group}"
SHOWN, SUGGESTED = 100, 8


@page("GET", GROUPS, who=Staff("read"))
def list_groups(visit: Visit) -> PageResponse:
    return _list(visit, forms.blank())


@page("POST", GROUPS, who=Staff("manage_customers"))
def create_group(visit: Visit) -> PageResponse:
    try:
        group = customers.create_group(visit.org, _draft(visit), key=visit.key, now=visit.call.now)
    except Refusal as refusal:
        return _list(visit, _refused(visit, refusal))
    return Redirect(f"/o/{visit.org}/groups/{group.id}", {"done": "group-created"})


@page("GET", GROUP, who=Staff("read"))
def group(visit: Visit) -> PageResponse:
    return _group(visit, forms.blank())


@page("POST", GROUP, who=Staff("manage_customers"))
def rename_group(visit: Visit) -> PageResponse:
    try:
        customers.rename_group(visit.org, visit["group"], _draft(visit), expected=None)
    except forms.REFUSED as refusal:
        return _group(visit, _refused(visit, refusal))
    return Redirect(visit.path, {"done": "saved"})


@page("POST", GROUP + "/join", who=Staff("manage_customers"))
def join_group(visit: Visit) -> PageResponse:
    customers.add_to_group(visit.org, visit["group"], visit.typed.get("customer", ""))
    return Redirect(f"/o/{visit.org}/groups/{visit['group']}", {"done": "joined"})


@page("POST", GROUP + "/leave", who=Staff("manage_customers"))
def leave_group(visit: Visit) -> PageResponse:
    customers.remove_from_group(visit.org, visit["group"], visit.typed.get("customer", ""))
    return Redirect(f"/o/{visit.org}/groups/{visit['group']}", {"done": "left"})


@page("GET", GROUP + "/delete", who=Staff("manage_customers"))
def ask_delete_group(visit: Visit) -> PageResponse:
    found = customers.read_group(visit.org, visit["group"])
    return confirm.ask(
        visit,
        visit.gettext("Delete the group %(name)s?") % {"name": found.name},
        [visit.gettext("Its customers stay, and belong to it no more. Nobody is told.")],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Cancel"),
        back=f"/o/{visit.org}/groups/{found.id}",
        destroys=True,
        template="customers/ask.html",
    )


@page("POST", GROUP + "/delete", who=Staff("manage_customers"))
def delete_group(visit: Visit) -> PageResponse:
    customers.delete_group(visit.org, visit["group"], by=visit.by, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/groups", {"done": "group-deleted"})


def _draft(visit: Visit) -> GroupInput:
    return forms.read(GroupInput, {"name": visit.typed.get("name", "").strip()})


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    form = forms.refused(visit.typed, refusal)
    return forms.Form(form.values, {"name": refusal.filled}, refusal, form.key) if isinstance(refusal, GroupExists) else form


def _list(visit: Visit, form: forms.Form) -> PageResponse:
    data = {"groups": customers.list_groups(visit.org), "counts": customers.count_customers(visit.org), "form": form}
    return Html("customers/groups.html", data, status_of(form.refusal) if form.refusal else 200)


def _group(visit: Visit, form: forms.Form) -> PageResponse:
    found = customers.read_group(visit.org, visit["group"])
    list_page = ListPage.of(visit, "q")
    members = customers.list_customers(visit.org, group=found.id, limit=SHOWN, start=list_page.start)
    q = list_page.filter["q"]
    others = customers.list_customers(visit.org, q=q, limit=SUGGESTED).items if q else []
    data = {
        "group": found,
        "members": members.items,
        "pager": list_page.links(members.next),
        "q": q,
        "found": [one for one in others if found.id not in one.groups],
        "form": form if form.refusal else forms.blank({"name": found.name}),
    }
    return Html("customers/group.html", data, status_of(form.refusal) if form.refusal else 200)
