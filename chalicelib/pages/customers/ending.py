"""A customer becomes one with another, or is erased: both say first what will happen."""

from chalicelib.operations import customers, erasing
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.customers.profile import CUSTOMER
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

SUGGESTED = 8


@page("GET", CUSTOMER + "/merge", who=Staff("manager"))
def ask_merge(visit: Visit) -> Answer:
    return _merging(visit, forms.blank(), into=visit.call.query.get("into", ""))


@page("POST", CUSTOMER + "/merge", who=Staff("manager"))
def merge(visit: Visit) -> Answer:
    into = visit.typed.get("into", "")
    try:
        survivor = customers.merge_customers(visit.org, visit["customer"], into=into, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _merging(visit, forms.refused(visit.typed, refusal), into=into)
    return Redirect(f"/o/{visit.org}/customers/{survivor.id}", {"done": "merged"})


@page("GET", CUSTOMER + "/erase", who=Staff("manager"))
def ask_erase(visit: Visit) -> Answer:
    meant = erasing.consequences(visit.org, visit["customer"], now=visit.call.now)
    return asking.ask(
        visit,
        f"Erase {meant.customer.name}?",
        _consequences(meant),
        verb="Erase for good",
        stay="Keep them",
        back=f"/o/{visit.org}/customers/{meant.customer.id}",
        destroys=True,
        template="customers/ask.html",
    )


@page("POST", CUSTOMER + "/erase", who=Staff("manager"))
def erase(visit: Visit) -> Answer:
    job = erasing.erase_customer(visit.org, visit["customer"], by=visit.by, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/jobs/{job}")


def _consequences(meant: erasing.Consequences) -> list[str]:
    said = ["Name, addresses, phone, participants, answers and notes are deleted everywhere, and every e-mail to them. This is for good."]
    if meant.coming:
        number = len(meant.coming)
        what = "1 coming registration keeps its spots" if number == 1 else f"{number} coming registrations keep their spots"
        said.append(f"{what} under “Erased customer”. Remove them from their rosters first if the spots should be free.")
    said.append("Invitations that wait for an answer are withdrawn, and their spots are free again.")
    if meant.invoiced:
        said.append("Invoices keep their numbers, amounts and dates, which bookkeeping needs, without the name.")
    if meant.customer.user:
        said.append("Their portal account is deleted, unless they use it with another organisation too.")
    return [*said, "If they asked for a copy of what you keep about them, download it before."]


def _merging(visit: Visit, form: forms.Form, *, into: str) -> Answer:
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
