"""Merging and erasing a customer. Each page previews the consequences."""

from chalicelib.operations import customers, erasure
from chalicelib.pages import confirm, forms
from chalicelib.pages.customers.profile import CUSTOMER
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

SUGGESTED = 8


@page("GET", CUSTOMER + "/merge", who=Staff("manage_customers"))
def ask_merge(visit: Visit) -> PageResponse:
    return _merging(visit, forms.blank(), into=visit.call.query.get("into", ""))


@page("POST", CUSTOMER + "/merge", who=Staff("manage_customers"))
def merge(visit: Visit) -> PageResponse:
    into = visit.typed.get("into", "")
    try:
        survivor = customers.merge_customers(visit.org, visit["customer"], into=into, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _merging(visit, forms.refused(visit.typed, refusal), into=into)
    return Redirect(f"/o/{visit.org}/customers/{survivor.id}", {"done": "merged"})


@page("GET", CUSTOMER + "/erase", who=Staff("erase"))
def ask_erase(visit: Visit) -> PageResponse:
    meant = erasure.consequences(visit.org, visit["customer"], now=visit.call.now)
    return confirm.ask(
        visit,
        visit.gettext("Erase %(name)s?") % {"name": meant.customer.name},
        _consequences(visit, meant),
        verb=visit.gettext("Erase for good"),
        stay=visit.gettext("Cancel"),
        back=f"/o/{visit.org}/customers/{meant.customer.id}",
        destroys=True,
        template="customers/ask.html",
    )


@page("POST", CUSTOMER + "/erase", who=Staff("erase"))
def erase(visit: Visit) -> PageResponse:
    job = erasure.erase_customer(visit.org, visit["customer"], by=visit.by, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/jobs/{job}")


def _consequences(visit: Visit, meant: erasure.Consequences) -> list[str]:
    sentences = [visit.gettext("Name, addresses, phone, participants, answers, notes and e-mails are deleted everywhere, for good.")]
    if meant.coming:
        number = len(meant.coming)
        kept = visit.ngettext(
            "%(num)d upcoming registration keeps its spots as “Erased customer”. Remove it from its roster first to free them.",
            "%(num)d upcoming registrations keep their spots as “Erased customer”. Remove them from their rosters first to free them.",
            number,
        )
        sentences.append(kept % {"num": number})
    sentences.append(visit.gettext("Invitations that wait for an answer are withdrawn, and their spots are free again."))
    if meant.invoiced:
        sentences.append(visit.gettext("Invoices keep their numbers, amounts and dates, which bookkeeping needs, without the name."))
    if meant.customer.user:
        sentences.append(visit.gettext("Their portal account is deleted, unless they use it with another organisation too."))
    return [*sentences, visit.gettext("If they asked for a copy of what you keep about them, download it before.")]


def _merging(visit: Visit, form: forms.Form, *, into: str) -> PageResponse:
    merged = customers.read_customer(visit.org, visit["customer"]).customer
    q = visit.call.query.get("q", "").strip()
    found = customers.list_customers(visit.org, q=q, limit=SUGGESTED).items if q else []
    data = {
        "customer": merged,
        "survivor": customers.read_customer(visit.org, into).customer if into else None,
        "q": q,
        "found": [one for one in found if one.id != merged.id],
        "form": form,
    }
    return Html("customers/merge.html", data, status_of(form.refusal) if form.refusal else 200)
